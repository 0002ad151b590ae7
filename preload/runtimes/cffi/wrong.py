from cffi import FFI

ffi = FFI()
ffi.cdef("long labs(int);")
print(ffi.dlopen("libc.so.6").labs(5))
