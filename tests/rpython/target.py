"""A program in RPython that calls library.c through rpython.rlib.clibffi, with right and wrong types, and prints what comes of it."""

import os

from rpython.rlib import ffitypecheck
from rpython.rlib.clibffi import (
    CDLL,
    CallbackFuncPtr,
    FFITypeMismatch,
    cast_type_to_ffitype,
    ffi_type_double,
    ffi_type_pointer,
    ffi_type_sint,
    make_struct_ffitype_e,
)
from rpython.rtyper.lltypesystem import lltype, rffi

SLONG = cast_type_to_ffitype(rffi.LONG)


def say(text):
    os.write(1, text + "\n")


def call(lib, restype, argtype, what):
    """A FuncPtr: it is made with any types, and refused when it is called."""
    twice = lib.getpointer("twice", [argtype], restype)
    twice.push_arg(21)
    try:
        say("%s: %d" % (what, twice.call(lltype.Signed)))
    except FFITypeMismatch as error:
        say("%s: %s" % (what, error.message))


def call_with_record(lib, second, what):
    """A RawFuncPtr, and a record by value."""
    record = make_struct_ffitype_e(16, 8, [ffi_type_double, second])
    function = lib.getrawpointer("sum", [record.ffistruct], ffi_type_double)
    pair = lltype.malloc(rffi.VOIDP.TO, 16, flavor="raw")
    rffi.cast(rffi.DOUBLEP, pair)[0] = 40.0
    rffi.cast(rffi.DOUBLEP, pair)[1] = 2.0
    result = lltype.malloc(rffi.VOIDP.TO, 8, flavor="raw")
    try:
        function.call([pair], result)
        say("%s: %d" % (what, int(rffi.cast(rffi.DOUBLEP, result)[0])))
    except FFITypeMismatch as error:
        say("%s: %s" % (what, error.message))
    lltype.free(result, flavor="raw")
    lltype.free(pair, flavor="raw")
    lltype.free(record, flavor="raw")


def one_more(ll_args, ll_result, ll_userdata):
    """The callback: it returns its first argument and 1, as a long."""
    value = rffi.cast(lltype.Signed, rffi.cast(rffi.INTP, ll_args[0])[0])
    rffi.cast(rffi.LONGP, ll_result)[0] = value + 1


def call_with_callback(lib, second, what):
    apply = lib.getpointer("apply", [ffi_type_pointer, ffi_type_sint], SLONG)
    callback = CallbackFuncPtr([ffi_type_sint, second], SLONG, one_more)
    try:
        apply.refuse_callback(0, callback)
        apply.push_arg(rffi.cast(rffi.VOIDP, callback.ll_closure))
        apply.push_arg(41)
        say("%s: %d" % (what, apply.call(lltype.Signed)))
    except FFITypeMismatch as error:
        say("%s: %s" % (what, error.message))


def call_variadic(lib, argtype, what):
    """clibffi prepares it as a call that is not variadic, which is the same on x86-64."""
    function = lib.getpointer("apply_all", [ffi_type_pointer, ffi_type_sint, ffi_type_sint], SLONG)
    callback = CallbackFuncPtr([argtype], SLONG, one_more)
    try:
        function.refuse_callback(0, callback)
        function.push_arg(rffi.cast(rffi.VOIDP, callback.ll_closure))
        function.push_arg(1)
        function.push_arg(41)
        say("%s: %d" % (what, function.call(lltype.Signed)))
    except FFITypeMismatch as error:
        say("%s: %s" % (what, error.message))


def read(lib, ffitype, what):
    try:
        address = lib.getvariable("answer", ffitype)
        say("%s: %d" % (what, rffi.cast(lltype.Signed, rffi.cast(rffi.INTP, address)[0])))
    except FFITypeMismatch as error:
        say("%s: %s" % (what, error.message))


def all_of_them(lib):
    call(lib, ffi_type_sint, ffi_type_sint, "right")
    call(lib, ffi_type_sint, SLONG, "wider argument")
    call(lib, SLONG, ffi_type_sint, "wrong result")
    call_with_record(lib, ffi_type_double, "right record")
    call_with_callback(lib, ffi_type_double, "right callback")
    call_variadic(lib, ffi_type_sint, "right callback of a variadic function")
    read(lib, ffi_type_sint, "right variable")
    read(lib, SLONG, "wrong variable")


def main(argv):
    lib = CDLL(argv[1])
    say("not enabled")
    all_of_them(lib)
    ffitypecheck.enable(True)
    say("enabled")
    all_of_them(lib)
    if argv[2] == "checked":
        # If they were not refused, these calls would read undefined values.
        call_with_record(lib, SLONG, "wrong record")
        call_with_callback(lib, ffi_type_sint, "wrong callback")
        call_variadic(lib, ffi_type_double, "wrong callback of a variadic function")
    return 0


def target(driver, arguments):
    return main, None
