"""Lists the files of an archive.

    python -m ffitypecheck bindings libarchive.so.13 -o archive_binding.py
"""

import sys
from ctypes import byref

import archive_binding as archive

OK, EOF = 0, 1

reader = archive.archive_read_new()
archive.archive_read_support_filter_all(reader)
archive.archive_read_support_format_all(reader)
if archive.archive_read_open_filename(reader, sys.argv[1].encode(), 10240) != OK:
    sys.exit(archive.archive_error_string(reader).decode())
entry = archive.POINTER(archive.struct_archive_entry)()
while archive.archive_read_next_header(reader, byref(entry)) == OK:
    name = archive.archive_entry_pathname(entry).decode()
    print("%6d %s" % (archive.archive_entry_size(entry), name))
    archive.archive_read_data_skip(reader)
print(archive.archive_format_name(reader).decode())
assert archive.archive_read_free(reader) == OK
