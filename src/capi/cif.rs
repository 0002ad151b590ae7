//! A cif can be prepared from a declaration, or one of the caller's compared with it. `ffi_call` writes a
//! result that is an integer narrower than `ffi_arg` as a whole `ffi_arg`; the caller reads it so, and converts it.

use std::ffi::c_uint;

use libffi_sys::{
    ffi_abi, ffi_cif, ffi_prep_cif, ffi_prep_cif_var, ffi_status, ffi_status_FFI_BAD_ARGTYPE,
    ffi_status_FFI_BAD_TYPEDEF, ffi_type,
};

use super::decl::ftc_decl;
use super::guard::{caught, clear, elements, guard, invalid, place, pointer, required};
use super::report::{ftc_report, hand_out};
use super::status::{fail, ftc_status, remember};
use super::types::{ftc_type_id, ftc_types, table};
use super::view::View;
use crate::check::{Judgement, Verdict};
use crate::ctype::TypeId;
use crate::error::Result;

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

/// Prepares `cif` from the declaration of a variadic function, for one call. `variadic_types` lists the types of the
/// `nvariadic` arguments after the declared ones, in order. The list is copied. Its types and the declaration must not be freed before the last use of the cif. `cif` is written on
/// success only.
///
/// The declaration keeps the memory for the list until it is freed, once for each distinct list.
///
/// Errors: those of `ftc_decl_prep_cif`; FTC_ERR_INVALID_ARGUMENT also if the function is not variadic and the list is
/// not empty, and for types that C does not pass as variadic arguments (`float`, or an integer narrower than `int`).
///
/// # Safety
/// `decl` is NULL or a declaration that was not freed; `cif` is NULL or writable; `variadic_types` points to `nvariadic` types,
/// and may be NULL if there are none.
#[no_mangle]
pub unsafe extern "C" fn ftc_decl_prep_cif_var(
    decl: *const ftc_decl,
    cif: *mut ffi_cif,
    abi: ffi_abi,
    nvariadic: usize,
    variadic_types: *mut *mut ffi_type,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let decl = unsafe { required(decl, "decl") }?;
        let cif = place(cif, "cif")?;
        // SAFETY: as the caller promises.
        let types = unsafe { elements(variadic_types, nvariadic, "variadic_types") }?;
        // SAFETY: `cif` is writable and the types outlive it, as the caller promises.
        unsafe { decl.interface.prep_cif_var(cif, abi, types) }
    })
}

/// Returns the `ffi_type` with which a value of the type `id` is passed as an argument; for `void`, that of a result.
/// It belongs to the table, and must not be changed. Returns NULL on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_UNSUPPORTED (libffi cannot pass the type, or it is one of another machine; the last
/// message says why).
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_ffi(types: *const ftc_types, id: ftc_type_id) -> *mut ffi_type {
    let ffi = || {
        // SAFETY: as the caller promises.
        let (types, id) = (unsafe { table(types) }?, TypeId::from_index(id));
        Ok(View::of(types, id)?.value(types, id)?.as_ptr().cast_const())
    };
    pointer(ffi).cast_mut()
}

/// Prepares `cif` from a function type, or from a pointer to one, for a callback (`ffi_prep_closure_loc`) or for a call
/// through a pointer. For a variadic function, the cif is for a call without variadic arguments. The types that the
/// cif points to belong to the table. `cif` is written on success only.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (the type is not a function or a pointer to one; libffi does not have
/// this `abi`); FTC_ERR_UNSUPPORTED (`abi` is not FFI_DEFAULT_ABI; libffi cannot pass one of the types; the function
/// has no prototype, or is one of another machine; the last message says which and why).
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed, until the last use of the cif; `cif` is NULL or
/// writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_prep_cif(
    types: *const ftc_types,
    id: ftc_type_id,
    cif: *mut ffi_cif,
    abi: ffi_abi,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let (types, id) = (unsafe { table(types) }?, TypeId::from_index(id));
        let cif = place(cif, "cif")?;
        let function = View::of(types, id)?.function(types, id)?;
        // SAFETY: `cif` is writable, as the caller promises.
        unsafe { function.prep_cif(cif, abi) }
    })
}

/// Compares the types with the declaration, then prepares the cif as `ffi_prep_cif` does. If the types do not fit
/// (FTC_MISMATCH), it returns FFI_BAD_ARGTYPE and does not write the cif. If `decl` is NULL, nothing is known, and
/// the verdict is FTC_UNVERIFIED. The verdict on types that were checked before is found in a table, without a lock.
///
/// If `report_out` is not NULL and a verdict was reached, `*report_out` is a report, also after a mismatch. The
/// caller frees it with `ftc_report_free`. If no verdict was reached, it is NULL. The report of a match is a constant and needs no memory. After
/// FFI_BAD_ARGTYPE, the sentence of the first finding is also the thread's last error
/// message, and FTC_ERR_INVALID_ARGUMENT its last status. Any thread may call
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
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { clear(report_out) };
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
        remember(ftc_status::FTC_ERR_INVALID_ARGUMENT, finding.sentence.as_str());
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
                return Err(invalid(format!("the type of argument {} is NULL", index + 1)));
            }
        }
        return Ok(Judgement::without_declaration());
    };
    // SAFETY: as the caller promises.
    unsafe { decl.interface.check_cif(abi, fixed, nargs, rtype, atypes) }
}
