"""use_png.py MODULE: a generated binding of libpng; a picture is written to memory and read back."""

import ctypes
import importlib
import sys

png = importlib.import_module(sys.argv[1])
print(png.png_access_version_number() // 100)
image = png.png_image() if hasattr(png, "png_image") else png.struct_png_image()
image.version, image.width, image.height, image.format = 1, 5, 4, 2
pixels = (ctypes.c_ubyte * 60)(*range(60))
size = ctypes.c_size_t(0)
print(png.png_image_write_to_memory(ctypes.byref(image), None, ctypes.byref(size), 0, pixels, 0, None), size.value)
memory = (ctypes.c_ubyte * size.value)()
print(png.png_image_write_to_memory(ctypes.byref(image), memory, ctypes.byref(size), 0, pixels, 0, None))
read = type(image)()
read.version = 1
print(png.png_image_begin_read_from_memory(ctypes.byref(read), memory, size.value), read.width, read.height, read.format)
back = (ctypes.c_ubyte * 60)()
print(png.png_image_finish_read(ctypes.byref(read), None, back, 0, None), bytes(back) == bytes(pixels))
print(png.png_sig_cmp(memory, 0, 8))
state = png.png_create_read_struct(b"1.6.39", None, png.png_error_ptr(), png.png_error_ptr())
info = png.png_create_info_struct(state)
png.png_set_sig_bytes(state, 0)
print(png.png_get_user_width_max(state), png.png_get_valid(state, info, 1), png.png_get_rowbytes(state, info))
png.png_set_user_limits(state, 100, 100)
print(png.png_get_user_width_max(state))
moment = png.struct_png_time_struct()
png.png_convert_from_time_t(ctypes.byref(moment), 86400 * 365)
print(moment.year, moment.month, moment.day)
