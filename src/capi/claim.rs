//! A claim: the caller's own view of types.

use std::ffi::c_char;

use libffi_sys::ffi_type;

use super::guard::{caught, elements, guard, optional_name, place, required, required_mut};
use super::status::ftc_status;
use super::types::{
    encoding_from, ftc_type_id, ftc_types, FTC_SWAPPED, FTC_TYPE_STRUCT, FTC_TYPE_UNION,
    FTC_UNKNOWN_SIZE, FTC_UNPROTOTYPED, FTC_VARIADIC,
};
use crate::check::{ClaimedTypes, FunctionForm};
use crate::ctype::{BitField, Enumerator, RecordClass, TypeId};
use crate::error::{Error, ErrorKind, Result};

/// A table of types as the caller has them, under construction or complete. Opaque; made by `ftc_claim_new`, freed by
/// `ftc_claim_free`. While one thread adds to it no other may use it; otherwise any number of threads may use it at once.
///
/// The functions that add a type write its number, which means something in this claim only. On an error they leave the claim as it was:
/// FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (among others a number that this claim never gave);
/// FTC_ERR_LIMIT (more than 1,048,576 types, or members, parameters, constants and array dimensions in all). Texts are copied.
pub struct ftc_claim {
    pub(super) claimed: ClaimedTypes,
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// Adds a type, and writes its number on success only.
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

/// Makes a claim without types but for `void`, which is type 0, laid out for this machine. The caller frees it with `ftc_claim_free`.
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

/// Frees a claim. Reports do not need it any more. NULL is fine.
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

/// The table that the claim's types are in, for `ftc_type_get` and its like. It belongs to the claim, and shows what is added later too.
/// NULL for NULL.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_types(claim: *const ftc_claim) -> *const ftc_types {
    if claim.is_null() {
        return std::ptr::null();
    }
    // SAFETY: not NULL, so a claim, as the caller promises. No reference is made: the claim may still grow.
    unsafe { (&raw const (*claim).claimed.types).cast() }
}

/// A base type: `encoding` is one of FTC_ENCODING_..., `size` in bytes, `flags` 0 or FTC_SWAPPED for the other byte order than this
/// machine's. It is named as C names it: `unsigned int`.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for another encoding, for flags, and for a size that no such type has on this machine.
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

/// A pointer to `target`: to `void` (0), to an incomplete record, to a function, to anything.
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

/// An array of `count` elements, or of FTC_UNKNOWN_SIZE; an array of arrays has one dimension more.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for elements that C has no arrays of (`void`, functions, incomplete records, arrays of unknown
/// length), and for more bytes than memory can hold; FTC_ERR_LIMIT for more than 64 dimensions.
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

/// A vector of `count` elements, as `__attribute__((vector_size))` makes it.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for elements that are no integers or floating-point numbers, and for a size in bytes that is
/// no power of two.
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

/// A struct or union (`kind` is FTC_TYPE_STRUCT or FTC_TYPE_UNION) without members and size, that `ftc_claim_complete` completes; one
/// that is never completed is opaque. `tag` may be NULL.
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

/// Adds a member to a record that is not complete, `offset` bytes from its start; in a union 0. Members may come in any order and share bytes.
/// `name` NULL: an anonymous struct or union, or a member of which no name is claimed.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a record that is complete, for a type that no member has (`void`, a function, an
/// incomplete record and so the record itself), for a second member of that name, and for an end that no memory has.
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

/// Adds a bit-field to a record that is not complete. `bit_offset` is counted in bits from the record's start to its first bit: on
/// little-endian machines from the least significant bit of a byte up, on others, and in fields of FTC_SWAPPED types the other way
/// round. `bit_width` is in bits.
///
/// Errors: as `ftc_claim_member`; FTC_ERR_INVALID_ARGUMENT also for a type that is no integer or enumeration, and for a width of 0 or more than
/// the type has.
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

/// Completes a record: its `sizeof` and `_Alignof` in bytes, `align` 0: as its members ask for. Its number stays the same, and so do the types that
/// point to it.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a record that is complete already, for a member that ends past `size`, and
/// for an alignment that is no power of two or of which `size` is no multiple.
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

/// An enumeration with the integer type `underlying`, and `count` constants: their names and values, which for a type of 8 unsigned bytes are
/// read as `uint64_t`. They may be fewer than the library's. `tag` may be NULL.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a type that is no integer, for a value that does not fit it, and for two constants of
/// one name.
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

/// A function that returns `result` (0 for `void`), with `nparameters` parameters; those that are arrays or functions become pointers, as in C.
/// `flags`: FTC_VARIADIC, or FTC_UNPROTOTYPED (then there are no parameters). A callback is a pointer to such a type.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for a parameter that is `void`, for a result that is an array or a function, and for flags.
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

/// What is converted at call time: nothing is claimed of it, and a check says FTC_UNVERIFIED there. Also as member, element or pointee.
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

/// What an `ffi_type` says: scalars and complex numbers; a pointer to `void`; a struct as a record of members without names, where libffi
/// lays out its elements and those of the structs in it. What it does not say is of kind FTC_TYPE_UNKNOWN. `ty` is read during the call only.
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
        unsafe { claimed.ffi_type(ty) }
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, id_out, build) }
}
