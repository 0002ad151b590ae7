//! Structs, unions and classes.

use gimli::constants as dw;

use super::die::Die;
use super::options::options_of;
use super::values::{bit_field, member_offset};
use super::variants::{any_variant, nullable_pointer};
use super::{DwarfFile, Opened};
use crate::ctype::{Kind, Member, Name, Record, RecordClass, Types};
use crate::note_format::PASSED_SOMEHOW;

pub(super) fn record(
    dwarf: &DwarfFile,
    types: &Types,
    opened: &Opened<'_>,
    class: RecordClass,
) -> Kind {
    let (mut members, mut variants) = (Vec::new(), None);
    // DW_AT_calling_convention says how the class is passed. GCC does not write it; then the members decide.
    let stated = opened.die.calling_convention;
    let mut by_reference = match stated {
        Some(PASSED_SOMEHOW) if dwarf.slim.is_some() => None,
        None if hides_passing(dwarf, opened) => None,
        stated => Some(stated == Some(dw::DW_CC_pass_by_reference)),
    };
    opened.each_child(&mut |child| {
        if stated.is_none() && by_reference == Some(false) && is_special(dwarf, opened, &child) {
            by_reference = Some(true);
        }
        if child.tag == dw::DW_TAG_variant_part {
            variants = Some(child.at);
        }
        members.extend(member(dwarf, types, opened, &child));
    });
    if let Some(part) = variants {
        let pointer = nullable_pointer(dwarf, types, opened, part);
        if let Some(target) = pointer.filter(|_| members.is_empty()) {
            return Kind::Typedef { target };
        }
        members.push(any_variant(dwarf, types, opened));
    }
    let incomplete = opened.die.declaration;
    Kind::Record(Record { class, members: members.into(), incomplete, by_reference })
}

/// Whether compiler options change or hide how a record is passed, if the record itself does not say it.
fn hides_passing(dwarf: &DwarfFile, opened: &Opened<'_>) -> bool {
    let options = options_of(dwarf, opened);
    // A type that is only declared is not passed, or its definition says how.
    let silent = options.silent_classes && !opened.die.declaration;
    options.leaves_out || options.returns_in_memory || silent
}

fn member(dwarf: &DwarfFile, types: &Types, opened: &Opened<'_>, child: &Die) -> Option<Member> {
    let base_class = child.tag == dw::DW_TAG_inheritance;
    let ty = match child.tag {
        // DWARF 4 describes static members as external members (§5.5.6).
        dw::DW_TAG_member if child.external || child.declaration => return None,
        dw::DW_TAG_member | dw::DW_TAG_inheritance => {
            dwarf.type_id(types, child.at.space, child.ty)
        }
        _ => return None,
    };
    // The offset of a virtual base class is computed at run time.
    let mut offset = member_offset(opened, child)?;
    let bits = bit_field(dwarf, opened, child);
    if let Some(bits) = bits {
        offset = bits.offset / 8;
    }
    let name = child.name.filter(|_| !base_class).map(|name| Name::from_bytes(&name));
    Some(Member { name, ty, offset, bits, base_class, align: child.alignment })
}

/// Whether this member makes a class non-trivial to copy or destroy (Itanium C++ ABI §1.1): a virtual function
/// table, a virtual base class, or a user-provided copy constructor, move constructor or destructor.
fn is_special(dwarf: &DwarfFile, class: &Opened<'_>, child: &Die) -> bool {
    let name = child.name.map_or(&b""[..], |name| name.slice());
    match child.tag {
        dw::DW_TAG_member => child.artificial && name.starts_with(b"_vptr"),
        dw::DW_TAG_inheritance => member_offset(class, child).is_none(),
        dw::DW_TAG_subprogram if child.artificial || child.defaulted_in_class => false,
        dw::DW_TAG_subprogram if name.first() == Some(&b'~') => true,
        dw::DW_TAG_subprogram => {
            class.die.name.is_some_and(|class| is_constructor(name, class.slice()))
                && copies(dwarf, class, child)
        }
        _ => false,
    }
}

/// Whether the first parameter of a constructor, after `this`, is a reference to the class.
fn copies(dwarf: &DwarfFile, class: &Opened<'_>, constructor: &Die) -> bool {
    let Ok(constructor) = dwarf.die(constructor.at) else { return false };
    let mut first = None;
    constructor.each_child(&mut |child| {
        if child.tag == dw::DW_TAG_formal_parameter && !child.artificial && first.is_none() {
            first = Some(child);
        }
    });
    let Some(parameter) = first else { return false };
    let Some(reference) = dwarf.die_of(parameter.at.space, parameter.ty) else { return false };
    let references = [dw::DW_TAG_reference_type, dw::DW_TAG_rvalue_reference_type];
    if !references.contains(&reference.die.tag) {
        return false;
    }
    let mut target = dwarf.die_of(reference.die.at.space, reference.die.ty);
    for _ in 0..2 {
        target = match target {
            Some(qualified)
                if [dw::DW_TAG_const_type, dw::DW_TAG_volatile_type]
                    .contains(&qualified.die.tag) =>
            {
                dwarf.die_of(qualified.die.at.space, qualified.die.ty)
            }
            other => other,
        };
    }
    // The reference may lead to a stub that refers to the type unit with the class.
    target.is_some_and(|target| {
        let stub =
            target.die.signature.and_then(|signature| dwarf.follow(target.die.at.space, signature));
        target.die.at == class.die.at || stub == Some(class.die.at)
    })
}

/// Whether a function with that name is a constructor of the class with that name. The names are equal, except for
/// the arguments of a class template. The time is bounded by the length of the function's name.
fn is_constructor(name: &[u8], class: &[u8]) -> bool {
    let base = name.split(|&byte| byte == b'<').next().unwrap_or(name);
    class.strip_prefix(base).is_some_and(|rest| matches!(rest.first(), None | Some(b'<')))
}
