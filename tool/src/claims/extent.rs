//! Checks that the sizes, offsets and values of a type are possible.

use std::collections::HashMap;

use ffitypecheck::abi;
use ffitypecheck::ctype::{Encoding, Kind, Member, Type, TypeId, Types};

use super::document::TypeEntry;
use super::table::Table;
use super::Wrong;

/// Checks that the sizes, offsets and values of a type agree with each other.
pub fn check(types: &Types, id: TypeId, entry: &TypeEntry) -> Result<(), Wrong> {
    let ty = types.get(id);
    match &ty.kind {
        Kind::Base { encoding, bits, .. } => base(ty.size.unwrap_or(0), *encoding, *bits)?,
        Kind::Record(record) if !record.incomplete => {
            let Some(size) = ty.size else { return Err(Wrong::new("size", "it is missing")) };
            for (index, one) in record.members.iter().enumerate() {
                member(types, size, one).map_err(|w| w.within(&format!("members[{index}]")))?;
            }
        }
        Kind::Enumeration { enumerators, incomplete: false, .. } => {
            let Some(size) = abi::size_of(types, id) else {
                return Err(Wrong::new(
                    "size",
                    "it is missing, and so is an underlying type with one",
                ));
            };
            let bits = u32::try_from(size.saturating_mul(8)).unwrap_or(u32::MAX);
            let in_range = |value: i128| match value {
                0.. => bits > 127 || value >> bits == 0,
                _ => bits > 127 || value >> (bits - 1) == -1,
            };
            if let Some(index) =
                enumerators.iter().position(|one| bits == 0 || !in_range(one.value))
            {
                let what = format!("it does not fit into {size} bytes");
                return Err(Wrong::new(format!("enumerators[{index}].value"), what));
            }
        }
        _ => {}
    }
    stated(types, id, ty, entry)
}

/// Checks a stated size and alignment of a type where they also follow from its other parts.
fn stated(types: &Types, id: TypeId, ty: &Type, entry: &TypeEntry) -> Result<(), Wrong> {
    let (size, align) = match entry {
        TypeEntry::Pointer { size, align, .. }
        | TypeEntry::Qualified { size, align, .. }
        | TypeEntry::Typedef { size, align, .. }
        | TypeEntry::Array { size, align, .. }
        | TypeEntry::Record { size, align, .. }
        | TypeEntry::Enumeration { size, align, .. } => (*size, *align),
        TypeEntry::Base { size, align, .. } => (Some(*size), *align),
        _ => (None, None),
    };
    let layout = abi::layout_of(types, id);
    let incomplete = matches!(&ty.kind, Kind::Record(record) if record.incomplete);
    if let Some(size) = size.filter(|size| layout.size != Some(*size)) {
        let what = match layout.size {
            Some(computed) => format!("it is {size}, and {computed} follows from the rest"),
            None if incomplete => "an incomplete type has none".to_owned(),
            None => format!("it is {size}, and no size follows from the rest"),
        };
        return Err(Wrong::new("size", what));
    }
    if let Some(align) = align.filter(|align| layout.align != *align) {
        let what = format!("it is {align}, and {} follows from the rest", layout.align);
        return Err(Wrong::new("align", what));
    }
    Ok(())
}

fn base(size: u64, encoding: Encoding, bits: Option<u32>) -> Result<(), Wrong> {
    let possible = match encoding {
        Encoding::Signed | Encoding::Unsigned if bits.is_some() => size > 0,
        Encoding::Boolean | Encoding::Signed | Encoding::Unsigned => {
            matches!(size, 1 | 2 | 4 | 8 | 16)
        }
        Encoding::SignedChar | Encoding::UnsignedChar => size == 1,
        Encoding::Utf => matches!(size, 1 | 2 | 4),
        Encoding::Float => matches!(size, 2 | 4 | 8 | 10 | 12 | 16),
        Encoding::Float128 => size == 16,
        Encoding::ComplexFloat => matches!(size, 4 | 8 | 16 | 20 | 24 | 32),
        Encoding::ComplexFloat128 => size == 32,
        Encoding::ComplexInteger => matches!(size, 2 | 4 | 8 | 16 | 32),
        Encoding::DecimalFloat => matches!(size, 4 | 8 | 16),
    };
    if !possible {
        return Err(Wrong::new("size", format!("a number of that encoding has no {size} bytes")));
    }
    match bits {
        Some(bits) if bits == 0 || u64::from(bits).div_ceil(8) > size => {
            Err(Wrong::new("bits", format!("{bits} are not possible in {size} bytes")))
        }
        Some(_) if !matches!(encoding, Encoding::Signed | Encoding::Unsigned) => {
            Err(Wrong::new("bits", "only a signed or unsigned integer has it"))
        }
        _ => Ok(()),
    }
}

fn member(types: &Types, record: u64, member: &Member) -> Result<(), Wrong> {
    let size = abi::size_of(types, member.ty);
    let (end, unit) = match member.bits {
        Some(bits) => {
            let (Kind::Base { .. } | Kind::Enumeration { .. } | Kind::Unknown { .. }) =
                types.resolved(member.ty).kind
            else {
                return Err(Wrong::new("type", "a bit-field is an integer"));
            };
            if size.is_some_and(|size| bits.width > size.saturating_mul(8)) {
                let what = format!("{} bits are wider than the type", bits.width);
                return Err(Wrong::new("bit_width", what));
            }
            (bits.offset.checked_add(bits.width).map(|bits| bits.div_ceil(8)), "its last bit lies")
        }
        // A C++ class may be smaller as a base class than by itself.
        None if member.base_class => (Some(member.offset), "it begins"),
        None => (member.offset.checked_add(size.unwrap_or(0)), "it ends"),
    };
    match end {
        Some(end) if end <= record => Ok(()),
        Some(end) => {
            Err(Wrong::new("", format!("{unit} at byte {end} of a record of {record} bytes")))
        }
        None => Err(Wrong::new("", "it lies past all memory")),
    }
}

/// Refuses a type that contains itself by value, as a typedef or as a qualified type.
pub fn no_type_contains_itself(
    entries: &[(String, TypeEntry)],
    table: &Table,
) -> Result<(), Wrong> {
    // The types that were visited. `true`: the type is on the current path.
    let mut open = HashMap::new();
    for (id, _) in entries {
        // The types on the path, each with the types that it contains and that were not visited yet.
        let mut path = Vec::new();
        let mut next = Some(table.id(id)?);
        loop {
            if let Some(ty) = next {
                match open.insert(ty, true) {
                    None => path.push((ty, contained(table.types.get(ty)))),
                    Some(false) => {
                        open.insert(ty, false);
                    }
                    Some(true) => {
                        return Err(Wrong::new(format!("types.{id}"), "it contains itself"))
                    }
                }
            }
            let Some((ty, left)) = path.last_mut() else { break };
            next = left.pop();
            if next.is_none() {
                open.insert(*ty, false);
                path.pop();
            }
        }
    }
    Ok(())
}

fn contained(ty: &Type) -> Vec<TypeId> {
    match &ty.kind {
        Kind::Typedef { target } | Kind::Qualified { target, .. } => vec![*target],
        Kind::Array { element, .. } => vec![*element],
        Kind::Record(record) => record.members.iter().map(|member| member.ty).collect(),
        Kind::Enumeration { underlying, .. } => underlying.iter().copied().collect(),
        _ => Vec::new(),
    }
}
