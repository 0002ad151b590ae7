//! The description of a value: its scalars, and the bytes where they lie.

use super::eightbyte::{passing_of_leaves, Passing};
use crate::ctype::BitField;

/// Only the first scalars and the size are known of a record with more scalars than this.
pub const MAX_LEAVES: usize = 4096;

/// The class of a scalar: how its bits are interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarClass {
    /// `_Bool`.
    Boolean,
    /// An integer, including `char` and a `_BitInt` of up to 64 bits.
    Integer {
        /// Whether it is signed.
        signed: bool,
    },
    /// An enumeration.
    Enumeration {
        /// Whether its underlying integer type is signed.
        signed: bool,
        /// Whether it has a constant that is neither 0 nor 1.
        beyond_bool: bool,
    },
    /// A binary floating-point number in the target's format of its size
    /// (see [`Encoding::Float`](crate::ctype::Encoding::Float)).
    Float,
    /// An IEEE binary128 number on a target whose `long double` has another format.
    Float128,
    /// A decimal floating-point number.
    Decimal,
    /// A pointer or reference to data or to a function.
    Pointer,
    /// A vector.
    Vector,
    /// A `_BitInt` of more than 64 bits.
    WideInteger,
    /// Nothing is known about these bytes.
    Unknown,
}

impl ScalarClass {
    /// Whether it is passed like an integer: an integer, boolean, enumeration or pointer.
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
    /// The offset in bytes from the record's start. For a bit-field, the offset of the byte with its first bit.
    pub offset: u64,
    /// The size in bytes. For a bit-field, the number of bytes that its bits touch.
    pub size: u64,
    /// The class of the scalar.
    pub class: ScalarClass,
    /// For a bit-field, its place in bits from the record's start.
    pub bits: Option<BitField>,
    /// Whether it shares its bytes with other members of a union.
    pub in_union: bool,
    /// Whether it is an element of an array.
    pub in_array: bool,
    /// Whether its offset is a multiple of its natural alignment. Always true for a bit-field.
    pub aligned: bool,
}

impl Leaf {
    /// Makes an aligned scalar that is not a bit-field and is not in a union or an array.
    pub fn new(offset: u64, size: u64, class: ScalarClass) -> Leaf {
        Leaf { offset, size, class, bits: None, in_union: false, in_array: false, aligned: true }
    }

    /// Makes a bit-field of a record that begins at the byte `start`. `None` if its place in bits overflows.
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
    /// The scalars, ordered by offset. Each part of a complex number and each half of a 16-byte integer is listed by
    /// itself. Members without a size (flexible arrays, empty records) are not listed.
    pub leaves: Vec<Leaf>,
    /// Whether `leaves` is complete. It is not if the record has more than [`MAX_LEAVES`] scalars or an unknown
    /// member.
    pub complete: bool,
    /// How x86-64 passes the record, see [`passing`](super::eightbyte::passing). `None` on other machines and if it
    /// is not known.
    pub passing: Option<Passing>,
}

impl Bytes {
    /// The bytes of a struct as it is described to libffi: no two of its scalars share bytes.
    pub fn of_leaves(size: u64, align: u64, leaves: Vec<Leaf>) -> Bytes {
        let complete = leaves.iter().all(|leaf| leaf.class != ScalarClass::Unknown);
        let passing = passing_of_leaves(size, &leaves);
        Bytes { size, align, leaves, complete, passing }
    }
}

/// How a type is passed by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `void`: no value.
    Void,
    /// A scalar, including integers of 16 bytes.
    Scalar {
        /// The class of the scalar.
        class: ScalarClass,
        /// Its size in bytes.
        size: u64,
    },
    /// `_Complex`.
    Complex {
        /// The class of each of its two parts.
        part: ScalarClass,
        /// The size in bytes of both parts together.
        size: u64,
    },
    /// A struct, union or C++ class.
    Record(Bytes),
    /// A C++ class that is passed as a pointer to it.
    Reference,
    /// It is not known how the type is passed.
    Unknown {
        /// The reason, as part of a sentence.
        reason: String,
    },
}

impl Value {
    /// The size in bytes. `None` for `void`, a class passed by reference, and an unknown value.
    pub fn size(&self) -> Option<u64> {
        match self {
            Value::Scalar { size, .. } | Value::Complex { size, .. } => Some(*size),
            Value::Record(bytes) => Some(bytes.size),
            Value::Void | Value::Reference | Value::Unknown { .. } => None,
        }
    }

    /// The bytes of the value, as if it were the only member of a struct. `None` for the same values as in
    /// [`Value::size`].
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

    /// The value that a parameter of this type receives in a K&R definition, after the default argument promotions
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

/// Adds the two parts of a complex number, the halves of a 16-byte integer, or the scalar itself.
pub(super) fn push_parts(leaves: &mut Vec<Leaf>, whole: Leaf, part: u64) {
    let half = matches!(whole.class, ScalarClass::Integer { .. }) && part == 16;
    let part = if half { 8 } else { part };
    if part == 0 || part == whole.size {
        leaves.push(whole);
        return;
    }
    // Two parts; four for a complex number of two 16-byte integers; three if 3 bytes were halved.
    for index in 0..whole.size / part {
        let offset = whole.offset.saturating_add(index * part);
        leaves.push(Leaf { offset, size: part, ..whole });
    }
}
