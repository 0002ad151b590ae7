//! Sizes and alignments, in bytes.

use std::collections::HashSet;

use super::machine::{I386, S390};
use super::{Encoding, Kind, Member, Qualifier, Record, Target, Type, TypeId, Types};

/// The size and alignment of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The size in bytes; `None`: incomplete, a function, an array without a known length, or unknown.
    pub size: Option<u64>,
    /// The alignment in bytes: a power of two, at least 1.
    pub align: u64,
    /// A C++ class that is passed and returned by invisible reference, or an array of such. `None`: options of the
    /// compiler change or hide how it is passed ([`Record::by_reference`]).
    pub by_reference: Option<bool>,
    /// The debug information does not tell `align` from one that is larger than a pointer: the source gave a record, or what it contains,
    /// less than its members have, which counts only if the record is also packed, and nothing shows whether it is.
    pub disputed: bool,
    /// It has padding that no alignment explains: it may be aligned to more than `align`, or have bit-fields without a
    /// name, which compilers leave out and which decide with GCC how the record is passed.
    pub unexplained: bool,
}

const UNKNOWN: Layout =
    Layout { size: None, align: 1, by_reference: Some(false), disputed: false, unexplained: false };

/// Types that contain themselves by value are no compiler's output. They are looked into so deep, because each level takes room on
/// the stack of whoever asks.
const DEPTH: usize = 32;
/// Typedefs, qualifiers and arrays between a member and its record.
const CHAIN: usize = 32;

impl Types {
    /// The size in bytes as `sizeof` gives it; `None` where C has none or the debug information does not say.
    pub fn size_of(&self, id: TypeId) -> Option<u64> {
        self.layout_of(id).size
    }

    /// The alignment in bytes as `_Alignof` gives it: a power of two, at least 1. DWARF records it only where the
    /// source gave one; otherwise it follows from the target's rules and, for a record, from where its members lie
    /// (a member that is not aligned shows a packed record).
    pub fn align_of(&self, id: TypeId) -> u64 {
        self.layout_of(id).align
    }

    /// Whether C++ passes and returns the type by invisible reference: a class that is not trivial to copy or destroy, or
    /// that has such a member or base class (Itanium C++ ABI §1.1, "non-trivial for the purposes of calls").
    pub fn is_by_reference(&self, id: TypeId) -> bool {
        self.layout_of(id).by_reference == Some(true)
    }

    /// Size, alignment and the rest together.
    pub fn layout_of(&self, id: TypeId) -> Layout {
        if let Some(layout) = self.known_layout(id) {
            return layout;
        }
        // What lies innermost first, so that however deep that is, no stack is needed.
        let (mut work, mut met) = (vec![(id, false)], HashSet::new());
        while let Some((id, is_prepared)) = work.pop() {
            if is_prepared {
                self.layout_within(id, &mut Vec::new());
            } else if self.known_layout(id).is_none() && met.insert(id) {
                work.push((id, true));
                work.extend(self.contents_of(id).map(|inner| (inner, false)));
            }
        }
        self.layout_within(id, &mut Vec::new())
    }

    /// The types that a type's layout follows from.
    fn contents_of(&self, id: TypeId) -> impl Iterator<Item = TypeId> + '_ {
        let (one, members) = match &self.get(id).kind {
            Kind::Qualified { target, .. } | Kind::Typedef { target } => (Some(*target), &[][..]),
            Kind::Array { element, .. } => (Some(*element), &[][..]),
            Kind::Enumeration { underlying, .. } => (*underlying, &[][..]),
            Kind::Record(record) => (None, &record.members[..]),
            _ => (None, &[][..]),
        };
        one.into_iter().chain(members.iter().map(|member| member.ty))
    }

    /// `path` holds the types that contain this one by value, against cycles. Every finished type is remembered,
    /// so that the whole walk is linear.
    fn layout_within(&self, id: TypeId, path: &mut Vec<TypeId>) -> Layout {
        if let Some(layout) = self.known_layout(id) {
            return layout;
        }
        if path.len() > DEPTH || path.contains(&id) {
            return UNKNOWN;
        }
        path.push(id);
        let layout = self.compute_layout(self.get(id), path);
        path.pop();
        self.remember_layout(id, layout);
        layout
    }

    fn compute_layout(&self, ty: &Type, path: &mut Vec<TypeId>) -> Layout {
        let mut layout = match &ty.kind {
            Kind::Void | Kind::Function(_) => UNKNOWN,
            Kind::Unknown { .. } => Layout { size: ty.size, ..UNKNOWN },
            Kind::Base { encoding, .. } => {
                let align = ty.size.map_or(1, |size| scalar_align(self.target(), *encoding, size));
                Layout { size: ty.size, align, ..UNKNOWN }
            }
            Kind::Pointer { .. } => {
                let size = ty.size.unwrap_or(u64::from(self.target().pointer_size));
                let align = scalar_align(self.target(), Encoding::Unsigned, size);
                Layout { size: Some(size), align, ..UNKNOWN }
            }
            Kind::Qualified { qualifier, target } => {
                let mut layout = self.layout_within(*target, path);
                // gcc and clang align what can be accessed at once to its size.
                let whole = layout.size.filter(|size| size.is_power_of_two() && *size <= 16);
                if let (Qualifier::Atomic, Some(size)) = (qualifier, whole) {
                    layout.align = layout.align.max(size);
                }
                layout
            }
            Kind::Typedef { target } => self.layout_within(*target, path),
            Kind::Array { element, dimensions, vector } => {
                let element = self.layout_within(*element, path);
                let size = element.size.and_then(|size| {
                    dimensions.iter().try_fold(size, |size, count| size.checked_mul((*count)?))
                });
                let align = match (vector, size) {
                    // A vector is aligned to its size (psABI x86-64 §3.1.2, __m128), on s390x to 8 bytes at most.
                    (true, Some(size)) if size.is_power_of_two() => match self.target().machine {
                        S390 => size.min(8),
                        _ => size,
                    },
                    _ => element.align,
                };
                Layout { size: ty.size.or(size), align, ..element }
            }
            Kind::Record(record) => {
                let (align, disputed) = self.record_align(ty, record, path);
                let members = record.members.iter();
                let inner: Vec<Layout> = members.map(|m| self.layout_within(m.ty, path)).collect();
                let ways =
                    || inner.iter().map(|inner| inner.by_reference).chain([record.by_reference]);
                let by_reference = match ways().any(|way| way == Some(true)) {
                    true => Some(true),
                    false => ways().all(|way| way.is_some()).then_some(false),
                };
                let size = ty.size.filter(|_| !record.incomplete);
                let unexplained = inner.iter().any(|inner| inner.unexplained)
                    || self.has_unexplained_padding(ty, record, align, path);
                Layout { size, align, by_reference, disputed, unexplained }
            }
            Kind::Enumeration { underlying, .. } => match underlying {
                Some(underlying) if ty.size.is_none() => self.layout_within(*underlying, path),
                _ => Layout {
                    size: ty.size,
                    align: scalar_align(self.target(), Encoding::Unsigned, ty.size.unwrap_or(1)),
                    ..UNKNOWN
                },
            },
        };
        if let Some(align) = ty.align.filter(|align| align.is_power_of_two()) {
            layout.align = match ty.kind {
                // A statement that is weighed already.
                Kind::Record(_) => layout.align,
                // It may also be aligned less than what it names.
                Kind::Typedef { .. } => {
                    layout.disputed = false;
                    align
                }
                _ => align.max(layout.align),
            };
        }
        layout
    }
}

impl Types {
    /// The alignment of a record: as it states, or the largest of its members', unless one of them, or the size, shows
    /// that it is packed. What is packed and aligned at once states its alignment. Clang also states an alignment
    /// that has no effect, for less than the members' is none without packing; gaps show that there is no packing. Where nothing shows
    /// either, the alignment is as stated, and disputed.
    fn record_align(&self, ty: &Type, record: &Record, path: &mut Vec<TypeId>) -> (u64, bool) {
        let (mut natural, mut declared) = (1, 1);
        let (mut packed, mut gaps) = (false, false);
        let mut disputed = false;
        // In bytes: of the members so far.
        let mut end = 0_u64;
        for member in record.members.iter() {
            let layout = self.layout_within(member.ty, path);
            let own = self.declared_align(member, layout.align).unwrap_or(1);
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
                // It may not cross the end of an object of its type (psABI x86-64 §3.1.2, "Bit-Fields").
                Some(bits) => {
                    let unit = align.saturating_mul(8);
                    let limit = size.saturating_mul(8).div_ceil(unit);
                    end = end.max(bits.offset.saturating_add(bits.width).div_ceil(8));
                    (bits.offset % unit).saturating_add(bits.width).div_ceil(unit) <= limit
                }
            };
            if lies_well {
                natural = natural.max(align);
            } else if !self.holds_a_record(member.ty) {
                packed = true;
            }
            // Else the member's own type may be packed, without another sign of it.
        }
        let size = ty.size.unwrap_or(0);
        packed |= !size.is_multiple_of(natural);
        match ty.align.filter(|align| align.is_power_of_two()) {
            Some(stated) if stated < natural => {
                gaps |= end.checked_next_multiple_of(stated).is_some_and(|end| end < size);
                match (packed, gaps) {
                    (false, true) => (natural, disputed),
                    (true, _) => (stated.max(declared), false),
                    (false, false) => {
                        let slot = u64::from(self.target().pointer_size);
                        (stated.max(declared), natural > slot && declared < natural)
                    }
                }
            }
            Some(stated) => (stated, false),
            None => {
                // The end of a packed record is padded to the alignment that it was given.
                let padded = |align: &u64| end.checked_next_multiple_of(*align) == Some(size);
                let given = [1, 2, 4, 8].into_iter().find(padded).unwrap_or(1);
                let mut align = if packed { declared.max(given) } else { natural };
                while !size.is_multiple_of(align) {
                    align /= 2;
                }
                (align, disputed && !packed)
            }
        }
    }

    /// Whether bytes of a record, aligned to `align`, are left out between members that lie as close as they may, or
    /// behind the last one.
    fn has_unexplained_padding(
        &self,
        ty: &Type,
        record: &Record,
        align: u64,
        path: &mut Vec<TypeId>,
    ) -> bool {
        let mut members: Vec<&Member> = record.members.iter().collect();
        // As they lie: not every language has them in their order.
        members.sort_by_key(|member| member.bits.map_or(member.offset, |bits| bits.offset / 8));
        let mut end = 0_u64;
        for member in members {
            let layout = self.layout_within(member.ty, path);
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
        // An object of a class without members has a byte.
        ty.size.is_some_and(|size| next.is_some_and(|next| next < size && size > 1))
    }

    /// The alignment in bytes that the source gave the member itself. Compilers also record one where the member's type,
    /// aligned to `of_type`, is declared with it, and then packing overrules it.
    pub(super) fn declared_align(&self, member: &Member, of_type: u64) -> Option<u64> {
        let align = member.align.filter(|align| align.is_power_of_two())?;
        if align <= of_type && self.holds_a_record(member.ty) {
            return None;
        }
        let mut current = member.ty;
        for _ in 0..CHAIN {
            let ty = self.get(current);
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

    fn holds_a_record(&self, id: TypeId) -> bool {
        let mut current = id;
        for _ in 0..CHAIN {
            match self.get(current).kind {
                Kind::Typedef { target } | Kind::Qualified { target, .. } => current = target,
                Kind::Array { element, .. } => current = element,
                Kind::Record(_) => return true,
                _ => return false,
            }
        }
        false
    }
}

/// The alignment of a scalar of `size` bytes: its size up to the target's limit, and for complex numbers that of
/// one part (psABI x86-64 §3.1.2, i386 table 2.1).
fn scalar_align(target: Target, encoding: Encoding, size: u64) -> u64 {
    let size = match encoding {
        Encoding::ComplexFloat | Encoding::ComplexFloat128 | Encoding::ComplexInteger => size / 2,
        _ => size,
    };
    // i386: `long double` has 12 bytes and is aligned to 4.
    let power = if size.is_power_of_two() { size } else { 1 << size.trailing_zeros().min(4) };
    let limit = match (target.machine, encoding) {
        // i386: __int128 does not exist, _Float128 keeps 16.
        (I386, Encoding::Float128 | Encoding::ComplexFloat128) => 16,
        _ => target.max_scalar_align(),
    };
    power.clamp(1, limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctype::build::{self, AMD64};
    use crate::ctype::{BitField, RecordClass};

    fn base(types: &Types, name: &str, encoding: Encoding, size: u64) -> TypeId {
        types.add(Type {
            name: Some(name.into()),
            size: Some(size),
            align: None,
            kind: Kind::Base { encoding, bits: None, swapped: false },
        })
    }

    fn record(types: &Types, size: u64, members: &[(u64, TypeId)]) -> TypeId {
        let members = members
            .iter()
            .map(|&(offset, ty)| Member {
                name: Some("m".into()),
                ty,
                offset,
                bits: None,
                base_class: false,
                align: None,
            })
            .collect();
        let kind = Kind::Record(Record {
            class: RecordClass::Struct,
            members,
            incomplete: false,
            by_reference: Some(false),
        });
        types.add(Type { name: None, size: Some(size), align: None, kind })
    }

    #[test]
    fn scalars_follow_the_target() {
        let (amd64, i386) = (AMD64, build::I386);
        let s390x = Target { machine: S390, pointer_size: 8, little_endian: false };
        for (target, encoding, size, align) in [
            (amd64, Encoding::Float, 16, 16),
            (amd64, Encoding::Signed, 16, 16),
            (amd64, Encoding::ComplexFloat, 16, 8),
            (i386, Encoding::Float, 8, 4),
            (i386, Encoding::Float, 12, 4),
            (i386, Encoding::Signed, 8, 4),
            (s390x, Encoding::Float, 16, 8),
        ] {
            assert_eq!(scalar_align(target, encoding, size), align, "{encoding:?} {size}");
        }
    }

    #[test]
    fn a_record_is_aligned_as_its_members_lie() {
        let types = Types::new(AMD64);
        let byte = base(&types, "char", Encoding::SignedChar, 1);
        let int = base(&types, "int", Encoding::Signed, 4);
        let natural = record(&types, 8, &[(0, byte), (4, int)]);
        let packed = record(&types, 5, &[(0, byte), (1, int)]);
        // A byte at the end that only an alignment to 2 asks for.
        let cut = record(&types, 6, &[(0, int), (4, byte)]);
        // One member that no rule puts there shows that all are packed, also those that lie well by chance.
        let chance =
            record(&types, 12, &[(0, int), (5, int), (4, byte), (9, byte), (10, byte), (11, byte)]);
        // A packed record in one that is not.
        let inner = record(&types, 8, &[(0, int), (4, int)]);
        let outer = record(&types, 16, &[(0, byte), (1, inner), (12, int)]);
        for (id, align) in [(natural, 4), (packed, 1), (cut, 2), (chance, 1), (outer, 4)] {
            assert_eq!(types.align_of(id), align, "{id:?}");
        }
    }

    #[test]
    fn bit_fields_align_as_their_types() {
        let types = Types::new(AMD64);
        let long = base(&types, "long", Encoding::Unsigned, 8);
        for (size, offset, width, align) in [
            (8, 19, 7, 8),
            (8, 0, 64, 8),
            (9, 60, 8, 1),
            (16, 64, 1, 8),
            (16, 60, 8, 8),
            (4, 0, 32, 1),
        ] {
            let bits = Some(BitField { offset, width });
            let name = Some("m".into());
            let member =
                Member { name, ty: long, offset: offset / 8, bits, base_class: false, align: None };
            let kind = Kind::Record(Record {
                class: RecordClass::Struct,
                members: Box::new([member]),
                incomplete: false,
                by_reference: Some(false),
            });
            let id = types.add(Type { name: None, size: Some(size), align: None, kind });
            assert_eq!(types.align_of(id), align, "{width} bits at {offset} of {size} bytes");
        }
    }

    #[test]
    fn a_stated_alignment_below_the_members_is_packing_or_nothing() {
        let types = Types::new(AMD64);
        let byte = base(&types, "char", Encoding::SignedChar, 1);
        let int = base(&types, "int", Encoding::Signed, 4);
        for (size, members, stated, align) in [
            (8, &[(0, int), (4, int)][..], 2, 2),
            (8, &[(0, byte), (4, int)], 2, 4),
            (8, &[(0, int), (4, byte)], 2, 4),
            (6, &[(0, int), (4, byte)], 2, 2),
            (6, &[(0, byte), (1, int)], 2, 2),
            (16, &[(0, int), (4, int)], 16, 16),
        ] {
            let mut ty = types.get(record(&types, size, members)).clone();
            ty.align = Some(stated);
            assert_eq!(types.align_of(types.add(ty)), align, "{size} {members:?} {stated}");
        }
    }

    #[test]
    fn atomic_records_are_aligned_to_their_size() {
        let types = Types::new(AMD64);
        let int = base(&types, "int", Encoding::Signed, 4);
        for (size, align) in [(4, 4), (8, 8), (12, 4), (16, 16), (32, 4)] {
            let members: Vec<_> = (0..size / 4).map(|index| (index * 4, int)).collect();
            let target = record(&types, size, &members);
            let kind = Kind::Qualified { qualifier: Qualifier::Atomic, target };
            let id = types.add(Type { name: None, size: None, align: None, kind });
            assert_eq!(types.align_of(id), align, "{size}");
        }
    }

    #[test]
    fn a_typedef_may_be_aligned_less() {
        let types = Types::new(Target::HOST);
        let int = base(&types, "int", Encoding::Signed, 4);
        let kind = Kind::Typedef { target: int };
        let id = types.add(Type { name: Some("t".into()), size: None, align: Some(1), kind });
        assert_eq!(types.layout_of(id), Layout { size: Some(4), align: 1, ..UNKNOWN });
    }

    #[test]
    fn deep_nesting_needs_little_stack() {
        let deep = || {
            let types = Types::new(Target::HOST);
            let mut inner = base(&types, "int", Encoding::Signed, 4);
            for _ in 0..100_000 {
                inner = record(&types, 4, &[(0, inner)]);
            }
            types.align_of(inner)
        };
        // Such as a program gives to its threads where it has many.
        let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(deep).unwrap();
        assert_eq!(thread.join().unwrap(), 4);
    }

    #[test]
    fn doubling_records_and_cycles_cost_linear_time() {
        let types = Types::new(Target::HOST);
        let mut inner = base(&types, "int", Encoding::Signed, 4);
        for level in 1..100_u64 {
            inner = record(&types, 8 * level, &[(0, inner), (4, inner)]);
        }
        assert_eq!(types.align_of(inner), 4);
        let cyclic = types.reserve();
        let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
        types.set(cyclic, Type { name: None, size: None, align: None, kind });
        assert_eq!(types.size_of(cyclic), None);
    }
}
