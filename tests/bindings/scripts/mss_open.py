"""Has mss declare what it uses of Xlib."""

import mss

with mss.mss():
    pass
