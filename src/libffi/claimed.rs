//! Converts a caller's `ffi_type` to a type of the caller's own table. The type says no more than the `ffi_type`
//! does.

use libffi_sys::ffi_type;

use super::encoded::Encoder;
use super::raw;
use crate::abi::{Bytes, ScalarClass, Value};
use crate::check::{Claim, ClaimedTypes};
use crate::ctype::{Encoding, RecordClass, TypeId};
use crate::error::{ErrorKind, Result};

/// More than the number of kinds of scalars in libffi. Each kind becomes at most a pointer and a base type.
const SCALARS: usize = 64;

/// The type that libffi's callers describe by `ty`. Pointers become pointers to `void`. A struct becomes a record
/// with unnamed members, at the offsets where libffi places the scalars among its elements. What an `ffi_type` cannot
/// describe becomes an unknown type. The `ffi_type` is only read, and is not needed afterwards.
///
/// # Safety
/// `ty` is NULL or points to an `ffi_type`. Structs and complex types in it point to a NULL-terminated list of
/// elements or to NULL.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`]: `ty` is NULL; [`ErrorKind::Limit`].
pub unsafe fn claimed_type(claimed: &mut ClaimedTypes, ty: *const ffi_type) -> Result<TypeId> {
    let mut encoder = Encoder::new(true, None, 0);
    // SAFETY: as for this function.
    unsafe { raw::encode_types(&mut encoder, 0, ty, std::ptr::null())? };
    match encoder.claim().result {
        Claim::Value(value) => add_value(claimed, &value),
        Claim::Any => claimed.any(),
    }
}

fn add_value(claimed: &mut ClaimedTypes, value: &Value) -> Result<TypeId> {
    match value {
        Value::Void => Ok(TypeId::VOID),
        Value::Scalar { class, size } => add_scalar(claimed, *class, *size),
        Value::Complex { part: ScalarClass::Float, size } => {
            add_number(claimed, Encoding::ComplexFloat, *size)
        }
        Value::Complex { size, .. } => add_number(claimed, Encoding::ComplexInteger, *size),
        Value::Record(bytes) => add_record(claimed, bytes),
        Value::Reference => claimed.pointer(TypeId::VOID),
        Value::Unknown { reason } => claimed.unknown(reason, None),
    }
}

fn add_scalar(claimed: &mut ClaimedTypes, class: ScalarClass, size: u64) -> Result<TypeId> {
    match class {
        ScalarClass::Integer { signed: true } => add_number(claimed, Encoding::Signed, size),
        ScalarClass::Integer { signed: false } => add_number(claimed, Encoding::Unsigned, size),
        ScalarClass::Float => add_number(claimed, Encoding::Float, size),
        ScalarClass::Pointer => claimed.pointer(TypeId::VOID),
        _ => claimed.unknown("its ffi_type does not say what it is", Some(size)),
    }
}

/// Adds a base type. If this machine has no base type of that size, adds an unknown type.
fn add_number(claimed: &mut ClaimedTypes, encoding: Encoding, size: u64) -> Result<TypeId> {
    match claimed.base(encoding, size, false) {
        Err(error) if error.kind() == ErrorKind::InvalidArgument => {
            claimed.unknown("its ffi_type has a size that its code cannot have", Some(size))
        }
        base => base,
    }
}

fn add_record(claimed: &mut ClaimedTypes, bytes: &Bytes) -> Result<TypeId> {
    let Bytes { size, align, .. } = *bytes;
    if size > ClaimedTypes::MAX_SIZE {
        return claimed.unknown("its ffi_type is larger than any object can be", None);
    }
    claimed.room(1 + SCALARS, bytes.leaves.len())?;
    let mut scalars: Vec<((ScalarClass, u64), TypeId)> = Vec::new();
    let record = claimed.record(RecordClass::Struct, None)?;
    for leaf in &bytes.leaves {
        let kind = (leaf.class, leaf.size);
        let known = scalars.iter().find(|(known, _)| *known == kind);
        let ty = match known {
            Some((_, ty)) => *ty,
            None => {
                let ty = add_scalar(claimed, leaf.class, leaf.size)?;
                scalars.push((kind, ty));
                ty
            }
        };
        claimed.member(record, None, ty, leaf.offset)?;
    }
    // libffi itself accepts any alignment, and a size that is not a multiple of it.
    let stated = Some(align).filter(|align| align.is_power_of_two() && size % align == 0);
    claimed.complete(record, size, stated)?;
    Ok(record)
}
