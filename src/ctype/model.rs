//! The description of a C type.

use super::{Name, TypeId};

/// A type. Read through [`Types::get`](super::Types::get).
#[derive(Clone, Debug)]
pub struct Type {
    /// The name of a base type or typedef, or the tag of a record or enumeration. `None` if it has none. In C++ it
    /// includes the scopes: `ceph::buffer::list`.
    pub name: Option<Name>,
    /// The size in bytes as the debug information states it. `None` if it states none (typedef, qualifier, array,
    /// function, incomplete record). [`size_of`](crate::abi::size_of) computes the size then.
    pub size: Option<u64>,
    /// The alignment in bytes, if the source states one (`_Alignas`, `__attribute__((aligned))`; DW_AT_alignment,
    /// DWARF 5 §2.24). Otherwise [`align_of`](crate::abi::align_of) computes it.
    pub align: Option<u64>,
    /// The kind of the type, with its details.
    pub kind: Kind,
}

/// The kinds of types.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `void`.
    Void,
    /// A base type.
    Base {
        /// How its bits are interpreted.
        encoding: Encoding,
        /// The width in bits of a `_BitInt(N)`, at most 8 times the size; `None` for every other type.
        bits: Option<u32>,
        /// Whether its bytes are in the other order than the target's (DW_AT_endianity, DWARF 5 §5.1):
        /// `__attribute__((scalar_storage_order))`.
        swapped: bool,
    },
    /// A pointer or reference. Its size is that of the [`Type`], or else the target's pointer size.
    Pointer {
        /// What it points to.
        target: TypeId,
        /// Whether it is a pointer, or which kind of reference.
        class: PointerClass,
    },
    /// A type with the qualifier `const`, `volatile`, `restrict` or `_Atomic`.
    Qualified {
        /// The qualifier.
        qualifier: Qualifier,
        /// The type that is qualified.
        target: TypeId,
    },
    /// A name for another type.
    Typedef {
        /// The type that it names.
        target: TypeId,
    },
    /// An array with any number of dimensions, or a vector (`__attribute__((vector_size))`).
    Array {
        /// The type of one element, after all dimensions.
        element: TypeId,
        /// The number of elements of each dimension, outermost first. `None` if it is not known (`a[]`, a flexible
        /// array member, a VLA). Never empty.
        dimensions: Box<[Option<u64>]>,
        /// Whether it is a vector: one value in one register, not an array.
        vector: bool,
    },
    /// A struct, union or C++ class.
    Record(Record),
    /// An enumeration.
    Enumeration {
        /// The underlying integer type. `None` if the debug information has none (before DWARF 3, or strict DWARF).
        /// The size and the enumerators determine it then.
        underlying: Option<TypeId>,
        /// The constants, in order of declaration.
        enumerators: Box<[Enumerator]>,
        /// Whether it is only declared: `enum e;`.
        incomplete: bool,
    },
    /// A function type.
    Function(Function),
    /// A type that the debug information mentions but that has no counterpart in C here, or that could not be read.
    /// Nothing is known about it, and every check against it is UNVERIFIED.
    Unknown {
        /// The reason, as part of a sentence.
        reason: Name,
    },
}

/// How the bits of a base type are interpreted (DWARF 5 §7.8, DW_ATE_*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `_Bool`.
    Boolean,
    /// A signed integer.
    Signed,
    /// An unsigned integer.
    Unsigned,
    /// `signed char`, and `char` if it is signed on the target (DW_ATE_signed_char).
    SignedChar,
    /// `unsigned char`, and `char` if it is unsigned on the target (DW_ATE_unsigned_char).
    UnsignedChar,
    /// `char8_t`, `char16_t`, `char32_t` (DW_ATE_UTF).
    Utf,
    /// A binary floating-point number in the format of the target's `float`, `double` or `long double` of that size.
    /// If none of these has that size, in the IEEE format of that size.
    Float,
    /// A 16-byte binary floating-point number in IEEE binary128, if the target's `long double` has another format
    /// (`_Float128` on x86).
    Float128,
    /// `_Complex` of a floating-point type. The size is that of both parts together.
    ComplexFloat,
    /// `_Complex _Float128`, if `long double` has another format.
    ComplexFloat128,
    /// A complex integer of GNU C. The size is that of both parts together.
    ComplexInteger,
    /// `_Decimal32`, `_Decimal64`, `_Decimal128`.
    DecimalFloat,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Encoding; 12] = [
        Encoding::Boolean,
        Encoding::Signed,
        Encoding::Unsigned,
        Encoding::SignedChar,
        Encoding::UnsignedChar,
        Encoding::Utf,
        Encoding::Float,
        Encoding::Float128,
        Encoding::ComplexFloat,
        Encoding::ComplexFloat128,
        Encoding::ComplexInteger,
        Encoding::DecimalFloat,
    ];
}

/// A pointer or one of C++'s references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PointerClass {
    /// `T *`.
    Pointer,
    /// `T &`.
    LvalueReference,
    /// `T &&`.
    RvalueReference,
}

/// A qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// `const`.
    Const,
    /// `volatile`.
    Volatile,
    /// `restrict`.
    Restrict,
    /// `_Atomic`.
    Atomic,
}

/// `struct`, `union` or `class`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordClass {
    /// `struct`.
    Struct,
    /// `union`.
    Union,
    /// C++ `class`.
    Class,
}

/// A struct, union or class.
#[derive(Clone, Debug)]
pub struct Record {
    /// Which of the three.
    pub class: RecordClass,
    /// Data members in order of declaration, base classes first. Static members are not included.
    pub members: Box<[Member]>,
    /// Whether it is only declared (`struct s;`). Then neither size nor members are known.
    pub incomplete: bool,
    /// For C++, whether the record itself requires that it is passed and returned by invisible reference
    /// (DW_CC_pass_by_reference, DWARF 5 §5.7.1, or what is declared in it).
    /// [`is_by_reference`](crate::abi::is_by_reference) also looks at its members. `None` if options of the library's
    /// compiler change or hide how it is passed. That also occurs in C.
    pub by_reference: Option<bool>,
}

/// A data member, or a base class.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name. `None` for a base class, and for an anonymous struct or union, whose members count as members of the
    /// outer record.
    pub name: Option<Name>,
    /// Its type.
    pub ty: TypeId,
    /// The offset in bytes from the record's start. For a bit-field, the offset of the byte with its first bit
    /// (`bits.offset / 8`).
    pub offset: u64,
    /// For a bit-field, the place of its bits.
    pub bits: Option<BitField>,
    /// Whether it is a base class rather than a member.
    pub base_class: bool,
    /// The alignment in bytes that the source states for it (DW_AT_alignment).
    pub align: Option<u64>,
}

/// The place of a bit-field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BitField {
    /// The number of bits from the record's start to the field's first bit, counted as in DW_AT_data_bit_offset
    /// (DWARF 5 §5.7.6): from the least significant bit up on little-endian targets, from the most significant bit
    /// down on big-endian ones. In a record of the other byte order (its base types are `swapped`), bits are counted
    /// from the other end, as on a target of that order. gcc allocates bit-fields from that end, and records the same
    /// numbers for either order. In both cases, the byte of a bit is its number divided by 8.
    pub offset: u64,
    /// The width in bits.
    pub width: u64,
}

/// A named constant of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumerator {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: i128,
}

/// A function type.
#[derive(Clone, Debug)]
pub struct Function {
    /// The type of the result. [`TypeId::VOID`] if it returns nothing.
    pub result: TypeId,
    /// The parameters that have a type of their own, in order.
    pub parameters: Box<[Parameter]>,
    /// Whether it is declared with a prototype. If not, `parameters` are those of a K&R definition, or unknown if the
    /// declaration is not the definition.
    pub prototyped: bool,
    /// Whether it ends in `, ...`.
    pub variadic: bool,
    /// DW_AT_calling_convention, if it is not the target's normal convention (DWARF 5 §7.15).
    pub convention: Option<u8>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, if the debug information has one.
    pub name: Option<Name>,
    /// Its type, as declared; arrays and functions have already become pointers.
    pub ty: TypeId,
}

/// The keyword before a tag. Types are found by keyword and tag. C has one name space for all tags in a unit (C17
/// §6.2.3), but separate units may use one tag with different keywords. `struct` and `class` are one keyword (C++17
/// [class.name]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Keyword {
    Struct,
    Union,
    Enum,
}

impl Keyword {
    /// The keyword as C writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Keyword::Struct => "struct",
            Keyword::Union => "union",
            Keyword::Enum => "enum",
        }
    }
}

impl Type {
    /// `void`.
    pub fn void() -> Type {
        Type { name: None, size: None, align: None, kind: Kind::Void }
    }

    /// A type about which nothing is known. `reason` says why.
    pub fn unknown(reason: &str) -> Type {
        Type { name: None, size: None, align: None, kind: Kind::Unknown { reason: reason.into() } }
    }

    /// The keyword and the tag of a record or enumeration. `None` if it has no tag.
    pub(crate) fn tag(&self) -> Option<(Keyword, &Name)> {
        let keyword = match &self.kind {
            Kind::Record(record) if record.class == RecordClass::Union => Keyword::Union,
            Kind::Record(_) => Keyword::Struct,
            Kind::Enumeration { .. } => Keyword::Enum,
            _ => return None,
        };
        Some((keyword, self.name.as_ref()?))
    }

    /// Whether it is a struct, union or class.
    pub(crate) fn is_record(&self) -> bool {
        matches!(self.kind, Kind::Record(_))
    }

    /// Whether it is a record or enumeration that is only declared.
    pub(crate) fn is_only_declared(&self) -> bool {
        match &self.kind {
            Kind::Record(record) => record.incomplete,
            Kind::Enumeration { incomplete, .. } => *incomplete,
            _ => false,
        }
    }

    /// Calls `visit` for each type that it refers to. Nothing is looked through: each qualifier and each array is a
    /// type of its own.
    pub(crate) fn each_named(&self, visit: &mut dyn FnMut(TypeId)) {
        match &self.kind {
            Kind::Void | Kind::Base { .. } | Kind::Unknown { .. } => {}
            Kind::Pointer { target, .. }
            | Kind::Qualified { target, .. }
            | Kind::Typedef { target } => visit(*target),
            Kind::Array { element, .. } => visit(*element),
            Kind::Record(record) => record.members.iter().for_each(|member| visit(member.ty)),
            Kind::Enumeration { underlying, .. } => underlying.iter().copied().for_each(visit),
            Kind::Function(function) => {
                visit(function.result);
                function.parameters.iter().for_each(|parameter| visit(parameter.ty));
            }
        }
    }
}
