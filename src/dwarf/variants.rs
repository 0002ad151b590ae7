//! Records that contain one of several variants (DWARF 5 §5.7.10): Rust's enumerations, Ada's and Pascal's variant
//! records.

use gimli::constants as dw;

use super::die::{Die, DieRef};
use super::types::PER_TYPE;
use super::values::member_offset;
use super::{DwarfFile, Opened};
use crate::ctype::{Kind, Member, Name, Type, TypeId, Types};

/// The most records around one member that are followed: `Option<Box<T>>` has four.
const WRAPPERS: usize = 8;

/// The most members of such a record: one with a size, and others without.
const CHILDREN: usize = 4;

/// The member that represents all variants of a record: it has the record's size and an unknown type.
pub(super) fn any_variant(dwarf: &DwarfFile, types: &Types, record: &Opened<'_>) -> Member {
    dwarf.work.spend(PER_TYPE);
    let reason = Name::new("it is one of several variants");
    let kind = Kind::Unknown { reason };
    let ty = types.add(Type { name: None, size: record.die.byte_size, align: None, kind });
    Member { name: None, ty, offset: 0, bits: None, base_class: false, align: None }
}

/// The pointer type that represents a record with two variants, of which one is empty and the other contains a
/// pointer: `Option<&T>`, `Option<extern "C" fn()>`. A null pointer represents the empty variant.
pub(super) fn nullable_pointer(
    dwarf: &DwarfFile,
    types: &Types,
    record: &Opened<'_>,
    part: DieRef,
) -> Option<TypeId> {
    let size = u64::from(dwarf.target.pointer_size);
    let part = dwarf.die(part).ok().filter(|_| record.die.byte_size == Some(size))?;
    let variants = children_of(&part, dw::DW_TAG_variant);
    let [first, second] = variants.as_slice() else { return None };
    let payload = |variant: &Die| {
        let variant = dwarf.die(variant.at).ok()?;
        let members = children_of(&variant, dw::DW_TAG_member);
        let [member] = members.as_slice() else { return None };
        dwarf.die_of(member.at.space, member.ty)
    };
    let (first, second) = (payload(first)?, payload(second)?);
    let is_empty = |of: &Opened<'_>| children_of(of, dw::DW_TAG_member).is_empty();
    let mut current = match (is_empty(&first), is_empty(&second)) {
        (true, false) => second,
        (false, true) => first,
        _ => return None,
    };
    for _ in 0..WRAPPERS {
        match current.die.tag {
            dw::DW_TAG_pointer_type => return Some(types.id_of(current.die.at.key()?)),
            dw::DW_TAG_structure_type if current.die.byte_size == Some(size) => {}
            _ => return None,
        }
        let members = children_of(&current, dw::DW_TAG_member);
        if members.len() > CHILDREN {
            return None;
        }
        let typed = members
            .iter()
            .filter_map(|member| Some((member, dwarf.die_of(member.at.space, member.ty)?)));
        let mut filled = typed.filter(|(_, opened)| opened.die.byte_size != Some(0));
        let (member, opened) = filled.next().filter(|_| filled.next().is_none())?;
        if member_offset(&current, member) != Some(0) {
            return None;
        }
        current = opened;
    }
    None
}

/// The first few children with that tag. A record with more is not one that is looked for.
fn children_of(opened: &Opened<'_>, tag: gimli::DwTag) -> Vec<Die> {
    let mut children = Vec::new();
    opened.each_child(&mut |child| {
        if child.tag == tag && children.len() <= CHILDREN {
            children.push(child);
        }
    });
    children
}
