//! How a type is passed by value: finds the scalars in it.

use super::bytes::{push_parts, Bytes, Leaf, ScalarClass, Value, MAX_LEAVES};
use super::eightbyte::passing_of_record;
use super::layout::{align_of, is_by_reference, layout_of, size_of};
use crate::ctype::machine::X86_64;
use crate::ctype::{Encoding, Enumerator, Kind, Record, RecordClass, TypeId, Types};

/// Bounds on the walk: the depth of types inside types by value, and the number of types visited.
const DEPTH: usize = 64;
const VISITS: usize = 4 * MAX_LEAVES;

/// Describes how a value of the type is passed. Time and memory are bounded by [`MAX_LEAVES`].
pub fn by_value(types: &Types, id: TypeId) -> Value {
    let id = types.resolve(id);
    let ty = types.get(id);
    let size = size_of(types, id);
    match (&ty.kind, size) {
        (Kind::Void, _) => Value::Void,
        (Kind::Record(_), _) if is_by_reference(types, id) => Value::Reference,
        (Kind::Record(_), _) if layout_of(types, id).by_reference.is_none() => {
            unknown("how it is passed depends on the compiler and its options")
        }
        (Kind::Record(record), Some(size)) => record_by_value(types, id, record, size),
        (Kind::Record(_), None) => unknown("it is incomplete"),
        (Kind::Unknown { reason }, _) => unknown(reason.as_str()),
        (Kind::Function(_), _) => unknown("a function is not a value"),
        (Kind::Array { vector: false, .. }, _) => unknown("an array is not a value"),
        (Kind::Base { encoding, .. }, Some(size)) => match complex_part(*encoding) {
            Some(part) => Value::Complex { part, size },
            None => Value::Scalar { class: scalar_class(types, id), size },
        },
        (_, Some(size)) => Value::Scalar { class: scalar_class(types, id), size },
        (_, None) => unknown("its size is not known"),
    }
}

fn record_by_value(types: &Types, id: TypeId, record: &Record, size: u64) -> Value {
    let (mut leaves, mut complete) = leaves(types, record);
    // A member that ends past the record's end: the debug information contradicts itself.
    let before = leaves.len();
    leaves.retain(|leaf| leaf.offset.checked_add(leaf.size).is_some_and(|end| end <= size));
    complete &= leaves.len() == before;
    let layout = layout_of(types, id);
    let passing = match types.target().machine {
        X86_64 if layout.disputed || layout.unexplained => None,
        X86_64 if complete || size > 64 => passing_of_record(types, record, size, &leaves),
        _ => None,
    };
    Value::Record(Bytes { size, align: layout.align, leaves, complete, passing })
}

/// The scalars of a record, ordered by offset, and whether the list is complete.
fn leaves(types: &Types, record: &Record) -> (Vec<Leaf>, bool) {
    let mut walk = LeafWalk { types, leaves: Vec::new(), complete: true, visits: 0 };
    walk.record(record, Cursor { offset: 0, in_union: false, in_array: false }, 0);
    let bit = |leaf: &Leaf| leaf.bits.map_or(0, |bits| bits.offset % 8);
    walk.leaves.sort_by_key(|leaf| (leaf.offset, bit(leaf), leaf.size));
    mark_shared(&mut walk.leaves);
    (walk.leaves, walk.complete)
}

/// The class of a type that is not a record. `id` must be resolved: not a typedef or a qualified type.
pub(crate) fn scalar_class(types: &Types, id: TypeId) -> ScalarClass {
    let ty = types.get(id);
    match &ty.kind {
        Kind::Base { encoding, bits, .. } => match encoding {
            Encoding::Boolean => ScalarClass::Boolean,
            _ if bits.is_some_and(|bits| bits > 64) => ScalarClass::WideInteger,
            Encoding::Signed | Encoding::SignedChar => ScalarClass::Integer { signed: true },
            Encoding::Unsigned | Encoding::UnsignedChar | Encoding::Utf => {
                ScalarClass::Integer { signed: false }
            }
            Encoding::Float => ScalarClass::Float,
            Encoding::Float128 => ScalarClass::Float128,
            Encoding::DecimalFloat => ScalarClass::Decimal,
            Encoding::ComplexFloat | Encoding::ComplexFloat128 | Encoding::ComplexInteger => {
                complex_part(*encoding).unwrap_or(ScalarClass::Unknown)
            }
        },
        Kind::Pointer { .. } => ScalarClass::Pointer,
        Kind::Enumeration { underlying, enumerators, .. } => {
            let signed = match underlying {
                // Do not compute the class of the underlying type: it could be an enumeration again, even this one.
                Some(underlying) => matches!(
                    types.resolved(*underlying).kind,
                    Kind::Base { encoding: Encoding::Signed | Encoding::SignedChar, .. }
                ),
                None => enumerators.iter().any(|enumerator| enumerator.value < 0),
            };
            let flag = |enumerator: &Enumerator| matches!(enumerator.value, 0 | 1);
            ScalarClass::Enumeration { signed, beyond_bool: !enumerators.iter().all(flag) }
        }
        Kind::Array { vector: true, .. } => ScalarClass::Vector,
        Kind::Void
        | Kind::Qualified { .. }
        | Kind::Typedef { .. }
        | Kind::Array { .. }
        | Kind::Record(_)
        | Kind::Function(_)
        | Kind::Unknown { .. } => ScalarClass::Unknown,
    }
}

/// Marks the scalars of a struct that share bytes. In C only bit-fields do, but some language runtimes lay out their
/// own unions as structs with overlapping members.
fn mark_shared(leaves: &mut [Leaf]) {
    let mut farthest: Option<usize> = None;
    for index in 0..leaves.len() {
        let (before, rest) = leaves.split_at_mut(index);
        let Some(leaf) = rest.first_mut() else { return };
        let other = farthest.and_then(|farthest| before.get_mut(farthest));
        let end = other.as_ref().map_or(0, |other| other.offset.saturating_add(other.size));
        let bits = |other: &Leaf| other.is_bit_field() && leaf.is_bit_field();
        if let Some(other) = other.filter(|other| leaf.offset < end && !bits(other)) {
            other.in_union = true;
            leaf.in_union = true;
        }
        if leaf.offset.saturating_add(leaf.size) > end {
            farthest = Some(index);
        }
    }
}

/// The current position of the walk in the outermost record.
#[derive(Clone, Copy)]
struct Cursor {
    offset: u64,
    in_union: bool,
    in_array: bool,
}

struct LeafWalk<'a> {
    types: &'a Types,
    leaves: Vec<Leaf>,
    complete: bool,
    visits: usize,
}

impl LeafWalk<'_> {
    /// Counts one step. Returns whether the bounds allow it.
    fn step(&mut self, depth: usize) -> bool {
        self.visits += 1;
        let allowed = depth < DEPTH && self.visits <= VISITS && self.leaves.len() + 2 <= MAX_LEAVES;
        self.complete &= allowed;
        allowed
    }

    fn record(&mut self, record: &Record, place: Cursor, depth: usize) {
        self.complete &= !record.incomplete;
        let in_union = place.in_union || record.class == RecordClass::Union;
        for member in record.members.iter() {
            if !self.step(depth) {
                return;
            }
            let mut inner = Cursor { in_union, ..place };
            match member.bits {
                Some(bits) => {
                    let Some(mut field) = Leaf::bit_field(place.offset, bits) else {
                        self.complete = false;
                        continue;
                    };
                    field.class = scalar_class(self.types, self.types.resolve(member.ty));
                    field.in_union = in_union;
                    field.in_array = place.in_array;
                    // A bit-field of width 0 ends a storage unit. A bit-field without a name is padding.
                    if bits.width > 0 && member.name.is_some() {
                        self.leaves.push(field);
                    }
                }
                None => {
                    inner.offset = place.offset.saturating_add(member.offset);
                    self.member(member.ty, inner, depth + 1);
                }
            }
        }
    }

    fn member(&mut self, id: TypeId, place: Cursor, depth: usize) {
        if !self.step(depth) {
            return;
        }
        let id = self.types.resolve(id);
        match &self.types.get(id).kind {
            Kind::Record(record) => self.record(record, place, depth),
            Kind::Array { element, dimensions, vector: false } => {
                match (element_count(dimensions), size_of(self.types, *element)) {
                    (Some(0), _) | (_, Some(0)) => {}
                    (None, _) | (_, None) => self.complete = false,
                    (Some(count), Some(stride)) => {
                        self.array(*element, count, stride, place, depth);
                    }
                }
            }
            Kind::Base { encoding, .. } => {
                let parts = if complex_part(*encoding).is_some() { 2 } else { 1 };
                self.scalar(id, place, parts);
            }
            _ => self.scalar(id, place, 1),
        }
    }

    fn array(&mut self, element: TypeId, count: u64, stride: u64, place: Cursor, depth: usize) {
        for index in 0..count {
            // An unknown element does not end the loop over the array. A bound does.
            if self.visits > VISITS || self.leaves.len() + 2 > MAX_LEAVES {
                self.complete = false;
                return;
            }
            let offset = place.offset.saturating_add(index.saturating_mul(stride));
            self.member(element, Cursor { offset, in_array: true, ..place }, depth + 1);
        }
    }

    fn scalar(&mut self, id: TypeId, place: Cursor, parts: u64) {
        let class = scalar_class(self.types, id);
        let size = size_of(self.types, id);
        self.complete &= size.is_some() && class != ScalarClass::Unknown;
        let Some(size) = size.filter(|&size| size > 0) else { return };
        let mut whole = Leaf::new(place.offset, size, class);
        whole.in_union = place.in_union;
        whole.in_array = place.in_array;
        whole.aligned = place.offset.is_multiple_of(align_of(self.types, id));
        push_parts(&mut self.leaves, whole, size / parts);
    }
}

/// A bound on the dimensions of an array. No compiler emits more.
const DIMENSIONS: usize = 64;

/// The number of elements of an array. It is 0 if a dimension is not known, because a flexible array member has no
/// bytes. `None` if the number overflows or the array has too many dimensions.
pub(super) fn element_count(dimensions: &[Option<u64>]) -> Option<u64> {
    if dimensions.len() > DIMENSIONS {
        return None;
    }
    dimensions.iter().try_fold(1_u64, |count, length| count.checked_mul(length.unwrap_or(0)))
}

fn complex_part(encoding: Encoding) -> Option<ScalarClass> {
    match encoding {
        Encoding::ComplexFloat => Some(ScalarClass::Float),
        Encoding::ComplexFloat128 => Some(ScalarClass::Float128),
        Encoding::ComplexInteger => Some(ScalarClass::Integer { signed: true }),
        _ => None,
    }
}

fn unknown(reason: &str) -> Value {
    Value::Unknown { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
