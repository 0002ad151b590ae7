//! Numbers in attributes: offsets, bit positions, bounds, enumerators.

use gimli::{AttributeValue, Operation};

use super::die::{unsigned, Die, FormValue};
use super::{DwarfFile, Opened, Reference};
use crate::ctype::BitField;

/// The offset of a member in bytes: a constant, or, before DWARF 3, an expression that adds a constant (DWARF 5
/// §5.7.6, DWARF 2 §5.5.6). `None` if it is computed at run time.
pub(super) fn member_offset(opened: &Opened<'_>, member: &Die) -> Option<u64> {
    let Some(value) = &member.location else { return Some(0) };
    let AttributeValue::Exprloc(expression) = value else { return unsigned(value) };
    let mut operations = expression.operations(opened.context.unit.encoding());
    let offset = match operations.next().ok()?? {
        Operation::PlusConstant { value } | Operation::UnsignedConstant { value } => value,
        Operation::SignedConstant { value } => u64::try_from(value).ok()?,
        _ => return None,
    };
    match operations.next().ok()? {
        None => Some(offset),
        Some(_) => None,
    }
}

/// The number of elements that a DW_TAG_subrange_type or DW_TAG_enumeration_type dimension describes (DWARF 5 §5.13).
/// `None` where it is not a constant, absent or doubtful. `address_size` is the target's, in bytes.
pub(super) fn element_count(
    dimension: &Die,
    language: Option<gimli::DwLang>,
    address_size: u8,
) -> Option<u64> {
    if let Some(count) = &dimension.count {
        return unsigned(count);
    }
    let upper = bound(dimension.upper_bound.as_ref()?, address_size)?;
    // On a target with 8-byte addresses this is the bound of `char a[4294967296]`, and -1 in 4 bytes.
    if upper == i128::from(u32::MAX) {
        return None;
    }
    let lower = match &dimension.lower_bound {
        Some(value) => bound(value, address_size)?,
        None => {
            language.and_then(gimli::DwLang::default_lower_bound).map_or(0, |bound| bound as i128)
        }
    };
    u64::try_from(upper.checked_sub(lower)?.checked_add(1)?).ok()
}

/// A bound of an array. For an array without elements g++ writes -1 as an unsigned number of the size of an address.
/// No object is larger than half of the address space, so a number in the upper half is a negative one.
fn bound(value: &FormValue, address_size: u8) -> Option<i128> {
    let number = match *value {
        AttributeValue::Sdata(number) => i128::from(number),
        ref other => i128::from(other.udata_value()?),
    };
    let space = 1_i128 << (8 * u32::from(address_size.min(8)));
    Some(if (space / 2..space).contains(&number) { number - space } else { number })
}

/// The value of an enumerator. A constant of fixed size has a sign only if the enumeration is signed and the constant
/// is at least as wide as the enumeration (DWARF 5 §7.5.5 leaves the signedness of DW_FORM_data to the context).
pub(super) fn enumerator_value(value: &FormValue, size: Option<u64>, is_signed: bool) -> i128 {
    let fixed = |bytes: u64, unsigned: u64, signed: i64| match size {
        Some(size) if is_signed && bytes >= size => i128::from(signed),
        _ => i128::from(unsigned),
    };
    match *value {
        AttributeValue::Data1(number) => fixed(1, u64::from(number), i64::from(number as i8)),
        AttributeValue::Data2(number) => fixed(2, u64::from(number), i64::from(number as i16)),
        AttributeValue::Data4(number) => fixed(4, u64::from(number), i64::from(number as i32)),
        AttributeValue::Data8(number) => fixed(8, number, number as i64),
        AttributeValue::Sdata(number) => i128::from(number),
        AttributeValue::Udata(number) => i128::from(number),
        AttributeValue::Block(ref bytes) => block(bytes.slice(), is_signed),
        _ => 0,
    }
}

/// A constant wider than 8 bytes, in little-endian order, as x86 and similar targets write it.
fn block(bytes: &[u8], is_signed: bool) -> i128 {
    let negative = is_signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 16];
    for (place, byte) in wide.iter_mut().zip(bytes) {
        *place = *byte;
    }
    i128::from_le_bytes(wide)
}

/// The position of a member's bits, if it is a bit-field. DWARF 4 counts from the start of the record. Earlier
/// versions count from the most significant end of a storage unit (DWARF 3 §5.5.6).
pub(super) fn bit_field(dwarf: &DwarfFile, opened: &Opened<'_>, member: &Die) -> Option<BitField> {
    let width = member.bit_size?;
    let bytes = member_offset(opened, member)?;
    let start = bytes.checked_mul(8)?;
    if let Some(offset) = member.data_bit_offset {
        return Some(BitField { offset: start.checked_add(offset)?, width });
    }
    let Some(from_top) = member.bit_offset else {
        return Some(BitField { offset: start, width });
    };
    if !dwarf.target.little_endian {
        return Some(BitField { offset: start.checked_add_signed(from_top)?, width });
    }
    let storage = match member.byte_size {
        Some(size) => size,
        None => size_and_sign(dwarf, member.at.space, member.ty).0?,
    };
    let top = start.checked_add(storage.checked_mul(8)?)?;
    let offset = top.checked_sub(width)?.checked_add_signed(from_top.checked_neg()?)?;
    Some(BitField { offset, width })
}

/// The size in bytes of the integer type under typedefs and qualifiers, and whether it is signed.
pub(super) fn size_and_sign(
    dwarf: &DwarfFile,
    space: u32,
    reference: Option<Reference>,
) -> (Option<u64>, Option<bool>) {
    let (mut space, mut reference) = (space, reference);
    for _ in 0..32 {
        let Some(opened) = dwarf.die_of(space, reference) else { break };
        let encoding = opened
            .die
            .encoding
            .map(|encoding| matches!(encoding, gimli::DW_ATE_signed | gimli::DW_ATE_signed_char));
        if opened.die.byte_size.is_some() {
            return (opened.die.byte_size, encoding);
        }
        (space, reference) = (opened.die.at.space, opened.die.ty);
    }
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dwarf::die::DieRef;

    #[test]
    fn bounds_in_the_upper_half_of_the_address_space_are_negative() {
        let at = DieRef { space: 0, types_section: false, offset: 11 };
        let dimension = || Die::empty(at, gimli::DW_TAG_subrange_type, false);
        let (implicit, minus_two) = (AttributeValue::Sdata(0xffff_ffff), u64::MAX - 1);
        for (upper, address_size, expected) in [
            (AttributeValue::Data1(2), 8, Some(3)),
            // g++ for `int a[0]`.
            (AttributeValue::Data8(u64::MAX), 8, Some(0)),
            (AttributeValue::Data4(u32::MAX), 4, Some(0)),
            (implicit, 4, Some(0)),
            (AttributeValue::Udata(minus_two), 8, None),
            // gcc for `char a[4294967296]`, or -1.
            (AttributeValue::Data4(u32::MAX), 8, None),
            (AttributeValue::Data8(1 << 32), 8, Some((1 << 32) + 1)),
            (AttributeValue::Data4(i32::MAX as u32 - 1), 4, Some(i32::MAX as u64)),
        ] {
            let mut dimension = dimension();
            dimension.upper_bound = Some(upper);
            let count = element_count(&dimension, None, address_size);
            assert_eq!(count, expected, "{:?} {address_size}", dimension.upper_bound);
        }
        let (lower, upper) = (AttributeValue::Sdata(-5), AttributeValue::Data4(u32::MAX));
        let mut dimension = dimension();
        (dimension.lower_bound, dimension.upper_bound) = (Some(lower), Some(upper));
        assert_eq!(element_count(&dimension, None, 4), Some(5));
    }

    #[test]
    fn a_fixed_size_constant_has_a_sign_only_at_full_width() {
        let byte = AttributeValue::Data1(200);
        assert_eq!(enumerator_value(&byte, Some(4), true), 200);
        assert_eq!(enumerator_value(&byte, Some(1), true), -56);
        assert_eq!(enumerator_value(&byte, Some(1), false), 200);
        assert_eq!(enumerator_value(&AttributeValue::Data4(u32::MAX), Some(4), true), -1);
        assert_eq!(enumerator_value(&AttributeValue::Data4(u32::MAX), Some(8), true), 0xffff_ffff);
        assert_eq!(enumerator_value(&AttributeValue::Sdata(-5), None, true), -5);
    }
}
