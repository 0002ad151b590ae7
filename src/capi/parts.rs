//! The parts of a type: members, enumerators, parameters, dimensions.

use std::ffi::c_char;

use super::guard::{guard, invalid, place, write_sized};
use super::status::ftc_status;
use super::types::{
    ftc_type_id, ftc_types, table, text, FTC_BASE_CLASS, FTC_BIT_FIELD, FTC_UNKNOWN_SIZE,
    FTC_UNSIGNED,
};
use crate::ctype::{Kind, Type, TypeId};
use crate::error::{Error, ErrorKind, Result};

/// One member of a record. The caller sets `type_size`; the function writes the other fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_member {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// The name, or NULL for an anonymous struct or union and for a base class. It is valid as long as the table.
    pub name: *const c_char,
    /// The offset in bytes from the start of the record. For a bit-field: of the byte that contains its first bit.
    pub offset: u64,
    /// For a bit-field: the offset in bits from the start of the record. Bits are counted from the least significant
    /// bit on little-endian machines and from the most significant bit on others. If the type is FTC_SWAPPED, it is
    /// the opposite.
    pub bit_offset: u64,
    /// For a bit-field: the width in bits.
    pub bit_width: u64,
    /// Its type.
    pub member_type: ftc_type_id,
    /// FTC_BASE_CLASS, FTC_BIT_FIELD.
    pub flags: u32,
}

/// One constant of an enumeration. The caller sets `type_size`; the function writes the other fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_enumerator {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// The name. It is valid as long as the table.
    pub name: *const c_char,
    /// The value.
    pub value: i64,
    /// FTC_UNSIGNED or 0.
    pub flags: u64,
}

/// One parameter of a function. The caller sets `type_size`; the function writes the other fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_parameter {
    /// The size of this struct in bytes. The caller sets it.
    pub type_size: usize,
    /// The name, or NULL if the debug information has none. It is valid as long as the table.
    pub name: *const c_char,
    /// Its type.
    pub parameter_type: ftc_type_id,
    /// 0 in this version.
    pub flags: u32,
}

fn at<T>(list: &[T], index: u32) -> Result<&T> {
    list.get(index as usize).ok_or_else(|| {
        let message = format!("the index {index} is past the end: the type has {}", list.len());
        invalid(message)
    })
}

fn wrong_kind(what: &str) -> Error {
    invalid(format!("the type is not {what}"))
}

/// Writes member `index`, from 0, of a struct, union or class to `*out`. Members are in the order of declaration,
/// base classes first.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not a record, `index` past the end, `type_size`).
///
/// # Safety
/// As `ftc_type_get`.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_member(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
    out: *mut ftc_member,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let Type { kind: Kind::Record(record), .. } =
            unsafe { table(types) }?.get(TypeId::from_index(id))
        else {
            return Err(wrong_kind("a struct, union or class"));
        };
        let member = at(&record.members, index)?;
        let base_class = if member.base_class { FTC_BASE_CLASS } else { 0 };
        let bit_field = if member.bits.is_some() { FTC_BIT_FIELD } else { 0 };
        let value = ftc_member {
            type_size: 0,
            name: text(member.name.as_ref()),
            offset: member.offset,
            bit_offset: member.bits.map_or(0, |bits| bits.offset),
            bit_width: member.bits.map_or(0, |bits| bits.width),
            member_type: member.ty.index(),
            flags: base_class | bit_field,
        };
        // SAFETY: as the caller promises; an ftc_member has no padding.
        unsafe { write_sized(out, &value, size_of::<ftc_member>()) }
    })
}

/// Writes constant `index`, from 0, of an enumeration to `*out`. Constants are in the order of declaration.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not an enumeration, `index` past the end, `type_size`);
/// FTC_ERR_LIMIT (the value needs more than 64 bits).
///
/// # Safety
/// As `ftc_type_get`.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_enumerator(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
    out: *mut ftc_enumerator,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let Type { kind: Kind::Enumeration { enumerators, .. }, .. } =
            unsafe { table(types) }?.get(TypeId::from_index(id))
        else {
            return Err(wrong_kind("an enumeration"));
        };
        let enumerator = at(enumerators, index)?;
        let (value, flags) =
            match (i64::try_from(enumerator.value), u64::try_from(enumerator.value)) {
                (Ok(value), _) => (value, 0),
                (_, Ok(value)) => (value as i64, u64::from(FTC_UNSIGNED)),
                _ => return Err(Error::new(ErrorKind::Limit, "the value needs more than 64 bits")),
            };
        let name = text(Some(&enumerator.name));
        let value = ftc_enumerator { type_size: 0, name, value, flags };
        // SAFETY: as the caller promises; an ftc_enumerator has no padding.
        unsafe { write_sized(out, &value, size_of::<ftc_enumerator>()) }
    })
}

/// Writes parameter `index`, from 0, of a function to `*out`.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not a function, `index` past the end, `type_size`).
///
/// # Safety
/// As `ftc_type_get`.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_parameter(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
    out: *mut ftc_parameter,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let Type { kind: Kind::Function(function), .. } =
            unsafe { table(types) }?.get(TypeId::from_index(id))
        else {
            return Err(wrong_kind("a function"));
        };
        let parameter = at(&function.parameters, index)?;
        let value = ftc_parameter {
            type_size: 0,
            name: text(parameter.name.as_ref()),
            parameter_type: parameter.ty.index(),
            flags: 0,
        };
        // SAFETY: as the caller promises; an ftc_parameter has no padding.
        unsafe { write_sized(out, &value, size_of::<ftc_parameter>()) }
    })
}

/// Writes the number of elements in dimension `index` of an array or vector to `*count_out`. Dimension 0 is the
/// outermost. The number is FTC_UNKNOWN_SIZE if it is not known (`a[]`, a variable-length array).
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not an array or vector, `index` past the end).
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed; `count_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_dimension(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
    count_out: *mut u64,
) -> ftc_status {
    guard(|| {
        let count_out = place(count_out, "count_out")?;
        // SAFETY: as the caller promises.
        let Type { kind: Kind::Array { dimensions, .. }, .. } =
            unsafe { table(types) }?.get(TypeId::from_index(id))
        else {
            return Err(wrong_kind("an array or vector"));
        };
        let count = at(dimensions, index)?.unwrap_or(FTC_UNKNOWN_SIZE);
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { count_out.write(count) };
        Ok(())
    })
}
