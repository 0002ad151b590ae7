"""libffitypecheck: types of calls, callbacks and variables, compared with the C declarations in a library's debug information.

The functions return None if nothing is wrong or nothing is known, otherwise one sentence about the first mismatch. They are slow,
microseconds to milliseconds, so they are called when a function pointer is made, not when it is called. If pkg-config does not
know ffitypecheck, or the check is not enabled, they return None."""

from rpython.rlib import jit
from rpython.rlib.clibffi import (FFI_CIFP, FFI_DEFAULT_ABI, FFI_TYPE_P,
                                  FFI_TYPE_PP)
from rpython.rlib.rarithmetic import intmask
from rpython.rtyper.lltypesystem import lltype, rffi
from rpython.rtyper.tool import rffi_platform
from rpython.translator.tool.cbuild import ExternalCompilationInfo

try:
    eci = ExternalCompilationInfo(includes=['ffitypecheck.h']).merge(
        ExternalCompilationInfo.from_pkg_config('ffitypecheck'))
except ImportError:
    eci = None


class State(object):
    _immutable_fields_ = ['enabled?']
    enabled = False

state = State()

def enable(flag):
    """Whether types are compared from now on. They are not at the start."""
    state.enabled = flag


if eci is not None:
    class CConfig:
        _compilation_info_ = eci

        FTC_MISMATCH = rffi_platform.ConstantInteger('FTC_MISMATCH')
        finding = rffi_platform.Struct('ftc_finding',
                                       [('verdict', rffi.INT),
                                        ('argument', rffi.UINT),
                                        ('sentence', rffi.CCHARP)])

    config = rffi_platform.configure(CConfig)
    FTC_MISMATCH = config['FTC_MISMATCH']
    FINDING_P = lltype.Ptr(config['finding'])

    # ftc_type_id, and the other types of the header, which are all pointers.
    TYPE_ID = rffi.UINT
    TYPE_IDS = rffi.CArrayPtr(TYPE_ID)
    HANDLE = rffi.VOIDP

    def external(name, args, result):
        return rffi.llexternal(name, args, result, compilation_info=eci)

    c_describe_symbol = external(
        'ffi_describe_symbol', [rffi.VOIDP, rffi.CCHARP, rffi.VOIDP], rffi.INT)
    c_describe_address = external(
        'ftc_describe_address', [rffi.VOIDP, rffi.VOIDP], rffi.INT)
    c_decl_free = external('ftc_decl_free', [HANDLE], lltype.Void)
    c_prep_cif_checked = external(
        'ffi_prep_cif_checked',
        [FFI_CIFP, rffi.INT, rffi.UINT, FFI_TYPE_P, FFI_TYPE_PP, HANDLE,
         rffi.VOIDP], rffi.INT)
    c_prep_cif_var_checked = external(
        'ffi_prep_cif_var_checked',
        [FFI_CIFP, rffi.INT, rffi.UINT, rffi.UINT, FFI_TYPE_P, FFI_TYPE_PP,
         HANDLE, rffi.VOIDP], rffi.INT)
    c_claim_new = external('ftc_claim_new', [], HANDLE)
    c_claim_free = external('ftc_claim_free', [HANDLE], lltype.Void)
    c_claim_types = external('ftc_claim_types', [HANDLE], HANDLE)
    c_claim_any = external('ftc_claim_any', [HANDLE], TYPE_ID)
    c_claim_ffi_type = external(
        'ftc_claim_ffi_type', [HANDLE, FFI_TYPE_P], TYPE_ID)
    c_claim_pointer = external('ftc_claim_pointer', [HANDLE, TYPE_ID], TYPE_ID)
    c_claim_function = external(
        'ftc_claim_function',
        [HANDLE, TYPE_ID, rffi.SIZE_T, TYPE_IDS, rffi.UINT], TYPE_ID)
    c_check_decl = external(
        'ftc_check_decl', [HANDLE, HANDLE, TYPE_ID, rffi.VOIDP, rffi.VOIDP],
        rffi.INT)
    c_report_free = external('ftc_report_free', [HANDLE], lltype.Void)
    c_report_count = external('ftc_report_count', [HANDLE], rffi.SIZE_T)
    c_report_finding = external(
        'ftc_report_finding', [HANDLE, rffi.SIZE_T], FINDING_P)

    NOTHING = lltype.nullptr(rffi.VOIDP.TO)

    def describe(lib, name, address):
        """The declaration of the symbol of an open library, or without one of
        the function at the address. NULL if there is none."""
        with lltype.scoped_alloc(rffi.VOIDPP.TO, 1) as out:
            out[0] = NOTHING
            if lib:
                with rffi.scoped_str2charp(name) as ll_name:
                    c_describe_symbol(rffi.cast(rffi.VOIDP, lib), ll_name,
                                      rffi.cast(rffi.VOIDP, out))
            else:
                c_describe_address(rffi.cast(rffi.VOIDP, address),
                                   rffi.cast(rffi.VOIDP, out))
            return out[0]

    def message_of(report, argument):
        """The first mismatch, of this argument from 1 if it is not 0. Frees
        the report. Its findings are sorted, the gravest first."""
        message = None
        number = intmask(c_report_count(report))
        i = 0
        while i < number and message is None:
            finding = c_report_finding(report, rffi.cast(rffi.SIZE_T, i))
            i += 1
            if intmask(finding.c_verdict) != FTC_MISMATCH:
                break
            if argument == 0 or intmask(finding.c_argument) == argument:
                message = rffi.charp2str(finding.c_sentence)
        c_report_free(report)
        return message

    def check_cif(decl, argtypes, restype, variadic_args):
        number = len(argtypes)
        abi = rffi.cast(rffi.INT, FFI_DEFAULT_ABI)
        total = rffi.cast(rffi.UINT, number)
        types = lltype.malloc(FFI_TYPE_PP.TO, number, flavor='raw')
        for i in range(number):
            types[i] = argtypes[i]
        with lltype.scoped_alloc(FFI_CIFP.TO) as cif:
            with lltype.scoped_alloc(rffi.VOIDPP.TO, 1) as out:
                out[0] = NOTHING
                ll_out = rffi.cast(rffi.VOIDP, out)
                if variadic_args > 0:
                    fixed = rffi.cast(rffi.UINT, number - variadic_args)
                    c_prep_cif_var_checked(cif, abi, fixed, total, restype,
                                           types, decl, ll_out)
                else:
                    c_prep_cif_checked(cif, abi, total, restype, types, decl,
                                       ll_out)
                report = out[0]
        lltype.free(types, flavor='raw')
        return message_of(report, 0)

    def claim_function(claim, argtypes, restype):
        number = len(argtypes)
        with lltype.scoped_alloc(TYPE_IDS.TO, number) as ids:
            for i in range(number):
                ids[i] = rffi.cast(TYPE_ID,
                                   c_claim_ffi_type(claim, argtypes[i]))
            return c_claim_function(claim, c_claim_ffi_type(claim, restype),
                                    rffi.cast(rffi.SIZE_T, number), ids,
                                    rffi.cast(rffi.UINT, 0))

    def claim_with_callback(claim, argument, number, callback):
        """A function of which only the one argument is known."""
        with lltype.scoped_alloc(TYPE_IDS.TO, number) as ids:
            for i in range(number):
                if i == argument:
                    claimed = c_claim_pointer(claim, callback)
                else:
                    claimed = c_claim_any(claim)
                ids[i] = rffi.cast(TYPE_ID, claimed)
            return c_claim_function(claim, c_claim_any(claim),
                                    rffi.cast(rffi.SIZE_T, number), ids,
                                    rffi.cast(rffi.UINT, 0))

    def check_claim(decl, claim, claimed, argument):
        with lltype.scoped_alloc(rffi.VOIDPP.TO, 1) as out:
            out[0] = NOTHING
            c_check_decl(decl, c_claim_types(claim), claimed, NOTHING,
                         rffi.cast(rffi.VOIDP, out))
            report = out[0]
        return message_of(report, argument)


@jit.dont_look_inside
def mismatch_of_call(lib, name, address, argtypes, restype, variadic_args=0):
    """The types of a call. lib and name are what dlsym was given; if lib is NULL, the function is found by its address."""
    if eci is None or not state.enabled:
        return None
    decl = describe(lib, name, address)
    if not decl:
        return None
    message = check_cif(decl, argtypes, restype, variadic_args)
    c_decl_free(decl)
    return message

@jit.dont_look_inside
def mismatch_of_callback(lib, name, address, argument, number, argtypes,
                         restype):
    """The types of a callback that is passed as an argument, from 0, of a call with so many arguments."""
    if eci is None or not state.enabled:
        return None
    decl = describe(lib, name, address)
    if not decl:
        return None
    claim = c_claim_new()
    callback = claim_function(claim, argtypes, restype)
    claimed = claim_with_callback(claim, argument, number, callback)
    message = check_claim(decl, claim, claimed, argument + 1)
    c_claim_free(claim)
    c_decl_free(decl)
    return message

@jit.dont_look_inside
def mismatch_of_variable(lib, name, ffitype):
    """The type of a variable."""
    if eci is None or not state.enabled:
        return None
    decl = describe(lib, name, lltype.nullptr(rffi.VOIDP.TO))
    if not decl:
        return None
    claim = c_claim_new()
    message = check_claim(decl, claim, c_claim_ffi_type(claim, ffitype), 0)
    c_claim_free(claim)
    c_decl_free(decl)
    return message
