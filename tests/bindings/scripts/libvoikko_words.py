"""Has libvoikko declare the functions of its library."""

import libvoikko

library = libvoikko.VoikkoLibrary.open()
