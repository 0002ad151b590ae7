from ctypes import CDLL, CFUNCTYPE, POINTER, c_double, c_int, c_long, c_size_t, c_void_p

libc = CDLL("libc.so.6")
libc.labs.argtypes = [c_long]
libc.labs.restype = c_long
compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
libc.qsort.argtypes = [c_void_p, c_size_t, c_size_t, compare]
libc.qsort.restype = None
numbers = (c_int * 3)(3, 1, 2)
libc.qsort(numbers, 3, 4, compare(lambda a, b: a[0] - b[0]))
libc.printf(b"%ld %d %g\n", c_long(libc.labs(-5)), numbers[0], c_double(0.5))
libc.fflush(None)
