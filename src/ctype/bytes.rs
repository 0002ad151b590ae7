//! What a type is when it is passed by value: its scalars and the bytes where they lie.

use super::eightbyte::{passing_of_leaves, passing_of_record, Passing};
use super::machine::X86_64;
use super::{BitField, Encoding, Enumerator, Kind, Record, RecordClass, TypeId, Types};

/// A record with more scalars than this is known by its first ones and its size only.
pub const MAX_LEAVES: usize = 4096;

/// Bounds on the walk: types inside types by value, and types visited in all.
const DEPTH: usize = 64;
const VISITS: usize = 4 * MAX_LEAVES;

/// What the bits of a scalar are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarClass {
    /// `_Bool`.
    Boolean,
    /// An integer, `char` and `_BitInt` up to 64 bits included.
    Integer {
        /// Whether it has a sign.
        signed: bool,
    },
    /// An enumeration.
    Enumeration {
        /// Whether the integer under it has a sign.
        signed: bool,
        /// Whether it has a constant that is neither 0 nor 1.
        beyond_bool: bool,
    },
    /// A binary floating-point number in the target's format of that size ([`Encoding::Float`]).
    Float,
    /// IEEE binary128 where `long double` is another format.
    Float128,
    /// A decimal floating-point number.
    Decimal,
    /// A pointer or reference to data or to a function.
    Pointer,
    /// A vector.
    Vector,
    /// `_BitInt` past 64 bits.
    WideInteger,
    /// Nothing is known of these bytes.
    Unknown,
}

impl ScalarClass {
    /// Whether it goes where integers go: integers, booleans, enumerations and pointers.
    pub fn is_integral(self) -> bool {
        matches!(
            self,
            ScalarClass::Boolean
                | ScalarClass::Integer { .. }
                | ScalarClass::Enumeration { .. }
                | ScalarClass::Pointer
        )
    }
}

/// One scalar inside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Bytes from the record's start; for a bit-field, of its first bit.
    pub offset: u64,
    /// Its size in bytes; for a bit-field, of the bytes that its bits touch.
    pub size: u64,
    /// What its bits are.
    pub class: ScalarClass,
    /// The place of a bit-field, in bits from the record's start.
    pub bits: Option<BitField>,
    /// It shares its bytes with other members of a union.
    pub in_union: bool,
    /// It is an element of an array.
    pub in_array: bool,
    /// Its offset is a multiple of its natural alignment. Always so for a bit-field.
    pub aligned: bool,
}

impl Leaf {
    /// A scalar that is aligned, and no bit-field, in no union and no array.
    pub fn new(offset: u64, size: u64, class: ScalarClass) -> Leaf {
        Leaf { offset, size, class, bits: None, in_union: false, in_array: false, aligned: true }
    }

    /// A bit-field of a record that begins at `start`. `None`: its place is past what can be counted.
    fn bit_field(start: u64, bits: BitField) -> Option<Leaf> {
        let offset = start.checked_mul(8)?.checked_add(bits.offset)?;
        let end = offset.checked_add(bits.width)?;
        let size = end.div_ceil(8) - offset / 8;
        let bits = Some(BitField { offset, ..bits });
        Some(Leaf { bits, ..Leaf::new(offset / 8, size, ScalarClass::Unknown) })
    }

    /// Whether it is a bit-field.
    pub fn is_bit_field(&self) -> bool {
        self.bits.is_some()
    }
}

/// The bytes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// The size in bytes.
    pub size: u64,
    /// The alignment in bytes.
    pub align: u64,
    /// Its scalars by offset; the two parts of complex numbers and the two halves of 16-byte integers
    /// each for itself. Members without size (flexible arrays, empty records) do not appear.
    pub leaves: Vec<Leaf>,
    /// Whether `leaves` are all of them: not for a record past [`MAX_LEAVES`], or with an unknown member.
    pub complete: bool,
    /// How x86-64 passes it, see [`passing`](super::eightbyte::passing); nothing on other machines.
    pub passing: Option<Passing>,
}

impl Bytes {
    /// The bytes of a struct as libffi is told of it: no two of its scalars share bytes.
    pub fn of_leaves(size: u64, align: u64, leaves: Vec<Leaf>) -> Bytes {
        let complete = leaves.iter().all(|leaf| leaf.class != ScalarClass::Unknown);
        let passing = passing_of_leaves(size, &leaves);
        Bytes { size, align, leaves, complete, passing }
    }
}

/// What a type is when it is passed by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `void`: no value.
    Void,
    /// A scalar; 16-byte integers too.
    Scalar {
        /// What its bits are.
        class: ScalarClass,
        /// Its size in bytes.
        size: u64,
    },
    /// `_Complex`.
    Complex {
        /// What each of its two parts is.
        part: ScalarClass,
        /// The size in bytes of both parts together.
        size: u64,
    },
    /// A struct, union or C++ class.
    Record(Bytes),
    /// A C++ class that is passed as a pointer to it.
    Reference,
    /// It cannot be told.
    Unknown {
        /// Why, as part of a sentence.
        reason: String,
    },
}

impl Value {
    /// The size in bytes, where there is one.
    pub fn size(&self) -> Option<u64> {
        match self {
            Value::Scalar { size, .. } | Value::Complex { size, .. } => Some(*size),
            Value::Record(bytes) => Some(bytes.size),
            Value::Void | Value::Reference | Value::Unknown { .. } => None,
        }
    }

    /// Its bytes, as if it were the only member of a struct. `None` where it has none.
    pub fn bytes(&self) -> Option<Bytes> {
        let (class, size, part) = match self {
            Value::Record(bytes) => return Some(bytes.clone()),
            Value::Scalar { class, size } => (*class, *size, *size),
            Value::Complex { part, size } => (*part, *size, *size / 2),
            Value::Void | Value::Reference | Value::Unknown { .. } => return None,
        };
        let mut leaves = Vec::new();
        push_parts(&mut leaves, Leaf::new(0, size, class), part);
        Some(Bytes::of_leaves(size, part.clamp(1, 16), leaves))
    }
}

impl Value {
    /// What a K&R definition's parameter of this type receives: the default argument promotions
    /// (C17 §6.5.2.2 ¶6).
    #[must_use]
    pub fn promoted(self) -> Value {
        match self {
            Value::Scalar { class: ScalarClass::Float, size: 4 } => {
                Value::Scalar { class: ScalarClass::Float, size: 8 }
            }
            Value::Scalar { class, size: 1 | 2 } if class.is_integral() => {
                Value::Scalar { class: ScalarClass::Integer { signed: true }, size: 4 }
            }
            other => other,
        }
    }
}

impl Types {
    /// What the type is when it is passed by value. Bounded in time and memory by [`MAX_LEAVES`].
    pub fn by_value(&self, id: TypeId) -> Value {
        let id = self.resolve(id);
        let ty = self.get(id);
        let size = self.size_of(id);
        match (&ty.kind, size) {
            (Kind::Void, _) => Value::Void,
            (Kind::Record(_), _) if self.is_by_reference(id) => Value::Reference,
            (Kind::Record(_), _) if self.layout_of(id).by_reference.is_none() => {
                unknown("how it is passed depends on the compiler and its options")
            }
            (Kind::Record(record), Some(size)) => self.record_by_value(id, record, size),
            (Kind::Record(_), None) => unknown("it is incomplete"),
            (Kind::Unknown { reason }, _) => unknown(reason.as_str()),
            (Kind::Function(_), _) => unknown("a function is not a value"),
            (Kind::Array { vector: false, .. }, _) => unknown("an array is not a value"),
            (Kind::Base { encoding, .. }, Some(size)) => match complex_part(*encoding) {
                Some(part) => Value::Complex { part, size },
                None => Value::Scalar { class: self.scalar_class(id), size },
            },
            (_, Some(size)) => Value::Scalar { class: self.scalar_class(id), size },
            (_, None) => unknown("its size is not known"),
        }
    }

    fn record_by_value(&self, id: TypeId, record: &Record, size: u64) -> Value {
        let (mut leaves, mut complete) = self.leaves(record);
        // Members past the end: the debug information contradicts itself.
        let before = leaves.len();
        leaves.retain(|leaf| leaf.offset.checked_add(leaf.size).is_some_and(|end| end <= size));
        complete &= leaves.len() == before;
        let layout = self.layout_of(id);
        let passing = match self.target().machine {
            X86_64 if layout.disputed || layout.unexplained => None,
            X86_64 if complete || size > 64 => passing_of_record(self, record, size, &leaves),
            _ => None,
        };
        Value::Record(Bytes { size, align: layout.align, leaves, complete, passing })
    }

    /// A record's scalars by offset, and whether they are all.
    fn leaves(&self, record: &Record) -> (Vec<Leaf>, bool) {
        let mut walk = LeafWalk { types: self, leaves: Vec::new(), complete: true, visits: 0 };
        walk.record(record, Cursor { offset: 0, in_union: false, in_array: false }, 0);
        let bit = |leaf: &Leaf| leaf.bits.map_or(0, |bits| bits.offset % 8);
        walk.leaves.sort_by_key(|leaf| (leaf.offset, bit(leaf), leaf.size));
        mark_shared(&mut walk.leaves);
        (walk.leaves, walk.complete)
    }

    /// What the bits of a type that is not a record are. `id` is resolved.
    pub(crate) fn scalar_class(&self, id: TypeId) -> ScalarClass {
        let ty = self.get(id);
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
                    // Not by its own class: it might be an enumeration, even this one.
                    Some(underlying) => matches!(
                        self.resolved(*underlying).kind,
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
}

/// Scalars of a struct that share bytes, as runtimes lay out their own unions; in C only bit-fields do.
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

/// Where in the outermost record the walk is.
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
    /// Whether the bounds allow one step more.
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
                    field.class = self.types.scalar_class(self.types.resolve(member.ty));
                    field.in_union = in_union;
                    field.in_array = place.in_array;
                    // Without bits it ends a storage unit, without a name it is padding.
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
                match (element_count(dimensions), self.types.size_of(*element)) {
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
            // An element that is not known does not end the array; a bound does.
            if self.visits > VISITS || self.leaves.len() + 2 > MAX_LEAVES {
                self.complete = false;
                return;
            }
            let offset = place.offset.saturating_add(index.saturating_mul(stride));
            self.member(element, Cursor { offset, in_array: true, ..place }, depth + 1);
        }
    }

    fn scalar(&mut self, id: TypeId, place: Cursor, parts: u64) {
        let class = self.types.scalar_class(id);
        let size = self.types.size_of(id);
        self.complete &= size.is_some() && class != ScalarClass::Unknown;
        let Some(size) = size.filter(|&size| size > 0) else { return };
        let mut whole = Leaf::new(place.offset, size, class);
        whole.in_union = place.in_union;
        whole.in_array = place.in_array;
        whole.aligned = place.offset.is_multiple_of(self.types.align_of(id));
        push_parts(&mut self.leaves, whole, size / parts);
    }
}

/// Pushes the parts of a complex number, the halves of a 16-byte integer, or the one scalar.
fn push_parts(leaves: &mut Vec<Leaf>, whole: Leaf, part: u64) {
    let half = matches!(whole.class, ScalarClass::Integer { .. }) && part == 16;
    let part = if half { 8 } else { part };
    if part == 0 || part == whole.size {
        leaves.push(whole);
        return;
    }
    // Two, three of an odd size, or the four halves of two.
    for index in 0..whole.size / part {
        let offset = whole.offset.saturating_add(index * part);
        leaves.push(Leaf { offset, size: part, ..whole });
    }
}

/// More dimensions are no compiler's output.
const DIMENSIONS: usize = 64;

/// The number of elements of an array; 0 where a dimension is not known: a flexible array member has no bytes. `None`
/// where there cannot be so many.
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
#[path = "bytes_tests.rs"]
mod tests;
