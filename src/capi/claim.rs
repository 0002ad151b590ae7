//! A claim is a table of types as the caller has them: built type by type, parsed from C text, or copied from another
//! table. It is compared with a declaration by `ftc_check_decl`.

use std::ffi::c_char;

use libffi_sys::ffi_type;

use super::guard::{caught, invalid, pointer, required, required_mut, required_text};
use super::status::fail;
use super::types::{ftc_type_id, ftc_types, table, FTC_NO_TYPE};
use crate::check::ClaimedTypes;
use crate::ctype::TypeId;
use crate::error::{Error, Result};
use crate::libffi::claimed_type;
use crate::parse::Scope;

/// A table of types as the caller has them. Opaque. `ftc_claim_new` makes it; `ftc_claim_free` frees it. While one
/// thread adds types to it, no other thread may use it. Otherwise any number of threads may use it at the same time.
///
/// The functions that add a type return its number, which is valid in this claim only. On failure they return
/// FTC_NO_TYPE and do not change the claim. A function that gets FTC_NO_TYPE for a type fails with the error of the
/// first call that returned it, so it is enough to look at the last number. Errors of all of them: FTC_ERR_NULL;
/// FTC_ERR_INVALID_ARGUMENT (for example a number that this claim never returned); FTC_ERR_LIMIT (more than 1,048,576
/// types, or that many members, parameters, constants and array dimensions together). Strings are copied.
pub struct ftc_claim {
    pub(super) claimed: ClaimedTypes,
    scope: Scope,
    /// The error of the first call that did not add a type.
    failure: Option<Error>,
}

impl ftc_claim {
    /// A type that the caller passes.
    pub(super) fn given(&self, id: ftc_type_id) -> Result<TypeId> {
        match &self.failure {
            Some(error) if id == FTC_NO_TYPE => Err(error.clone()),
            _ => Ok(TypeId::from_index(id)),
        }
    }
}

/// Adds a type and returns its number.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed and that no other thread uses.
pub(super) unsafe fn add(
    claim: *mut ftc_claim,
    build: impl FnOnce(&mut ftc_claim) -> Result<TypeId>,
) -> ftc_type_id {
    let add = || {
        // SAFETY: as the caller promises.
        let claim = unsafe { required_mut(claim, "claim") }?;
        build(claim).map(TypeId::index).inspect_err(|error| {
            claim.failure.get_or_insert_with(|| error.clone());
        })
    };
    caught(add).unwrap_or_else(|error| {
        fail(&error);
        FTC_NO_TYPE
    })
}

/// Makes a claim for this machine. It contains one type: `void`, which is 0. The caller frees it with
/// `ftc_claim_free`. Returns NULL on failure.
///
/// Errors: FTC_ERR_NO_MEMORY, FTC_ERR_FORKED.
#[no_mangle]
pub extern "C" fn ftc_claim_new() -> *mut ftc_claim {
    let new = || {
        let (claimed, scope) = (ClaimedTypes::new(), Scope::default());
        Ok(Box::into_raw(Box::new(ftc_claim { claimed, scope, failure: None })).cast_const())
    };
    pointer(new).cast_mut()
}

/// Frees a claim. Reports that were made from it stay valid. NULL is allowed and does nothing.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed and that no other thread uses.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_free(claim: *mut ftc_claim) {
    if !claim.is_null() {
        // SAFETY: it was made by Box::into_raw, and the caller gives it up.
        let owned = unsafe { Box::from_raw(claim) };
        let _ = caught(|| {
            drop(owned);
            Ok(())
        });
    }
}

/// Returns the table that contains the claim's types, for `ftc_type_get` and similar functions. It belongs to the
/// claim. Types that are added later appear in it too. Returns NULL for NULL.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_types(claim: *const ftc_claim) -> *const ftc_types {
    if claim.is_null() {
        return std::ptr::null();
    }
    // SAFETY: not NULL, so a claim, as the caller promises. No reference to the claim is made, because types may
    // still be added.
    unsafe { (&raw const (*claim).claimed.types).cast() }
}

/// Adds a type of which nothing is known, for a value that is converted when the call is made. A check gives
/// FTC_UNVERIFIED for it. It may also be a member, an element, or the target of a pointer.
///
/// Errors: see `ftc_claim`.
///
/// # Safety
/// As `ftc_claim_base`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_any(claim: *mut ftc_claim) -> ftc_type_id {
    // SAFETY: as the caller promises.
    unsafe { add(claim, |claim| claim.claimed.any()) }
}

/// Adds the type that an `ffi_type` describes. Scalars and complex numbers become base types. A pointer becomes a
/// pointer to `void`. A struct becomes a record of members without names, at the offsets where libffi puts its
/// elements. What an `ffi_type` does not describe has the kind FTC_TYPE_UNKNOWN. `ty` is read during the call only.
///
/// Errors: see `ftc_claim`.
///
/// # Safety
/// As `ftc_claim_base`; `ty` is NULL or an `ffi_type` as libffi takes it.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_ffi_type(
    claim: *mut ftc_claim,
    ty: *const ffi_type,
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        // SAFETY: as the caller promises.
        let ty = unsafe { required(ty, "ty") }?;
        // SAFETY: as the caller promises.
        unsafe { claimed_type(&mut claim.claimed, ty) }
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
}

/// Adds the types that a text in C declares, and returns the last one. The text is any number of declarations that end
/// in a semicolon, and may end in a type name or a declaration without one: `int (*)(const void *, const void *)`,
/// `struct point { int x, y; }; struct point *`, `size_t strlen(const char *s)`. Its tags, typedefs and enumeration
/// constants are known to later texts of the claim. Records have the layout of this machine's ABI. Names of
/// declarations and parameters have no effect. Preprocessor directives are not allowed.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a text that is not such C, with its line and column in the
/// last message.
///
/// # Safety
/// As `ftc_claim_base`; `text` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_parse(
    claim: *mut ftc_claim,
    text: *const c_char,
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        // SAFETY: NULL or a C string, as the caller promises.
        let text = unsafe { required_text(text, "text") }?.to_string_lossy();
        claim.scope.parse(&mut claim.claimed, &text)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
}

/// Adds a copy of the type `id` of another table, with everything that it refers to.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a type of another machine, and for a number that the other
/// table never returned.
///
/// # Safety
/// As `ftc_claim_base`; `types` is NULL or a table whose declaration or claim was not freed. It is not the table of
/// `claim`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_import(
    claim: *mut ftc_claim,
    types: *const ftc_types,
    id: ftc_type_id,
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        if std::ptr::eq(types, (&raw const claim.claimed.types).cast()) {
            return Err(invalid("the table is that of the claim itself"));
        }
        // SAFETY: as the caller promises.
        let types = unsafe { table(types) }?;
        let id = claim.given(id)?;
        if !types.contains(id) {
            return Err(invalid(format!("{} is no type of the table", id.index())));
        }
        claim.claimed.import(types, id)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
}
