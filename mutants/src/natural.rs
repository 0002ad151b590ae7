//! How a C compiler lays out a record, natural or packed.

use std::collections::HashSet;

use ffitypecheck::abi;
use ffitypecheck::ctype::{Kind, Member, Record, RecordClass, Type, TypeId, Types};

/// The members in this order at the offsets that they get, and the size. `None` for unions, bit-fields, base classes and members
/// without size.
pub fn layout(types: &Types, members: &[Member], packed: bool) -> Option<(Vec<Member>, u64)> {
    let (mut end, mut largest) = (0_u64, 1_u64);
    let mut placed = Vec::with_capacity(members.len());
    for member in members {
        if member.bits.is_some() || member.base_class {
            return None;
        }
        let align =
            if packed { 1 } else { abi::align_of(types, member.ty).max(member.align.unwrap_or(1)) };
        largest = largest.max(align);
        let offset = end.next_multiple_of(align);
        end = offset.checked_add(abi::size_of(types, member.ty)?)?;
        placed.push(Member { offset, ..member.clone() });
    }
    Some((placed, end.next_multiple_of(largest)))
}

/// The same of a record, unions too.
pub fn layout_of(types: &Types, record: &Record, packed: bool) -> Option<(Vec<Member>, u64)> {
    if record.class != RecordClass::Union {
        return layout(types, &record.members, packed);
    }
    let (mut size, mut align) = (0, 1);
    for member in record.members.iter() {
        if member.bits.is_some() || member.offset != 0 {
            return None;
        }
        size = size.max(abi::size_of(types, member.ty)?);
        align = align.max(abi::align_of(types, member.ty).max(member.align.unwrap_or(1)));
    }
    Some((record.members.to_vec(), if packed { size } else { size.next_multiple_of(align) }))
}

/// Whether a compiler would lay out the record as it lies.
pub fn is(types: &Types, ty: &Type, record: &Record, packed: bool) -> bool {
    let as_they_lie = |(placed, size): (Vec<Member>, u64)| {
        let offsets = |members: &[Member]| members.iter().map(|m| m.offset).collect::<Vec<_>>();
        offsets(&placed) == offsets(&record.members) && ty.size == Some(size)
    };
    layout_of(types, record, packed).is_some_and(as_they_lie)
}

/// Whether a caller could claim such a type: a record's members end within it, have names of their own and, in a union, lie
/// at its start.
pub fn is_possible(types: &Types, id: TypeId) -> bool {
    let Kind::Record(record) = &types.resolved(id).kind else { return true };
    let Some(size) = abi::size_of(types, id) else { return true };
    let mut names = HashSet::new();
    record.members.iter().all(|member| {
        let wide = abi::size_of(types, member.ty).unwrap_or(0);
        let (start, end, fits) = match member.bits {
            Some(bits) => {
                let end = bits.offset + bits.width;
                (bits.offset, end.div_ceil(8), bits.width <= wide * 8)
            }
            None => (member.offset, member.offset + wide, true),
        };
        let at_start = start == 0 || record.class != RecordClass::Union;
        let own_name = member.name.as_ref().is_none_or(|name| names.insert(name.clone()));
        fits && end <= size && at_start && own_name
    })
}

/// The record with other members and another size. Stated alignments would contradict them.
pub fn with(types: &Types, ty: &Type, record: &Record, members: Vec<Member>, size: u64) -> TypeId {
    let record = Record { members: members.into(), ..record.clone() };
    types.add(Type { size: Some(size), kind: Kind::Record(record), ..ty.clone() })
}
