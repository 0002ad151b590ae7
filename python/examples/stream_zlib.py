"""Packs a text with a stream of zlib, and unpacks it.

    python -m ffitypecheck bindings libz.so.1 -o zlib_binding.py
"""

from ctypes import byref, c_ubyte, sizeof

import zlib_binding as zlib

FINISH, STREAM_END = 4, 1
text = b"To be, or not to be, that is the question. " * 100


def run(function, stream, data, room):
    source, target = (c_ubyte * len(data)).from_buffer_copy(data), (c_ubyte * room)()
    stream.next_in, stream.avail_in = source, len(data)
    stream.next_out, stream.avail_out = target, room
    assert function(byref(stream), FINISH) == STREAM_END
    return bytes(target)[:stream.total_out]


packer, unpacker = zlib.z_stream(), zlib.z_stream()
assert zlib.deflateInit_(byref(packer), 9, zlib.zlibVersion(), sizeof(packer)) == 0
packed = run(zlib.deflate, packer, text, zlib.compressBound(len(text)))
assert zlib.inflateInit_(byref(unpacker), zlib.zlibVersion(), sizeof(unpacker)) == 0
assert run(zlib.inflate, unpacker, packed, len(text)) == text
assert zlib.deflateEnd(byref(packer)) == 0 and zlib.inflateEnd(byref(unpacker)) == 0
print("%d bytes, packed %d, crc %08x" % (len(text), len(packed), zlib.crc32(0, (c_ubyte * len(text))(*text), len(text))))
