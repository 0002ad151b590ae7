//! Claims: the caller's own types.

use std::ffi::c_char;

use libffi_sys::ffi_type;

use super::guard::{
    caught, elements, guard, invalid, optional_name, place, required, required_mut,
};
use super::status::ftc_status;
use super::types::{
    encoding_from, ftc_type_id, ftc_types, FTC_SWAPPED, FTC_TYPE_STRUCT, FTC_TYPE_UNION,
    FTC_UNKNOWN_SIZE, FTC_UNPROTOTYPED, FTC_VARIADIC,
};
use crate::check::{ClaimedTypes, FunctionForm};
use crate::ctype::{BitField, Enumerator, RecordClass, TypeId};
use crate::error::Result;
use crate::libffi::claimed_type;

/// A table of types as the caller has them. Opaque. `ftc_claim_new` makes it; `ftc_claim_free` frees it. While one
/// thread adds types to it, no other thread may use it. Otherwise any number of threads may use it at the same time.
///
/// The functions that add a type write its number, which is valid in this claim only. On failure they do not change
/// the claim. Errors of all of them: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (for example a number that this claim
/// never returned); FTC_ERR_LIMIT (more than 1,048,576 types, or that many members, parameters, constants and array
/// dimensions together). Strings are copied.
pub struct ftc_claim {
    pub(super) claimed: ClaimedTypes,
}

/// Adds a type. Writes its number on success only.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed and that no other thread uses; `id_out` is NULL or writable.
unsafe fn add(
    claim: *mut ftc_claim,
    id_out: *mut ftc_type_id,
    build: impl FnOnce(&mut ClaimedTypes) -> Result<TypeId>,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let claim = unsafe { required_mut(claim, "claim") }?;
        let id_out = place(id_out, "id_out")?;
        let id = build(&mut claim.claimed)?;
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { id_out.write(id.index()) };
        Ok(())
    })
}

/// Makes a claim for this machine. It contains one type: `void`, which is 0. The caller frees it with
/// `ftc_claim_free`.
///
/// Errors: FTC_ERR_NULL.
///
/// # Safety
/// `claim_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_new(claim_out: *mut *mut ftc_claim) -> ftc_status {
    guard(|| {
        let claim_out = place(claim_out, "claim_out")?;
        let claim = Box::new(ftc_claim { claimed: ClaimedTypes::new() });
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { claim_out.write(Box::into_raw(claim)) };
        Ok(())
    })
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

/// Adds a base type. `encoding` is one of FTC_ENCODING_..., `size` is in bytes, `flags` is 0, or FTC_SWAPPED for the
/// byte order that is not this machine's. The type gets its name in C: `unsigned int`.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for an unknown encoding, for unknown flags, and for a size that
/// no such type has on this machine.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed and that no other thread uses; `id_out` is NULL or writable. So for all functions that
/// add a type.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_base(
    claim: *mut ftc_claim,
    encoding: u32,
    size: u64,
    flags: u32,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    let build = |claimed: &mut ClaimedTypes| {
        let encoding =
            encoding_from(encoding).ok_or_else(|| invalid(format!("{encoding} is no encoding")))?;
        if flags & !FTC_SWAPPED != 0 {
            return Err(invalid(format!("a base type has no flags {flags:#x}")));
        }
        claimed.base(encoding, size, flags == FTC_SWAPPED)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, build) }
}

/// Adds a pointer to `target`. The target may be any type: `void` (0), an incomplete record, a function.
///
/// Errors: see `ftc_claim`.
///
/// # Safety
/// As `ftc_claim_base`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_pointer(
    claim: *mut ftc_claim,
    target: ftc_type_id,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, |claimed| claimed.pointer(TypeId::from_index(target))) }
}

/// Adds an array of `count` elements, or of FTC_UNKNOWN_SIZE. An array of arrays has one dimension more.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for elements that cannot be in an array in C (`void`, functions,
/// incomplete records, arrays of unknown length), and for a size that is larger than the address space; FTC_ERR_LIMIT
/// for more than 64 dimensions.
///
/// # Safety
/// As `ftc_claim_base`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_array(
    claim: *mut ftc_claim,
    element: ftc_type_id,
    count: u64,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    let count = (count != FTC_UNKNOWN_SIZE).then_some(count);
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, |claimed| claimed.array(TypeId::from_index(element), count)) }
}

/// Adds a vector of `count` elements, as `__attribute__((vector_size))` does.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for elements that are not integers or floating-point numbers,
/// and for a size in bytes that is not a power of two.
///
/// # Safety
/// As `ftc_claim_base`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_vector(
    claim: *mut ftc_claim,
    element: ftc_type_id,
    count: u64,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, |claimed| claimed.vector(TypeId::from_index(element), count)) }
}

/// Adds a struct or union (`kind` is FTC_TYPE_STRUCT or FTC_TYPE_UNION) without members and size.
/// `ftc_claim_complete` completes it. A record that is never completed is opaque. `tag` may be NULL.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for another kind.
///
/// # Safety
/// As `ftc_claim_base`; `tag` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_record(
    claim: *mut ftc_claim,
    kind: u32,
    tag: *const c_char,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    let build = |claimed: &mut ClaimedTypes| {
        let class = match kind {
            FTC_TYPE_STRUCT => RecordClass::Struct,
            FTC_TYPE_UNION => RecordClass::Union,
            _ => return Err(invalid("the kind is not FTC_TYPE_STRUCT or FTC_TYPE_UNION")),
        };
        // SAFETY: NULL or a C string, as the caller promises.
        claimed.record(class, unsafe { optional_name(tag) })
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, build) }
}

/// Adds a member to a record that is not complete. `offset` is in bytes from the start of the record; in a union it
/// is 0. Members may be added in any order and may overlap. If `name` is NULL, the member is an anonymous struct or
/// union, or a member whose name is not claimed.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a record that is complete, for a type that cannot be a
/// member (`void`, a function, an incomplete record and therefore the record itself), for a second member with that
/// name, and for a member that ends after the address space.
///
/// # Safety
/// As `ftc_claim_base`; `name` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_member(
    claim: *mut ftc_claim,
    record: ftc_type_id,
    name: *const c_char,
    member_type: ftc_type_id,
    offset: u64,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let (claim, name) = unsafe { (required_mut(claim, "claim")?, optional_name(name)) };
        let (record, ty) = (TypeId::from_index(record), TypeId::from_index(member_type));
        claim.claimed.member(record, name, ty, offset)
    })
}

/// Adds a bit-field to a record that is not complete. `bit_offset` is the offset in bits from the start of the record
/// to the first bit. Bits of a byte are counted from the least significant bit on little-endian machines and from the
/// most significant bit on others. If the type is FTC_SWAPPED, it is the opposite. `bit_width` is in bits.
///
/// Errors: those of `ftc_claim_member`; FTC_ERR_INVALID_ARGUMENT also for a type that is not an integer or
/// enumeration, and for a width of 0 or more than the type has.
///
/// # Safety
/// As `ftc_claim_member`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_bit_field(
    claim: *mut ftc_claim,
    record: ftc_type_id,
    name: *const c_char,
    member_type: ftc_type_id,
    bit_offset: u64,
    bit_width: u64,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let (claim, name) = unsafe { (required_mut(claim, "claim")?, optional_name(name)) };
        let (record, ty) = (TypeId::from_index(record), TypeId::from_index(member_type));
        let bits = BitField { offset: bit_offset, width: bit_width };
        claim.claimed.bit_field(record, name, ty, bits)
    })
}

/// Completes a record. `size` and `align` are its `sizeof` and `_Alignof` in bytes; `align` 0 means the alignment
/// that its members need. The record keeps its number, and types that point to it stay valid.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a record that is already complete, for a member that ends
/// after `size`, for an alignment that is not a power of two, and for a size that is not a multiple of the alignment.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed and that no other thread uses.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_complete(
    claim: *mut ftc_claim,
    record: ftc_type_id,
    size: u64,
    align: u64,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let claim = unsafe { required_mut(claim, "claim") }?;
        let align = (align != 0).then_some(align);
        claim.claimed.complete(TypeId::from_index(record), size, align)
    })
}

/// Adds an enumeration with the integer type `underlying` and `count` constants, given by their names and values. For
/// an unsigned type of 8 bytes the values are read as `uint64_t`. There may be fewer constants than the library has.
/// `tag` may be NULL.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a type that is not an integer, for a value that does not fit
/// in it, and for two constants with the same name.
///
/// # Safety
/// As `ftc_claim_base`; `tag` is NULL or a C string; `names` and `values` have `count` elements, each name a C string or NULL.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_enumeration(
    claim: *mut ftc_claim,
    tag: *const c_char,
    underlying: ftc_type_id,
    count: usize,
    names: *const *const c_char,
    values: *const i64,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    let build = |claimed: &mut ClaimedTypes| {
        let underlying = TypeId::from_index(underlying);
        let wide = claimed.is_unsigned_long(underlying);
        claimed.room(1, count)?;
        // SAFETY: as the caller promises.
        let (names, values) =
            unsafe { (elements(names, count, "names")?, elements(values, count, "values")?) };
        let mut enumerators = Vec::with_capacity(count);
        for (name, value) in names.iter().zip(values) {
            // SAFETY: NULL or a C string, as the caller promises.
            let name = unsafe { optional_name(*name) };
            let name = name.ok_or_else(|| invalid("a constant has no name"))?;
            let value = if wide { i128::from(*value as u64) } else { i128::from(*value) };
            enumerators.push(Enumerator { name, value });
        }
        // SAFETY: as the caller promises.
        claimed.enumeration(unsafe { optional_name(tag) }, underlying, enumerators)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, build) }
}

/// Adds a function that returns `result` (0 for `void`) and has `nparameters` parameters. Parameters that are arrays
/// or functions become pointers, as in C. `flags` is 0, FTC_VARIADIC, or FTC_UNPROTOTYPED; with FTC_UNPROTOTYPED
/// there are no parameters. A callback is a pointer to such a type.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a parameter that is `void`, for a result that is an array or
/// a function, and for unknown flags.
///
/// # Safety
/// As `ftc_claim_base`; `parameters` has `nparameters` elements.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_function(
    claim: *mut ftc_claim,
    result: ftc_type_id,
    nparameters: usize,
    parameters: *const ftc_type_id,
    flags: u32,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    let build = |claimed: &mut ClaimedTypes| {
        let form = match flags {
            0 => FunctionForm::Prototyped,
            FTC_VARIADIC => FunctionForm::Variadic,
            FTC_UNPROTOTYPED => FunctionForm::Unprototyped,
            _ => return Err(invalid(format!("a function has no flags {flags:#x}"))),
        };
        claimed.room(1, nparameters)?;
        // SAFETY: as the caller promises.
        let parameters = unsafe { elements(parameters, nparameters, "parameters") }?;
        let parameters: Vec<TypeId> = parameters.iter().map(|id| TypeId::from_index(*id)).collect();
        claimed.function(TypeId::from_index(result), &parameters, form)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, build) }
}

/// Adds a type of which nothing is known, for a value that is converted when the call is made. A check gives
/// FTC_UNVERIFIED for it. It may also be a member, an element, or the target of a pointer.
///
/// Errors: see `ftc_claim`.
///
/// # Safety
/// As `ftc_claim_base`.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_any(
    claim: *mut ftc_claim,
    id_out: *mut ftc_type_id,
) -> ftc_status {
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, ClaimedTypes::any) }
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
    id_out: *mut ftc_type_id,
) -> ftc_status {
    let build = |claimed: &mut ClaimedTypes| {
        // SAFETY: as the caller promises.
        let ty = unsafe { required(ty, "ty") }?;
        // SAFETY: as the caller promises.
        unsafe { claimed_type(claimed, ty) }
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, build) }
}
