from cffi import FFI

ffi = FFI()
ffi.cdef("""
    long labs(long);
    void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
    int printf(const char *, ...);
    int fflush(void *);
""")
libc = ffi.dlopen("libc.so.6")
numbers = ffi.new("int[3]", [3, 1, 2])


@ffi.callback("int(const void *, const void *)")
def compare(a, b):
    return ffi.cast("int *", a)[0] - ffi.cast("int *", b)[0]


libc.qsort(numbers, 3, 4, compare)
libc.printf(b"%ld %d %g\n", ffi.cast("long", libc.labs(-5)), ffi.cast("int", numbers[0]), ffi.cast("double", 0.5))
libc.fflush(ffi.NULL)
