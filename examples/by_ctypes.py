"""by_ctypes.py LIBRARY SYMBOL: prints the declaration of a function, and the size of each parameter's type."""
import sys
from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_uint32, c_uint64, c_void_p


class Type(Structure):
    _fields_ = [(name, c_uint32) for name in "kind flags encoding bits pointer qualifier target resolved".split()] + \
        [("size", c_uint64), ("align", c_uint64), ("name", c_char_p), ("reason", c_char_p),
         ("dimensions", POINTER(c_uint64)), ("count", c_uint32), ("reserved", c_uint32)]


class Parameter(Structure):
    _fields_ = [("name", c_char_p), ("type_id", c_uint32), ("flags", c_uint32)]


ftc = CDLL("libffitypecheck.so.0")
for name, result, *arguments in [
        ("ffi_describe_symbol", c_int, c_void_p, c_char_p, POINTER(c_void_p)), ("ftc_last_error_message", c_char_p),
        ("ftc_decl_spelling", c_char_p, c_void_p), ("ftc_decl_types", c_void_p, c_void_p),
        ("ftc_decl_type", c_uint32, c_void_p), ("ftc_type_get", POINTER(Type), c_void_p, c_uint32),
        ("ftc_type_spelling", c_char_p, c_void_p, c_uint32), ("ftc_decl_free", None, c_void_p),
        ("ftc_type_parameter", POINTER(Parameter), c_void_p, c_uint32, c_uint32)]:
    getattr(ftc, name).restype, getattr(ftc, name).argtypes = result, arguments

decl = c_void_p()
if ftc.ffi_describe_symbol(CDLL(sys.argv[1])._handle, sys.argv[2].encode(), byref(decl)) != 0:
    sys.exit(ftc.ftc_last_error_message().decode())
types, function = ftc.ftc_decl_types(decl), ftc.ftc_decl_type(decl)
print(ftc.ftc_decl_spelling(decl).decode())
for index in range(ftc.ftc_type_get(types, function)[0].count):
    parameter = ftc.ftc_type_parameter(types, function, index)[0]
    size = ftc.ftc_type_get(types, parameter.type_id)[0].size
    print(f"{index}: {ftc.ftc_type_spelling(types, parameter.type_id).decode()}, {size} bytes")
ftc.ftc_decl_free(decl)
