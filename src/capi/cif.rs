//! Prepares cifs from a declaration, and checks cifs of the caller.

use std::ffi::c_uint;

use libffi_sys::{
    ffi_abi, ffi_cif, ffi_prep_cif, ffi_prep_cif_var, ffi_status, ffi_status_FFI_BAD_ARGTYPE,
    ffi_status_FFI_BAD_TYPEDEF, ffi_type,
};

use super::decl::ftc_decl;
use super::guard::{caught, guard, invalid, place, required};
use super::report::{ftc_report, hand_out};
use super::status::{fail, ftc_status, remember};
use crate::check::{Judgement, Verdict};
use crate::error::{Error, ErrorKind, Result};

/// Prepares `cif` from the declaration. The caller gives no types. For a variadic function, the cif is for a call
/// without variadic arguments. `cif->arg_types` and `cif->rtype` belong to the declaration, which must not be freed
/// before the last use of the cif. `cif` is written on success only.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (libffi does not have this `abi`); FTC_ERR_UNSUPPORTED (`abi` is
/// not FFI_DEFAULT_ABI; libffi cannot pass a type of the declaration; the declaration is of a variable or a type, or
/// of a library for another machine; the last message says which and why).
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed; `cif` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_prep_cif(
    decl: *const ftc_decl,
    cif: *mut ffi_cif,
    abi: ffi_abi,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let decl = unsafe { required(decl, "decl") }?;
        let cif = place(cif, "cif")?;
        // SAFETY: `cif` is writable, as the caller promises.
        unsafe { decl.interface.prep_cif(cif, abi) }
    })
}

/// Prepares `cif` from the declaration of a variadic function, for one call. `ntotalargs` is the number of all
/// arguments, including the declared ones. `variadic_types` lists the types of the other arguments in order. The list
/// is copied. Its types and the declaration must not be freed before the last use of the cif. `cif` is written on
/// success only.
///
/// The declaration keeps the memory for the list until it is freed, once for each distinct list.
///
/// Errors: those of `ftc_decl_prep_cif`; FTC_ERR_INVALID_ARGUMENT also if there are fewer arguments than declared, if
/// there are more and the function is not variadic, and for types that C does not pass as variadic arguments
/// (`float`, or an integer narrower than `int`).
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed; `cif` is NULL or writable; `variadic_types` points to as many types
/// as there are variadic arguments.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_prep_cif_var(
    decl: *const ftc_decl,
    cif: *mut ffi_cif,
    abi: ffi_abi,
    ntotalargs: c_uint,
    variadic_types: *mut *mut ffi_type,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let decl = unsafe { required(decl, "decl") }?;
        let cif = place(cif, "cif")?;
        let declared = decl.interface.lowered()?.len();
        let variadic = (ntotalargs as usize).checked_sub(declared).ok_or_else(|| {
            let message = format!("{ntotalargs} arguments in all, but {declared} are declared");
            invalid(message)
        })?;
        let types = match variadic {
            0 => &[],
            // SAFETY: not NULL, and that many as the caller promises.
            _ => unsafe {
                std::slice::from_raw_parts(place(variadic_types, "variadic_types")?, variadic)
            },
        };
        // SAFETY: `cif` is writable and the types outlive it, as the caller promises.
        unsafe { decl.interface.prep_cif_var(cif, abi, types) }
    })
}

/// Compares the types with the declaration, then prepares the cif as `ffi_prep_cif` does. If the types do not fit
/// (FTC_MISMATCH), it returns FFI_BAD_ARGTYPE and does not write the cif. If `decl` is NULL, nothing is known, and
/// the verdict is FTC_UNVERIFIED. The verdict on types that were checked before is found in a table, without a lock.
///
/// If `report_out` is not NULL and a verdict was reached, `*report_out` is a report, also after a mismatch. The
/// caller frees it with `ftc_report_free`. The report of a match is a constant and needs no memory. After
/// FFI_BAD_ARGTYPE, the sentence of the first finding is also the thread's last error message. Any thread may call
/// this function.
///
/// Returns FFI_OK, FFI_BAD_ARGTYPE (mismatch), FFI_BAD_TYPEDEF (`cif` or a type is NULL, or libffi returns it) or
/// FFI_BAD_ABI.
///
/// # Safety
/// As for `ffi_prep_cif`: `cif` is writable, `atypes` points to `nargs` types. `decl` is NULL or a declaration that
/// was not freed. `report_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ffi_prep_cif_checked(
    cif: *mut ffi_cif,
    abi: ffi_abi,
    nargs: c_uint,
    rtype: *mut ffi_type,
    atypes: *mut *mut ffi_type,
    decl: *const ftc_decl,
    report_out: *mut *const ftc_report,
) -> ffi_status {
    let call = CifCall { cif, abi, fixed: None, nargs, rtype, atypes };
    // SAFETY: as the caller promises.
    unsafe { checked(&call, decl, report_out, || ffi_prep_cif(cif, abi, nargs, rtype, atypes)) }
}

/// Compares the types with the declaration, then prepares the cif as `ffi_prep_cif_var` does. Otherwise the same as
/// `ffi_prep_cif_checked`.
///
/// # Safety
/// As `ffi_prep_cif_checked`.
#[no_mangle]
pub unsafe extern "C" fn ffi_prep_cif_var_checked(
    cif: *mut ffi_cif,
    abi: ffi_abi,
    nfixedargs: c_uint,
    ntotalargs: c_uint,
    rtype: *mut ffi_type,
    atypes: *mut *mut ffi_type,
    decl: *const ftc_decl,
    report_out: *mut *const ftc_report,
) -> ffi_status {
    let call = CifCall { cif, abi, fixed: Some(nfixedargs), nargs: ntotalargs, rtype, atypes };
    let prepare = || {
        // SAFETY: as the caller promises.
        unsafe { ffi_prep_cif_var(cif, abi, nfixedargs, ntotalargs, rtype, atypes) }
    };
    // SAFETY: as the caller promises.
    unsafe { checked(&call, decl, report_out, prepare) }
}

/// The arguments that the caller would pass to libffi.
struct CifCall {
    cif: *mut ffi_cif,
    abi: ffi_abi,
    fixed: Option<c_uint>,
    nargs: c_uint,
    rtype: *mut ffi_type,
    atypes: *mut *mut ffi_type,
}

/// # Safety
/// As `ffi_prep_cif_checked`.
unsafe fn checked(
    call: &CifCall,
    decl: *const ftc_decl,
    report_out: *mut *const ftc_report,
    prepare: impl FnOnce() -> ffi_status,
) -> ffi_status {
    // SAFETY: as the caller promises.
    let judgement = match caught(|| unsafe { judge(call, decl) }) {
        Ok(judgement) => judgement,
        Err(error) => {
            fail(&error);
            return ffi_status_FFI_BAD_TYPEDEF;
        }
    };
    let mismatch = judgement.verdict() == Verdict::Mismatch;
    if let (true, Some(finding)) = (mismatch, judgement.findings().first()) {
        remember(finding.sentence.as_str());
    }
    if !report_out.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { report_out.write(hand_out(judgement)) };
    }
    if mismatch {
        return ffi_status_FFI_BAD_ARGTYPE;
    }
    prepare()
}

/// # Safety
/// As `ffi_prep_cif_checked`.
unsafe fn judge(call: &CifCall, decl: *const ftc_decl) -> Result<Judgement> {
    let CifCall { cif, abi, fixed, nargs, rtype, atypes } = *call;
    place(cif, "cif")?;
    place(rtype, "rtype")?;
    if nargs > 0 {
        place(atypes, "atypes")?;
    }
    // SAFETY: as the caller promises.
    let Some(decl) = (unsafe { decl.as_ref() }) else {
        for index in 0..nargs as usize {
            // SAFETY: `atypes` is not NULL and has that many, as the caller promises.
            if unsafe { *atypes.add(index) }.is_null() {
                let message = format!("the type of argument {} is NULL", index + 1);
                return Err(Error::new(ErrorKind::Null, message));
            }
        }
        return Ok(Judgement::without_declaration());
    };
    // SAFETY: as the caller promises.
    unsafe { decl.interface.check_cif(abi, fixed, nargs, rtype, atypes) }
}
