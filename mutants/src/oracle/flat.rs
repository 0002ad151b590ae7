//! An object's scalars and where they lie.

use ffitypecheck::abi;
use ffitypecheck::ctype::{Kind, RecordClass, TypeId};

use super::scalar::{Class, Scalar};
use super::Reader;

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Scalar(Scalar),
    /// A union as a whole.
    Union(TypeId),
    /// An array of unknown length of this element: from here to the end.
    Flexible(TypeId),
    /// "Any".
    Any,
    /// An empty class, which other members may share the place with.
    Empty,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    /// In bits from the object's start.
    pub start: u64,
    /// In bits.
    pub width: u64,
    pub what: What,
    pub bit_field: bool,
    pub in_array: bool,
}

impl Leaf {
    pub fn end(&self) -> u64 {
        self.start + self.width
    }

    pub fn overlaps(&self, other: &Leaf) -> bool {
        self.start < other.end() && other.start < self.end()
    }

    pub fn is_byte(&self) -> bool {
        matches!(self.what, What::Scalar(scalar) if scalar.is_byte() && !self.bit_field)
    }
}

/// More than these are not read.
const MOST: usize = 3000;

impl Reader<'_> {
    /// The leaves of an object, or `None` where there are too many or one of them cannot be read.
    pub fn leaves(self, id: TypeId) -> Option<Vec<Leaf>> {
        let mut leaves = Vec::new();
        self.flatten(id, 0, false, 0, &mut leaves)?;
        leaves.sort_by_key(|leaf| leaf.start);
        // An array without elements between other members is nothing.
        let last = leaves.iter().filter(|leaf| leaf.width > 0).map(|leaf| leaf.start).max();
        let ends = |leaf: &Leaf| last.is_none_or(|last| last < leaf.start);
        leaves.retain(|leaf| !matches!(leaf.what, What::Flexible(_)) || ends(leaf));
        Some(leaves)
    }

    fn flatten(
        self,
        id: TypeId,
        start: u64,
        in_array: bool,
        depth: usize,
        leaves: &mut Vec<Leaf>,
    ) -> Option<()> {
        if depth > 40 || leaves.len() > MOST {
            return None;
        }
        let id = self.types.resolve(id);
        let size = abi::size_of(self.types, id);
        let mut push = |width: u64, what: What| {
            leaves.push(Leaf { start, width, what, bit_field: false, in_array });
        };
        match self.kind(id) {
            Kind::Unknown { .. } => push(size? * 8, What::Any),
            Kind::Record(record) if record.incomplete => return None,
            Kind::Record(record) if record.class == RecordClass::Union => {
                push(size? * 8, What::Union(id));
            }
            Kind::Record(record) if record.members.is_empty() => push(size? * 8, What::Empty),
            Kind::Record(record) => {
                for member in record.members.iter() {
                    if let Some(bits) = member.bits {
                        let what = match self.kind(member.ty) {
                            Kind::Unknown { .. } => What::Any,
                            _ => What::Scalar(self.scalar(member.ty)?),
                        };
                        let start = start + bits.offset;
                        let leaf =
                            Leaf { start, width: bits.width, what, bit_field: true, in_array };
                        leaves.push(leaf);
                        continue;
                    }
                    let start = start + member.offset * 8;
                    self.flatten(member.ty, start, false, depth + 1, leaves)?;
                }
            }
            Kind::Array { vector: false, .. } => {
                let (element, count) = self.element(id);
                let Some(count) = count.filter(|count| *count > 0) else {
                    push(0, What::Flexible(self.types.resolve(element)));
                    return Some(());
                };
                if count > MOST as u64 {
                    return None;
                }
                let stride = abi::size_of(self.types, element)? * 8;
                for index in 0..count {
                    self.flatten(element, start + index * stride, true, depth + 1, leaves)?;
                }
            }
            _ => {
                let scalar = self.scalar(id)?;
                if scalar.class == Class::Complex {
                    let part = Scalar { class: Class::Float, size: scalar.size / 2, ..scalar };
                    push(part.size * 8, What::Scalar(part));
                    let start = start + part.size * 8;
                    self.second_part(part, start, in_array, leaves);
                } else {
                    push(scalar.size * 8, What::Scalar(scalar));
                }
            }
        }
        Some(())
    }

    fn second_part(self, part: Scalar, start: u64, in_array: bool, leaves: &mut Vec<Leaf>) {
        let (width, what) = (part.size * 8, What::Scalar(part));
        leaves.push(Leaf { start, width, what, bit_field: false, in_array });
    }
}
