"""use_zlib.py MODULE: a generated binding of zlib, with streams, buffers and a file."""

import ctypes
import importlib
import os
import sys
import tempfile

z = importlib.import_module(sys.argv[1])


def text(value):
    return value if isinstance(value, bytes) else ctypes.string_at(value)


print(text(z.zlibVersion())[:2], z.zlibCompileFlags() != 0, text(z.zError(-3)))
data = (ctypes.c_ubyte * 4000)(*(b"some text " * 400))
size = z.uLong(z.compressBound(4000)) if hasattr(z, "uLong") else ctypes.c_ulong(z.compressBound(4000))
small = (ctypes.c_ubyte * size.value)()
print(z.compress2(small, ctypes.byref(size), data, 4000, 6), size.value)
back, length = (ctypes.c_ubyte * 4000)(), ctypes.c_ulong(4000)
print(z.uncompress(back, ctypes.byref(length), small, size.value), bytes(back) == bytes(data))
print(hex(z.crc32(0, data, 4000)), hex(z.adler32(1, data, 4000)), z.get_crc_table()[1])
stream = z.struct_z_stream_s()
print(z.deflateInit2_(ctypes.byref(stream), 6, 8, 31, 8, 0, b"1.2.13", ctypes.sizeof(stream)))
header = z.struct_gz_header_s()
header.os = 3
print(z.deflateSetHeader(ctypes.byref(stream), ctypes.byref(header)))
stream.next_in, stream.avail_in = ctypes.cast(data, type(stream.next_in)), 4000
stream.next_out, stream.avail_out = ctypes.cast(small, type(stream.next_out)), len(small)
print(z.deflate(ctypes.byref(stream), 4), stream.total_out, z.deflateEnd(ctypes.byref(stream)))
path = os.path.join(tempfile.mkdtemp(), "some.gz").encode()
file = z.gzopen(path, b"wb")
print(z.gzwrite(file, data, 4000), z.gzputs(file, b"end\n"), z.gzclose(file))
file = z.gzopen(path, b"rb")
print(z.gzread(file, back, 4000), bytes(back) == bytes(data), z.gztell(file), z.gzeof(file), z.gzclose(file))
