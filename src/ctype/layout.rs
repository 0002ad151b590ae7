//! Sizes and alignments, in bytes.

use super::{Encoding, Kind, Target, Type, TypeId, Types};

/// The size and alignment of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The size in bytes; `None`: incomplete, a function, an array without a known length, or unknown.
    pub size: Option<u64>,
    /// The alignment in bytes: a power of two, at least 1.
    pub align: u64,
    /// A C++ class that is passed and returned by invisible reference, or an array of such.
    pub by_reference: bool,
}

const UNKNOWN: Layout = Layout { size: None, align: 1, by_reference: false };

/// Types that contain each other by value deeper than this are no compiler's output.
const DEPTH: usize = 512;

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
        self.layout_of(id).by_reference
    }

    /// Size, alignment and the rest together.
    pub fn layout_of(&self, id: TypeId) -> Layout {
        self.layout_within(id, &mut Vec::new())
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
            Kind::Void | Kind::Function(_) | Kind::Unknown { .. } => UNKNOWN,
            Kind::Base { encoding, .. } => {
                let align = ty.size.map_or(1, |size| scalar_align(self.target(), *encoding, size));
                Layout { size: ty.size, align, by_reference: false }
            }
            Kind::Pointer { .. } => {
                let size = ty.size.unwrap_or(u64::from(self.target().pointer_size));
                let align = scalar_align(self.target(), Encoding::Unsigned, size);
                Layout { size: Some(size), align, by_reference: false }
            }
            Kind::Qualified { target, .. } | Kind::Typedef { target } => {
                self.layout_within(*target, path)
            }
            Kind::Array { element, dimensions, vector } => {
                let element = self.layout_within(*element, path);
                let size = element.size.and_then(|size| {
                    dimensions.iter().try_fold(size, |size, count| size.checked_mul((*count)?))
                });
                let align = match (vector, size) {
                    // A vector is aligned to its size (psABI x86-64 §3.1.2, __m128).
                    (true, Some(size)) if size.is_power_of_two() => size,
                    _ => element.align,
                };
                Layout { size: ty.size.or(size), align, by_reference: element.by_reference }
            }
            Kind::Record(record) => {
                let (mut align, mut by_reference) = (1, record.by_reference);
                for member in record.members.iter() {
                    let inner = self.layout_within(member.ty, path);
                    by_reference |= inner.by_reference;
                    let given = member.align.filter(|align| align.is_power_of_two());
                    let natural = inner.align.max(given.unwrap_or(1));
                    if member.offset % natural == 0 {
                        align = align.max(natural);
                    }
                }
                while ty.size.is_some_and(|size| size % align != 0) {
                    align /= 2;
                }
                let size = ty.size.filter(|_| !record.incomplete);
                Layout { size, align, by_reference }
            }
            Kind::Enumeration { underlying, .. } => match underlying {
                Some(underlying) if ty.size.is_none() => self.layout_within(*underlying, path),
                _ => Layout {
                    size: ty.size,
                    align: scalar_align(self.target(), Encoding::Unsigned, ty.size.unwrap_or(1)),
                    by_reference: false,
                },
            },
        };
        if let Some(align) = ty.align.filter(|align| align.is_power_of_two()) {
            layout.align = match ty.kind {
                Kind::Record(_) => align,
                _ => align.max(layout.align),
            };
        }
        layout
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
        (3, Encoding::Float128 | Encoding::ComplexFloat128) => 16,
        _ => target.max_scalar_align(),
    };
    power.clamp(1, limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctype::{Member, Record, RecordClass};

    fn base(types: &Types, name: &str, encoding: Encoding, size: u64) -> TypeId {
        types.add(Type {
            name: Some(name.into()),
            size: Some(size),
            align: None,
            kind: Kind::Base { encoding, bits: None },
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
            by_reference: false,
        });
        types.add(Type { name: None, size: Some(size), align: None, kind })
    }

    #[test]
    fn scalars_follow_the_target() {
        let i386 = Target { machine: 3, pointer_size: 4, little_endian: true };
        let amd64 = Target { machine: 62, pointer_size: 8, little_endian: true };
        let s390x = Target { machine: 22, pointer_size: 8, little_endian: false };
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
        let types = Types::new(Target { machine: 62, pointer_size: 8, little_endian: true });
        let byte = base(&types, "char", Encoding::SignedChar, 1);
        let int = base(&types, "int", Encoding::Signed, 4);
        let natural = record(&types, 8, &[(0, byte), (4, int)]);
        let packed = record(&types, 5, &[(0, byte), (1, int)]);
        let cut = record(&types, 6, &[(0, int), (4, byte)]);
        assert_eq!(types.align_of(natural), 4);
        assert_eq!(types.align_of(packed), 1);
        assert_eq!(types.align_of(cut), 2);
    }

    #[test]
    fn doubling_records_and_cycles_cost_linear_time() {
        let types = Types::new(Target::HOST);
        let mut inner = base(&types, "int", Encoding::Signed, 4);
        for level in 1..200_u64 {
            inner = record(&types, 8 * level, &[(0, inner), (4, inner)]);
        }
        assert_eq!(types.align_of(inner), 4);
        let cyclic = types.reserve();
        let kind = Kind::Array { element: cyclic, dimensions: Box::new([Some(2)]), vector: false };
        types.set(cyclic, Type { name: None, size: None, align: None, kind });
        assert_eq!(types.size_of(cyclic), None);
    }
}
