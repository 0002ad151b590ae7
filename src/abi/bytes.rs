//! What a value of a type is: its scalars and the bytes where they lie.

use super::eightbyte::{passing_of_leaves, Passing};
use crate::ctype::BitField;

/// A record with more scalars than this is known by its first ones and its size only.
pub const MAX_LEAVES: usize = 4096;

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
    /// A binary floating-point number in the target's format of that size ([`Encoding::Float`](crate::ctype::Encoding::Float)).
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
    pub(super) fn bit_field(start: u64, bits: BitField) -> Option<Leaf> {
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

/// Pushes the parts of a complex number, the halves of a 16-byte integer, or the one scalar.
pub(super) fn push_parts(leaves: &mut Vec<Leaf>, whole: Leaf, part: u64) {
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
