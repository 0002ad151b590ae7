"""What kinds of data libmagic tells apart, through the python-magic package."""

import gzip
import sys
import zlib

import magic

print(magic.version())
samples = [b"%PDF-1.7", gzip.compress(b"x", mtime=0), b"#!/bin/sh\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0", b"text\n"]
for sample in samples:
    print(magic.from_buffer(sample), "|", magic.from_buffer(sample, mime=True))
looking = magic.Magic(mime=True, mime_encoding=True, uncompress=True)
print(looking.from_buffer(samples[1]), looking.from_file("/etc/passwd"))
looking.setparam(magic.MAGIC_PARAM_NAME_MAX, 40)
print(looking.getparam(magic.MAGIC_PARAM_NAME_MAX), looking.getparam(magic.MAGIC_PARAM_BYTES_MAX))
with open("/etc/passwd", "rb") as file:
    print(magic.from_descriptor(file.fileno()))
try:
    magic.from_file("/nowhere")
except OSError as error:
    print(type(error).__name__)
print(magic.Magic(keep_going=True).from_buffer(samples[2]))
