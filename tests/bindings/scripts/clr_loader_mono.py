"""Has clr-loader open Mono with the declarations that it has of it."""

import ctypes.util

from clr_loader import ffi

mono = ffi.load_mono(ctypes.util.find_library("monosgen-2.0"))
