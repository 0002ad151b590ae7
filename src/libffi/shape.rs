//! The description of an `ffi_type` as plain data, before it has an address.

use std::ffi::c_ushort;

use crate::abi::{Leaf, ScalarClass};

/// One of libffi's scalar types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Void,
    Float,
    Double,
    LongDouble,
    Unsigned8,
    Signed8,
    Unsigned16,
    Signed16,
    Unsigned32,
    Signed32,
    Unsigned64,
    Signed64,
    Pointer,
}

/// The size and alignment in bytes of a `long double` that is not a `double`.
const LONG_DOUBLE: (u64, u64) = if cfg!(target_arch = "x86") {
    (12, 4)
} else if cfg!(target_arch = "s390x") {
    (16, 8)
} else if cfg!(target_arch = "arm") {
    (8, 8)
} else {
    (16, 16)
};

impl Code {
    /// The code for a scalar of `size` bytes.
    pub(crate) fn of(class: ScalarClass, size: u64) -> Option<Code> {
        let signed = match class {
            ScalarClass::Boolean => false,
            ScalarClass::Integer { signed } | ScalarClass::Enumeration { signed, .. } => signed,
            ScalarClass::Pointer => {
                return (size == size_of::<usize>() as u64).then_some(Code::Pointer)
            }
            ScalarClass::Float => {
                return match size {
                    4 => Some(Code::Float),
                    8 => Some(Code::Double),
                    size if size == LONG_DOUBLE.0 => Some(Code::LongDouble),
                    _ => None,
                }
            }
            ScalarClass::Float128
            | ScalarClass::Decimal
            | ScalarClass::Vector
            | ScalarClass::WideInteger
            | ScalarClass::Unknown => return None,
        };
        match (size, signed) {
            (1, false) => Some(Code::Unsigned8),
            (1, true) => Some(Code::Signed8),
            (2, false) => Some(Code::Unsigned16),
            (2, true) => Some(Code::Signed16),
            (4, false) => Some(Code::Unsigned32),
            (4, true) => Some(Code::Signed32),
            (8, false) => Some(Code::Unsigned64),
            (8, true) => Some(Code::Signed64),
            _ => None,
        }
    }

    pub(crate) fn of_leaf(leaf: &Leaf) -> Option<Code> {
        Code::of(leaf.class, leaf.size)
    }

    /// The size and alignment in bytes that libffi uses.
    pub(crate) fn layout(self) -> (u64, u64) {
        match self {
            Code::Void | Code::Unsigned8 | Code::Signed8 => (1, 1),
            Code::Unsigned16 | Code::Signed16 => (2, 2),
            Code::Unsigned32 | Code::Signed32 | Code::Float => (4, 4),
            Code::Unsigned64 | Code::Signed64 => (8, align_of::<u64>() as u64),
            Code::Double => (8, align_of::<f64>() as u64),
            Code::LongDouble => LONG_DOUBLE,
            Code::Pointer => (size_of::<usize>() as u64, align_of::<usize>() as u64),
        }
    }
}

/// The description of an `ffi_type` that is not made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlannedType {
    Scalar(Code),
    /// `FFI_TYPE_COMPLEX` of a floating-point type.
    Complex(Code),
    /// A struct with its real size and alignment. libffi then does not compute them.
    Struct {
        size: usize,
        align: c_ushort,
        elements: Vec<Element>,
    },
}

/// A member of a struct that is not made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Scalar(Code),
    /// A struct of that size, with alignment 1 and no elements. libffi assigns these bytes no class. On x86-64, libffi
    /// passes such a struct, and any struct that contains it, in memory if it is larger than 32 bytes.
    Opaque(usize),
}

impl PlannedType {
    /// Size in bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            PlannedType::Scalar(code) => code.layout().0 as usize,
            PlannedType::Complex(part) => 2 * part.layout().0 as usize,
            PlannedType::Struct { size, .. } => *size,
        }
    }
}
