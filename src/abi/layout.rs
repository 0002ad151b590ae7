//! Sizes and alignments, in bytes.

use std::collections::HashSet;

use crate::ctype::machine::{I386, S390};
use crate::ctype::{
    Encoding, Kind, Layout, Member, Qualifier, Record, Target, Type, TypeId, Types,
};

const UNKNOWN: Layout =
    Layout { size: None, align: 1, by_reference: Some(false), disputed: false, unexplained: false };

/// A bound on types inside types by value. Only a type that contains itself reaches it, and no compiler emits one.
/// The bound is small because each level takes stack space of the calling thread.
const DEPTH: usize = 32;
/// A bound on the typedefs, qualifiers and arrays between a member and its record type.
const CHAIN: usize = 32;

/// The size in bytes as `sizeof` returns it. `None` if C has none or the debug information does not say.
pub fn size_of(types: &Types, id: TypeId) -> Option<u64> {
    layout_of(types, id).size
}

/// The alignment in bytes as `_Alignof` returns it: a power of two, at least 1. DWARF records it only if the source
/// states one. Otherwise it follows from the target's rules and, for a record, from the offsets of its members: a
/// member that is not aligned shows that the record is packed.
pub fn align_of(types: &Types, id: TypeId) -> u64 {
    layout_of(types, id).align
}

/// Whether C++ passes and returns the type by invisible reference: a class that is not trivial to copy or destroy, or
/// that has such a member or base class (Itanium C++ ABI §1.1, "non-trivial for the purposes of calls").
pub fn is_by_reference(types: &Types, id: TypeId) -> bool {
    layout_of(types, id).by_reference == Some(true)
}

/// The size, the alignment and the other properties of the layout.
pub fn layout_of(types: &Types, id: TypeId) -> Layout {
    if let Some(layout) = types.known_layout(id) {
        return layout;
    }
    // Compute the innermost types first. Then deep nesting needs no recursion.
    let (mut work, mut met) = (vec![(id, false)], HashSet::new());
    while let Some((id, is_prepared)) = work.pop() {
        if is_prepared {
            layout_within(types, id, &mut Vec::new());
        } else if types.known_layout(id).is_none() && met.insert(id) {
            work.push((id, true));
            work.extend(contents_of(types, id).map(|inner| (inner, false)));
        }
    }
    layout_within(types, id, &mut Vec::new())
}

/// The types that determine the layout of a type.
fn contents_of(types: &Types, id: TypeId) -> impl Iterator<Item = TypeId> + '_ {
    let (one, members) = match &types.get(id).kind {
        Kind::Qualified { target, .. } | Kind::Typedef { target } => (Some(*target), &[][..]),
        Kind::Array { element, .. } => (Some(*element), &[][..]),
        Kind::Enumeration { underlying, .. } => (*underlying, &[][..]),
        Kind::Record(record) => (None, &record.members[..]),
        _ => (None, &[][..]),
    };
    one.into_iter().chain(members.iter().map(|member| member.ty))
}

/// `path` has the types that contain this one by value, to detect cycles. Every finished layout is remembered, so
/// the whole walk takes linear time.
fn layout_within(types: &Types, id: TypeId, path: &mut Vec<TypeId>) -> Layout {
    if let Some(layout) = types.known_layout(id) {
        return layout;
    }
    if path.len() > DEPTH || path.contains(&id) {
        return UNKNOWN;
    }
    path.push(id);
    let layout = compute_layout(types, types.get(id), path);
    path.pop();
    // The target of a typedef may be a record that a caller completes later.
    let is_name = matches!(types.get(id).kind, Kind::Typedef { .. } | Kind::Qualified { .. });
    if layout.size.is_some() || !is_name {
        types.remember_layout(id, layout);
    }
    layout
}

fn compute_layout(types: &Types, ty: &Type, path: &mut Vec<TypeId>) -> Layout {
    let mut layout = match &ty.kind {
        Kind::Void | Kind::Function(_) => UNKNOWN,
        Kind::Unknown { .. } => Layout { size: ty.size, ..UNKNOWN },
        Kind::Base { encoding, .. } => {
            let align = ty.size.map_or(1, |size| scalar_align(types.target(), *encoding, size));
            Layout { size: ty.size, align, ..UNKNOWN }
        }
        Kind::Pointer { .. } => {
            let size = ty.size.unwrap_or(u64::from(types.target().pointer_size));
            let align = scalar_align(types.target(), Encoding::Unsigned, size);
            Layout { size: Some(size), align, ..UNKNOWN }
        }
        Kind::Qualified { qualifier, target } => {
            let mut layout = layout_within(types, *target, path);
            // gcc and clang align an atomic type of 1, 2, 4, 8 or 16 bytes to its size.
            let whole = layout.size.filter(|size| size.is_power_of_two() && *size <= 16);
            if let (Qualifier::Atomic, Some(size)) = (qualifier, whole) {
                layout.align = layout.align.max(size);
            }
            layout
        }
        Kind::Typedef { target } => layout_within(types, *target, path),
        Kind::Array { element, dimensions, vector } => {
            let element = layout_within(types, *element, path);
            let size = element.size.and_then(|size| {
                dimensions.iter().try_fold(size, |size, count| size.checked_mul((*count)?))
            });
            let align = match (vector, size) {
                // A vector is aligned to its size (psABI x86-64 §3.1.2, __m128). On s390x the alignment is at most 8
                // bytes.
                (true, Some(size)) if size.is_power_of_two() => match types.target().machine {
                    S390 => size.min(8),
                    _ => size,
                },
                _ => element.align,
            };
            Layout { size: ty.size.or(size), align, ..element }
        }
        Kind::Record(record) => {
            let (align, disputed) = record_align(types, ty, record, path);
            let members = record.members.iter();
            let inner: Vec<Layout> = members.map(|m| layout_within(types, m.ty, path)).collect();
            let ways = || inner.iter().map(|inner| inner.by_reference).chain([record.by_reference]);
            let by_reference = if ways().any(|way| way == Some(true)) {
                Some(true)
            } else {
                ways().all(|way| way.is_some()).then_some(false)
            };
            let size = ty.size.filter(|_| !record.incomplete);
            let unexplained = inner.iter().any(|inner| inner.unexplained)
                || has_unexplained_padding(types, ty, record, align, path);
            Layout { size, align, by_reference, disputed, unexplained }
        }
        Kind::Enumeration { underlying, .. } => match underlying {
            Some(underlying) if ty.size.is_none() => layout_within(types, *underlying, path),
            _ => Layout {
                size: ty.size,
                align: scalar_align(types.target(), Encoding::Unsigned, ty.size.unwrap_or(1)),
                ..UNKNOWN
            },
        },
    };
    if let Some(align) = ty.align.filter(|align| align.is_power_of_two()) {
        layout.align = match ty.kind {
            // `record_align` has already taken the stated alignment into account.
            Kind::Record(_) => layout.align,
            // A typedef may also have a smaller alignment than its target.
            Kind::Typedef { .. } => {
                layout.disputed = false;
                align
            }
            _ => align.max(layout.align),
        };
    }
    layout
}

/// The alignment of a record in bytes, and whether it is disputed. It is the stated alignment, or else the largest
/// alignment of a member. A member that is not aligned, or a size that is not a multiple of that alignment, shows
/// that the record is packed. A record that is both packed and aligned states its alignment. Clang also records a
/// stated alignment that has no effect: without packing, an alignment smaller than the members' is ignored. Gaps
/// between members show that the record is not packed. If nothing shows whether it is packed, the stated alignment is
/// used, and it is disputed if a member needs more than the alignment of a pointer.
fn record_align(types: &Types, ty: &Type, record: &Record, path: &mut Vec<TypeId>) -> (u64, bool) {
    let (mut natural, mut declared) = (1, 1);
    let (mut packed, mut gaps) = (false, false);
    let mut disputed = false;
    // The end of the members so far, in bytes.
    let mut end = 0_u64;
    let whole = ty.size.unwrap_or(0);
    for member in record.members.iter() {
        let layout = layout_within(types, member.ty, path);
        let own = declared_align(types, member, whole, layout.align).unwrap_or(1);
        let align = layout.align.max(own);
        let size = layout.size.unwrap_or(0);
        declared = declared.max(own);
        disputed |= layout.disputed;
        let lies_well = match member.bits {
            None => {
                gaps |= member.offset > end;
                end = end.max(member.offset.saturating_add(size));
                member.offset % align == 0
            }
            // A bit-field may not cross the end of an object of its type (psABI x86-64 §3.1.2, "Bit-Fields").
            Some(bits) => {
                let unit = align.saturating_mul(8);
                let limit = size.saturating_mul(8).div_ceil(unit);
                end = end.max(bits.offset.saturating_add(bits.width).div_ceil(8));
                (bits.offset % unit).saturating_add(bits.width).div_ceil(unit) <= limit
            }
        };
        if lies_well {
            natural = natural.max(align);
        } else if !holds_a_record(types, member.ty) {
            packed = true;
        }
        // Otherwise the member's own type may be packed, without any other sign of it.
    }
    packed |= !whole.is_multiple_of(natural);
    match ty.align.filter(|align| align.is_power_of_two()) {
        Some(stated) if stated < natural => {
            gaps |= end.checked_next_multiple_of(stated).is_some_and(|end| end < whole);
            match (packed, gaps) {
                (false, true) => (natural, disputed),
                (true, _) => (stated.max(declared), false),
                (false, false) => {
                    let slot = u64::from(types.target().pointer_size);
                    (stated.max(declared), natural > slot && declared < natural)
                }
            }
        }
        Some(stated) => (stated, false),
        None => {
            // A packed record is padded at its end to the alignment that the source gave it.
            let padded = |align: &u64| end.checked_next_multiple_of(*align) == Some(whole);
            let given = [1, 2, 4, 8].into_iter().find(padded).unwrap_or(1);
            let mut align = if packed { declared.max(given) } else { natural };
            while !whole.is_multiple_of(align) {
                align /= 2;
            }
            (align, disputed && !packed)
        }
    }
}

/// Whether a record has padding that alignments do not explain: between two members, or after the last one. `align`
/// is the alignment of the record in bytes.
fn has_unexplained_padding(
    types: &Types,
    ty: &Type,
    record: &Record,
    align: u64,
    path: &mut Vec<TypeId>,
) -> bool {
    let mut members: Vec<&Member> = record.members.iter().collect();
    // Sort by offset: not every language declares members in that order.
    members.sort_by_key(|member| member.bits.map_or(member.offset, |bits| bits.offset / 8));
    let mut end = 0_u64;
    for member in members {
        let layout = layout_within(types, member.ty, path);
        let align = layout.align.max(member.align.unwrap_or(1));
        let size = layout.size.unwrap_or(0);
        let (start, size) = match member.bits {
            None => (member.offset, size),
            Some(bits) => {
                let past = bits.offset.saturating_add(bits.width).div_ceil(8);
                (bits.offset / 8, past.saturating_sub(bits.offset / 8))
            }
        };
        if end.checked_next_multiple_of(align).is_some_and(|next| next < start) {
            return true;
        }
        end = end.max(start.saturating_add(size));
    }
    let next = end.checked_next_multiple_of(align);
    // An object of a class without members has a size of 1 byte.
    ty.size.is_some_and(|size| next.is_some_and(|next| next < size && size > 1))
}

/// The alignment in bytes that the source states for the member itself. Compilers also record one if the member's
/// type is declared with it. That one does not count, because packing overrules it. The member's own alignment divides
/// its offset and the size of the record, also in a packed record. `size` is the size of the record and `of_type` the
/// alignment of the member's type, in bytes.
pub(crate) fn declared_align(
    types: &Types,
    member: &Member,
    size: u64,
    of_type: u64,
) -> Option<u64> {
    let align = member.align.filter(|align| align.is_power_of_two())?;
    let lies_well = member.bits.is_some() || member.offset.is_multiple_of(align);
    if !lies_well || !size.is_multiple_of(align) {
        return None;
    }
    if align <= of_type && holds_a_record(types, member.ty) {
        return None;
    }
    let mut current = member.ty;
    for _ in 0..CHAIN {
        let ty = types.get(current);
        if ty.align.is_some_and(|of_type| of_type >= align) {
            return None;
        }
        current = match ty.kind {
            Kind::Typedef { target } | Kind::Qualified { target, .. } => target,
            Kind::Array { element, .. } => element,
            _ => break,
        };
    }
    Some(align)
}

fn holds_a_record(types: &Types, id: TypeId) -> bool {
    let mut current = id;
    for _ in 0..CHAIN {
        match types.get(current).kind {
            Kind::Typedef { target } | Kind::Qualified { target, .. } => current = target,
            Kind::Array { element, .. } => current = element,
            Kind::Record(_) => return true,
            _ => return false,
        }
    }
    false
}

/// The alignment of a scalar of `size` bytes: its size, up to the target's limit. For a complex number, the alignment
/// of one part (psABI x86-64 §3.1.2, i386 table 2.1).
fn scalar_align(target: Target, encoding: Encoding, size: u64) -> u64 {
    let size = match encoding {
        Encoding::ComplexFloat | Encoding::ComplexFloat128 | Encoding::ComplexInteger => size / 2,
        _ => size,
    };
    // i386: `long double` has 12 bytes and is aligned to 4.
    let power = if size.is_power_of_two() { size } else { 1 << size.trailing_zeros().min(4) };
    let limit = match (target.machine, encoding) {
        // i386 has no __int128. _Float128 is aligned to 16 bytes there.
        (I386, Encoding::Float128 | Encoding::ComplexFloat128) => 16,
        _ => max_scalar_align(target),
    };
    power.clamp(1, limit)
}

/// The largest alignment in bytes that the ABI gives a scalar inside a record.
///
/// i386: 4 (System V psABI i386, table 2.1: `double` and `long long` are aligned to 4 bytes).
/// s390x: 8 (psABI: also `long double` and `__int128`). Else 16.
pub(crate) fn max_scalar_align(target: Target) -> u64 {
    match target.machine {
        I386 => 4,
        S390 => 8,
        _ => 16,
    }
}

#[cfg(test)]
mod tests;
