//! Claims that are built type by type.

use std::ffi::{c_char, c_uint};

use super::claim::{add, ftc_claim};
use super::guard::{elements, guard, invalid, optional_name, required_mut};
use super::kinds::{
    ftc_encoding, ftc_type_kind, FTC_TYPE_FLAG_PROTOTYPED, FTC_TYPE_FLAG_SWAPPED,
    FTC_TYPE_FLAG_UNPROTOTYPED, FTC_TYPE_FLAG_VARIADIC,
};
use super::status::ftc_status;
use super::types::{ftc_type_id, FTC_UNKNOWN_SIZE};
use crate::check::FunctionForm;
use crate::ctype::{BitField, Encoding, Enumerator, RecordClass, TypeId};
use crate::error::Result;

/// An encoding that a caller passes. It may have any value, so it is not the enumeration that the header shows.
pub type ftc_encoding_passed = c_uint;
/// A kind of type that a caller passes.
pub type ftc_type_kind_passed = c_uint;

/// Adds a base type of `size` bytes. `flags` is 0, or
/// FTC_TYPE_FLAG_SWAPPED for the byte order that is not this machine's. The type gets its name in C: `unsigned int`.
///
/// Errors: see `ftc_claim`; FTC_ERR_INVALID_ARGUMENT for an unknown encoding, for unknown flags, and for a size that
/// no such type has on this machine.
///
/// # Safety
/// `claim` is NULL or a claim that was not freed and that no other thread uses. So for all functions that add a type.
#[no_mangle]
pub unsafe extern "C" fn ftc_claim_base(
    claim: *mut ftc_claim,
    encoding: ftc_encoding_passed,
    size: u64,
    flags: u32,
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        let mut known = Encoding::ALL.into_iter();
        let encoding = known
            .find(|known| ftc_encoding::from(*known) as c_uint == encoding)
            .ok_or_else(|| invalid(format!("{encoding} is no encoding")))?;
        if flags & !FTC_TYPE_FLAG_SWAPPED != 0 {
            return Err(invalid(format!("a base type has no flags {flags:#x}")));
        }
        claim.claimed.base(encoding, size, flags == FTC_TYPE_FLAG_SWAPPED)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
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
) -> ftc_type_id {
    // SAFETY: as the caller promises.
    unsafe { add(claim, |claim| claim.claimed.pointer(claim.given(target)?)) }
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
) -> ftc_type_id {
    let count = (count != FTC_UNKNOWN_SIZE).then_some(count);
    // SAFETY: as the caller promises.
    unsafe { add(claim, |claim| claim.claimed.array(claim.given(element)?, count)) }
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
) -> ftc_type_id {
    // SAFETY: as the caller promises.
    unsafe { add(claim, |claim| claim.claimed.vector(claim.given(element)?, count)) }
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
    kind: ftc_type_kind_passed,
    tag: *const c_char,
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        let class = if kind == ftc_type_kind::FTC_TYPE_STRUCT as c_uint {
            RecordClass::Struct
        } else if kind == ftc_type_kind::FTC_TYPE_UNION as c_uint {
            RecordClass::Union
        } else {
            return Err(invalid("the kind is not FTC_TYPE_STRUCT or FTC_TYPE_UNION"));
        };
        // SAFETY: NULL or a C string, as the caller promises.
        claim.claimed.record(class, unsafe { optional_name(tag) })
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
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
        let (record, ty) = (claim.given(record)?, claim.given(member_type)?);
        claim.claimed.member(record, name, ty, offset)
    })
}

/// Adds a bit-field to a record that is not complete. `bit_offset` is the offset in bits from the start of the record
/// to the first bit. Bits of a byte are counted from the least significant bit on little-endian machines and from the
/// most significant bit on others. If the type is FTC_TYPE_FLAG_SWAPPED, it is the opposite. `bit_width` is in bits.
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
        let (record, ty) = (claim.given(record)?, claim.given(member_type)?);
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
        claim.claimed.complete(claim.given(record)?, size, align)
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
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        let underlying = claim.given(underlying)?;
        let wide = claim.claimed.is_unsigned_long(underlying);
        claim.claimed.room(1, count)?;
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
        claim.claimed.enumeration(unsafe { optional_name(tag) }, underlying, enumerators)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
}

/// Adds a function that returns `result` (0 for `void`) and has `nparameters` parameters. Parameters that are arrays
/// or functions become pointers, as in C. `flags` is 0, FTC_TYPE_FLAG_VARIADIC, or FTC_TYPE_FLAG_UNPROTOTYPED, with which
/// there are no parameters; FTC_TYPE_FLAG_PROTOTYPED has no effect. A callback is a pointer to such a type.
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
) -> ftc_type_id {
    let build = |claim: &mut ftc_claim| {
        let form = match flags & !FTC_TYPE_FLAG_PROTOTYPED {
            0 => FunctionForm::Prototyped,
            FTC_TYPE_FLAG_VARIADIC => FunctionForm::Variadic,
            FTC_TYPE_FLAG_UNPROTOTYPED if flags == FTC_TYPE_FLAG_UNPROTOTYPED => {
                FunctionForm::Unprototyped
            }
            _ => return Err(invalid(format!("a function has no flags {flags:#x}"))),
        };
        claim.claimed.room(1, nparameters)?;
        // SAFETY: as the caller promises.
        let parameters = unsafe { elements(parameters, nparameters, "parameters") }?;
        let parameters: Result<Vec<TypeId>> =
            parameters.iter().map(|id| claim.given(*id)).collect();
        claim.claimed.function(claim.given(result)?, &parameters?, form)
    };
    // SAFETY: as the caller promises.
    unsafe { add(claim, build) }
}
