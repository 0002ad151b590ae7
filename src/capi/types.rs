//! Types, as numbers in a table.

use std::ffi::c_char;

use super::guard::{guard, place, required, required_text, write_sized};
use super::status::ftc_status;
use crate::abi;
use crate::ctype::{Encoding, Kind, Name, PointerClass, Qualifier, RecordClass, TypeId, Types};
use crate::error::Result;
use crate::spell;

/// A table of types. Opaque; it belongs to the declaration or claim that gave it. Types are read when they are first asked for.
/// Any number of threads may use one at once.
pub struct ftc_types {
    _private: [u8; 0],
}

/// The number of a type in its table; it means nothing in another table. 0 is `void` in every table.
pub type ftc_type_id = u32;

/// `void`.
pub const FTC_TYPE_VOID: u32 = 1;
/// A base type; `variant` is its encoding, one of FTC_ENCODING_...
pub const FTC_TYPE_BASE: u32 = 2;
/// A pointer or reference to `target`; `variant` is one of FTC_POINTER, FTC_LVALUE_REFERENCE, FTC_RVALUE_REFERENCE.
pub const FTC_TYPE_POINTER: u32 = 3;
/// `target` with a qualifier; `variant` is one of FTC_CONST, FTC_VOLATILE, FTC_RESTRICT, FTC_ATOMIC.
pub const FTC_TYPE_QUALIFIED: u32 = 4;
/// A name for `target`.
pub const FTC_TYPE_TYPEDEF: u32 = 5;
/// An array of `target`; `count` is the number of its dimensions (`ftc_type_dimension`).
pub const FTC_TYPE_ARRAY: u32 = 6;
/// A vector of `target` (`__attribute__((vector_size))`), otherwise like an array.
pub const FTC_TYPE_VECTOR: u32 = 7;
/// A struct; `count` is the number of its members (`ftc_type_member`).
pub const FTC_TYPE_STRUCT: u32 = 8;
/// A union, otherwise like a struct.
pub const FTC_TYPE_UNION: u32 = 9;
/// A C++ class, otherwise like a struct.
pub const FTC_TYPE_CLASS: u32 = 10;
/// An enumeration; `target` is the integer type under it, or `void` where it is not known; `count` is the number of
/// its constants (`ftc_type_enumerator`).
pub const FTC_TYPE_ENUMERATION: u32 = 11;
/// A function that returns `target`; `count` is the number of its parameters (`ftc_type_parameter`).
pub const FTC_TYPE_FUNCTION: u32 = 12;
/// A type that the debug information mentions but of which nothing is known.
pub const FTC_TYPE_UNKNOWN: u32 = 13;

/// `_Bool`.
pub const FTC_ENCODING_BOOLEAN: u32 = 1;
/// A signed integer.
pub const FTC_ENCODING_SIGNED: u32 = 2;
/// An unsigned integer.
pub const FTC_ENCODING_UNSIGNED: u32 = 3;
/// `char` where it is signed, and `signed char`.
pub const FTC_ENCODING_SIGNED_CHAR: u32 = 4;
/// `char` where it is unsigned, and `unsigned char`.
pub const FTC_ENCODING_UNSIGNED_CHAR: u32 = 5;
/// `char16_t` and its like.
pub const FTC_ENCODING_UTF: u32 = 6;
/// A floating-point number in the target's format of that size.
pub const FTC_ENCODING_FLOAT: u32 = 7;
/// An IEEE binary128 number where the target's `long double` is another format.
pub const FTC_ENCODING_FLOAT128: u32 = 8;
/// `_Complex` of floating point; the size is both parts together.
pub const FTC_ENCODING_COMPLEX_FLOAT: u32 = 9;
/// `_Complex _Float128` where `long double` is another format.
pub const FTC_ENCODING_COMPLEX_FLOAT128: u32 = 10;
/// GNU C's complex integers.
pub const FTC_ENCODING_COMPLEX_INTEGER: u32 = 11;
/// `_Decimal32` and its like.
pub const FTC_ENCODING_DECIMAL_FLOAT: u32 = 12;

/// `T *`.
pub const FTC_POINTER: u32 = 1;
/// `T &`.
pub const FTC_LVALUE_REFERENCE: u32 = 2;
/// `T &&`.
pub const FTC_RVALUE_REFERENCE: u32 = 3;

/// `const`.
pub const FTC_CONST: u32 = 1;
/// `volatile`.
pub const FTC_VOLATILE: u32 = 2;
/// `restrict`.
pub const FTC_RESTRICT: u32 = 3;
/// `_Atomic`.
pub const FTC_ATOMIC: u32 = 4;

/// In `flags`: a record or enumeration that is only declared.
pub const FTC_INCOMPLETE: u32 = 1;
/// In `flags`: a function declared with a prototype.
pub const FTC_PROTOTYPED: u32 = 2;
/// In `flags`: a function that ends in `, ...`.
pub const FTC_VARIADIC: u32 = 4;
/// In `flags`: a C++ class that is passed and returned as a pointer to it.
pub const FTC_BY_REFERENCE: u32 = 8;
/// In `flags` of a member: a base class.
pub const FTC_BASE_CLASS: u32 = 16;
/// In `flags` of a member: a bit-field.
pub const FTC_BIT_FIELD: u32 = 32;
/// In `flags` of an enumerator: `value` is above INT64_MAX and to be read as a `uint64_t`.
pub const FTC_UNSIGNED: u32 = 64;

/// In `flags` of a base type: its bytes lie in the other order than the machine's.
pub const FTC_SWAPPED: u32 = 128;
/// In `flags` of `ftc_claim_function`: nothing is said of the parameters, as in `int f()`.
pub const FTC_UNPROTOTYPED: u32 = 256;

/// A size or count that is not known.
pub const FTC_UNKNOWN_SIZE: u64 = u64::MAX;

/// One type. The caller sets `type_size` to `sizeof` and the rest is written.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_type {
    /// The size of this struct in bytes, set by the caller.
    pub type_size: usize,
    /// One of FTC_TYPE_...
    pub kind: u32,
    /// What the kind says of it; otherwise 0.
    pub variant: u32,
    /// Flags, or'ed.
    pub flags: u32,
    /// The width in bits of a `_BitInt`; otherwise 0.
    pub bits: u32,
    /// The name or tag; NULL where there is none. For FTC_TYPE_UNKNOWN the reason. Lives as long as the table.
    pub name: *const c_char,
    /// `sizeof`, or FTC_UNKNOWN_SIZE.
    pub size: u64,
    /// `_Alignof`, at least 1.
    pub align: u64,
    /// What the kind says of it; otherwise 0.
    pub target: ftc_type_id,
    /// What the kind says of it; otherwise 0.
    pub count: u32,
}

/// # Safety
/// `types` is NULL or a table whose declaration or claim lives as long as the result is used.
pub(super) unsafe fn table<'a>(types: *const ftc_types) -> Result<&'a Types> {
    // SAFETY: an ftc_types is a Types, see ftc_decl_types.
    unsafe { required(types.cast::<Types>(), "types") }
}

pub(super) fn text(name: Option<&Name>) -> *const c_char {
    name.map_or(std::ptr::null(), |name| name.as_c_str().as_ptr())
}

/// The type `id`. A number that the table never gave is of kind FTC_TYPE_UNKNOWN.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`type_size`).
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed; `out` is NULL or writable, with `type_size` set.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_get(
    types: *const ftc_types,
    id: ftc_type_id,
    out: *mut ftc_type,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let value = type_of(unsafe { table(types) }?, TypeId::from_index(id));
        // SAFETY: as the caller promises; an ftc_type has no padding.
        unsafe { write_sized(out, &value, size_of::<ftc_type>()) }
    })
}

fn type_of(types: &Types, id: TypeId) -> ftc_type {
    let ty = types.get(id);
    let layout = abi::layout_of(types, id);
    let (mut variant, mut flags, mut bits, mut target, mut count) = (0, 0, 0, 0, 0);
    let mut name = ty.name.as_ref();
    let kind = match &ty.kind {
        Kind::Void => FTC_TYPE_VOID,
        Kind::Base { encoding, bits: width, swapped } => {
            variant = encoding_of(*encoding);
            bits = width.unwrap_or(0);
            flags |= if *swapped { FTC_SWAPPED } else { 0 };
            FTC_TYPE_BASE
        }
        Kind::Pointer { target: pointee, class } => {
            target = pointee.index();
            variant = match class {
                PointerClass::Pointer => FTC_POINTER,
                PointerClass::LvalueReference => FTC_LVALUE_REFERENCE,
                PointerClass::RvalueReference => FTC_RVALUE_REFERENCE,
            };
            FTC_TYPE_POINTER
        }
        Kind::Qualified { qualifier, target: unqualified } => {
            target = unqualified.index();
            variant = match qualifier {
                Qualifier::Const => FTC_CONST,
                Qualifier::Volatile => FTC_VOLATILE,
                Qualifier::Restrict => FTC_RESTRICT,
                Qualifier::Atomic => FTC_ATOMIC,
            };
            FTC_TYPE_QUALIFIED
        }
        Kind::Typedef { target: named } => {
            target = named.index();
            FTC_TYPE_TYPEDEF
        }
        Kind::Array { element, dimensions, vector } => {
            target = element.index();
            count = dimensions.len() as u32;
            if *vector {
                FTC_TYPE_VECTOR
            } else {
                FTC_TYPE_ARRAY
            }
        }
        Kind::Record(record) => {
            count = record.members.len() as u32;
            flags |= if record.incomplete { FTC_INCOMPLETE } else { 0 };
            flags |= if record.by_reference == Some(true) { FTC_BY_REFERENCE } else { 0 };
            match record.class {
                RecordClass::Struct => FTC_TYPE_STRUCT,
                RecordClass::Union => FTC_TYPE_UNION,
                RecordClass::Class => FTC_TYPE_CLASS,
            }
        }
        Kind::Enumeration { underlying, enumerators, incomplete } => {
            target = underlying.map_or(0, TypeId::index);
            count = enumerators.len() as u32;
            flags |= if *incomplete { FTC_INCOMPLETE } else { 0 };
            FTC_TYPE_ENUMERATION
        }
        Kind::Function(function) => {
            target = function.result.index();
            count = function.parameters.len() as u32;
            flags |= if function.prototyped { FTC_PROTOTYPED } else { 0 };
            flags |= if function.variadic { FTC_VARIADIC } else { 0 };
            FTC_TYPE_FUNCTION
        }
        Kind::Unknown { reason } => {
            name = Some(reason);
            FTC_TYPE_UNKNOWN
        }
    };
    ftc_type {
        type_size: 0,
        kind,
        variant,
        flags,
        bits,
        name: text(name),
        size: layout.size.unwrap_or(FTC_UNKNOWN_SIZE),
        align: layout.align,
        target,
        count,
    }
}

fn encoding_of(encoding: Encoding) -> u32 {
    match encoding {
        Encoding::Boolean => FTC_ENCODING_BOOLEAN,
        Encoding::Signed => FTC_ENCODING_SIGNED,
        Encoding::Unsigned => FTC_ENCODING_UNSIGNED,
        Encoding::SignedChar => FTC_ENCODING_SIGNED_CHAR,
        Encoding::UnsignedChar => FTC_ENCODING_UNSIGNED_CHAR,
        Encoding::Utf => FTC_ENCODING_UTF,
        Encoding::Float => FTC_ENCODING_FLOAT,
        Encoding::Float128 => FTC_ENCODING_FLOAT128,
        Encoding::ComplexFloat => FTC_ENCODING_COMPLEX_FLOAT,
        Encoding::ComplexFloat128 => FTC_ENCODING_COMPLEX_FLOAT128,
        Encoding::ComplexInteger => FTC_ENCODING_COMPLEX_INTEGER,
        Encoding::DecimalFloat => FTC_ENCODING_DECIMAL_FLOAT,
    }
}

/// The encoding with that constant.
pub(super) fn encoding_from(constant: u32) -> Option<Encoding> {
    Encoding::ALL.into_iter().find(|encoding| encoding_of(*encoding) == constant)
}

/// The type behind typedefs and qualifiers. 0 for NULL.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_resolve(types: *const ftc_types, id: ftc_type_id) -> ftc_type_id {
    // SAFETY: as the caller promises.
    let resolve = || Ok(unsafe { table(types) }?.resolve(TypeId::from_index(id)).index());
    super::guard::caught(resolve).unwrap_or(0)
}

/// Spells a type as C does, as the declaration of `name` (`int (*compar)(const void *, const void *)`), or with NULL
/// as the type alone. At most `size` bytes are written to `buffer`, the last of them a NUL; `*length_out` is the length of
/// the whole text in bytes without NUL, whether it fits or not. `buffer` may be NULL if `size` is 0; `length_out` may be NULL.
///
/// Errors: FTC_ERR_NULL (`types`, or `buffer` with a `size`).
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed; `name` is NULL or a C string; `buffer` is NULL or has
/// `size` writable bytes; `length_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_spell(
    types: *const ftc_types,
    id: ftc_type_id,
    name: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length_out: *mut usize,
) -> ftc_status {
    guard(|| {
        // SAFETY: as the caller promises.
        let types = unsafe { table(types) }?;
        let id = TypeId::from_index(id);
        let spelling = if name.is_null() {
            spell::type_name(types, id)
        } else {
            // SAFETY: a C string, as the caller promises.
            let name = unsafe { required_text(name, "name") }?;
            spell::declaration_of(types, id, &name.to_string_lossy())
        };
        if size > 0 {
            let buffer = place(buffer, "buffer")?.cast::<u8>();
            let written = spelling.len().min(size - 1);
            // SAFETY: `written` + 1 bytes are at most `size`, which are writable as the caller promises.
            unsafe {
                std::ptr::copy_nonoverlapping(spelling.as_ptr(), buffer, written);
                buffer.add(written).write(0);
            }
        }
        if !length_out.is_null() {
            // SAFETY: not NULL, and writable as the caller promises.
            unsafe { length_out.write(spelling.len()) };
        }
        Ok(())
    })
}
