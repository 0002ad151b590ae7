//! A declaration has a table of types, and so does a claim. A type is a number in its table; `ftc_type_get` returns what is known
//! about it. Structs and strings belong to the table. No two flags of this header have the same value, so a flag that is passed
//! where it does not belong is refused.

use crate::ctype::{Encoding, PointerClass, Qualifier};

/// The kind of a type. It decides which fields of `ftc_type` are used; the others are 0 or NULL. A later version may
/// add kinds.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_type_kind {
    /// `void`.
    FTC_TYPE_VOID = 1,
    /// A base type. Uses `encoding`, `bits`, FTC_TYPE_FLAG_SWAPPED.
    FTC_TYPE_BASE = 2,
    /// A pointer or reference to `target`. Uses `pointer`.
    FTC_TYPE_POINTER = 3,
    /// `target` with a qualifier. Uses `qualifier`.
    FTC_TYPE_QUALIFIED = 4,
    /// A typedef of `target`.
    FTC_TYPE_TYPEDEF = 5,
    /// An array of `target`. `count` is the number of its dimensions, and `dimensions` their lengths.
    FTC_TYPE_ARRAY = 6,
    /// A vector of `target` (`__attribute__((vector_size))`). The fields are those of an array.
    FTC_TYPE_VECTOR = 7,
    /// A struct. `count` is the number of its members. Uses FTC_TYPE_FLAG_INCOMPLETE, FTC_TYPE_FLAG_BY_REFERENCE.
    FTC_TYPE_STRUCT = 8,
    /// A union. The fields are those of a struct.
    FTC_TYPE_UNION = 9,
    /// A C++ class. The fields are those of a struct.
    FTC_TYPE_CLASS = 10,
    /// An enumeration. `target` is its integer type, or `void` if that is not known. `count` is the number of its
    /// constants. Uses FTC_TYPE_FLAG_INCOMPLETE.
    FTC_TYPE_ENUMERATION = 11,
    /// A function that returns `target`. `count` is the number of its parameters. Uses FTC_TYPE_FLAG_PROTOTYPED,
    /// FTC_TYPE_FLAG_VARIADIC.
    FTC_TYPE_FUNCTION = 12,
    /// A type that the debug information mentions but does not describe, or a number that the table never returned.
    /// `reason` says why it is not known.
    FTC_TYPE_UNKNOWN = 13,
}

/// How the bits of a base type are interpreted.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_encoding {
    /// The type is not a base type.
    FTC_ENCODING_NONE = 0,
    /// `_Bool`.
    FTC_ENCODING_BOOLEAN = 1,
    /// A signed integer.
    FTC_ENCODING_SIGNED = 2,
    /// An unsigned integer.
    FTC_ENCODING_UNSIGNED = 3,
    /// `signed char`, and `char` on machines where it is signed.
    FTC_ENCODING_SIGNED_CHAR = 4,
    /// `unsigned char`, and `char` on machines where it is unsigned.
    FTC_ENCODING_UNSIGNED_CHAR = 5,
    /// `char16_t`, `char32_t` and `char8_t`.
    FTC_ENCODING_UTF = 6,
    /// A floating-point number, in the target's format of that size.
    FTC_ENCODING_FLOAT = 7,
    /// An IEEE binary128 number, on targets whose `long double` has another format.
    FTC_ENCODING_FLOAT128 = 8,
    /// A `_Complex` floating-point number. The size is that of both parts together.
    FTC_ENCODING_COMPLEX_FLOAT = 9,
    /// `_Complex _Float128`, on targets whose `long double` has another format.
    FTC_ENCODING_COMPLEX_FLOAT128 = 10,
    /// A complex integer, an extension of GNU C.
    FTC_ENCODING_COMPLEX_INTEGER = 11,
    /// `_Decimal32`, `_Decimal64` or `_Decimal128`.
    FTC_ENCODING_DECIMAL_FLOAT = 12,
}

/// A pointer, or one of C++'s references.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_pointer_class {
    /// The type is not a pointer or reference.
    FTC_POINTER_NONE = 0,
    /// `T *`.
    FTC_POINTER = 1,
    /// `T &`.
    FTC_LVALUE_REFERENCE = 2,
    /// `T &&`.
    FTC_RVALUE_REFERENCE = 3,
}

/// A qualifier.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ftc_qualifier {
    /// The type is not a qualified one.
    FTC_QUALIFIER_NONE = 0,
    /// `const`.
    FTC_CONST = 1,
    /// `volatile`.
    FTC_VOLATILE = 2,
    /// `restrict`.
    FTC_RESTRICT = 3,
    /// `_Atomic`.
    FTC_ATOMIC = 4,
}

/// In `flags` of `ftc_type`: the record or enumeration is only declared, not defined.
pub const FTC_TYPE_FLAG_INCOMPLETE: u32 = 0x1;
/// In `flags` of `ftc_type`: the function is declared with a prototype.
pub const FTC_TYPE_FLAG_PROTOTYPED: u32 = 0x2;
/// In `flags` of `ftc_type`, and for `ftc_claim_function`: the function's parameters end in `, ...`.
pub const FTC_TYPE_FLAG_VARIADIC: u32 = 0x4;
/// In `flags` of `ftc_type`: the C++ class is passed and returned by a hidden pointer.
pub const FTC_TYPE_FLAG_BY_REFERENCE: u32 = 0x8;
/// In `flags` of `ftc_type`, and for `ftc_claim_base`: the byte order is the opposite of the machine's.
pub const FTC_TYPE_FLAG_SWAPPED: u32 = 0x10;
/// For `ftc_claim_function`: the function has no prototype, as in `int f()`.
pub const FTC_TYPE_FLAG_UNPROTOTYPED: u32 = 0x20;
/// In `flags` of `ftc_member`: the member is a base class.
pub const FTC_MEMBER_BASE_CLASS: u32 = 0x100;
/// In `flags` of `ftc_member`: the member is a bit-field.
pub const FTC_MEMBER_BIT_FIELD: u32 = 0x200;
/// In `flags` of `ftc_enumerator`: `value` is greater than INT64_MAX. Read it as a `uint64_t`.
pub const FTC_ENUMERATOR_UNSIGNED: u32 = 0x1000;

impl From<Encoding> for ftc_encoding {
    fn from(encoding: Encoding) -> ftc_encoding {
        match encoding {
            Encoding::Boolean => ftc_encoding::FTC_ENCODING_BOOLEAN,
            Encoding::Signed => ftc_encoding::FTC_ENCODING_SIGNED,
            Encoding::Unsigned => ftc_encoding::FTC_ENCODING_UNSIGNED,
            Encoding::SignedChar => ftc_encoding::FTC_ENCODING_SIGNED_CHAR,
            Encoding::UnsignedChar => ftc_encoding::FTC_ENCODING_UNSIGNED_CHAR,
            Encoding::Utf => ftc_encoding::FTC_ENCODING_UTF,
            Encoding::Float => ftc_encoding::FTC_ENCODING_FLOAT,
            Encoding::Float128 => ftc_encoding::FTC_ENCODING_FLOAT128,
            Encoding::ComplexFloat => ftc_encoding::FTC_ENCODING_COMPLEX_FLOAT,
            Encoding::ComplexFloat128 => ftc_encoding::FTC_ENCODING_COMPLEX_FLOAT128,
            Encoding::ComplexInteger => ftc_encoding::FTC_ENCODING_COMPLEX_INTEGER,
            Encoding::DecimalFloat => ftc_encoding::FTC_ENCODING_DECIMAL_FLOAT,
        }
    }
}

impl From<PointerClass> for ftc_pointer_class {
    fn from(class: PointerClass) -> ftc_pointer_class {
        match class {
            PointerClass::Pointer => ftc_pointer_class::FTC_POINTER,
            PointerClass::LvalueReference => ftc_pointer_class::FTC_LVALUE_REFERENCE,
            PointerClass::RvalueReference => ftc_pointer_class::FTC_RVALUE_REFERENCE,
        }
    }
}

impl From<Qualifier> for ftc_qualifier {
    fn from(qualifier: Qualifier) -> ftc_qualifier {
        match qualifier {
            Qualifier::Const => ftc_qualifier::FTC_CONST,
            Qualifier::Volatile => ftc_qualifier::FTC_VOLATILE,
            Qualifier::Restrict => ftc_qualifier::FTC_RESTRICT,
            Qualifier::Atomic => ftc_qualifier::FTC_ATOMIC,
        }
    }
}
