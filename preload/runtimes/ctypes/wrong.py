from ctypes import CDLL, c_int, c_long

libc = CDLL("libc.so.6")
libc.labs.argtypes = [c_int]
libc.labs.restype = c_long
print(libc.labs(5))
