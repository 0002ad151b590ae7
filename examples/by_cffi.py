"""by_cffi.py HEADER LIBRARY: prints the declarations of a library's exports. cffi takes the header as it is."""
import subprocess
import sys

import cffi

ffi = cffi.FFI()
ffi.cdef(subprocess.check_output(["cpp", "-P", "-std=c99", "-D__attribute__(x)=", sys.argv[1]], text=True))
ftc = ffi.dlopen("libffitypecheck.so.0")
library, decl = ffi.new("ftc_library **"), ffi.new("const ftc_decl **")
if ftc.ftc_library_open(sys.argv[2].encode(), library) != ftc.FTC_OK:
    sys.exit(ffi.string(ftc.ftc_last_error_message()).decode())
for index in range(ftc.ftc_library_export_count(library[0])):
    export = ftc.ftc_library_export(library[0], index)
    if ftc.ftc_library_describe(library[0], export.name, decl) == ftc.FTC_OK:
        print(ffi.string(ftc.ftc_decl_spelling(decl[0])).decode())
    ftc.ftc_decl_free(decl[0])
ftc.ftc_library_free(library[0])
