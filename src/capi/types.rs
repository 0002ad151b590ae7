//! Types in a table, identified by their numbers.

use std::ffi::c_char;

use super::guard::{guard, place, required, required_text, write_sized};
use super::status::ftc_status;
use crate::abi;
use crate::ctype::{Encoding, Kind, Name, PointerClass, Qualifier, RecordClass, TypeId, Types};
use crate::error::Result;
use crate::spell;

/// A table of types. Opaque. It belongs to the declaration or claim that it was taken from. A type is read when it is
/// first requested. Any number of threads may use one table at the same time.
pub struct ftc_types {
    _private: [u8; 0],
}

/// The number of a type in its table. It has no meaning in another table. 0 is `void` in every table.
pub type ftc_type_id = u32;

/// `void`.
pub const FTC_TYPE_VOID: u32 = 1;
/// A base type. `variant` is its encoding, one of FTC_ENCODING_...
pub const FTC_TYPE_BASE: u32 = 2;
/// A pointer or reference to `target`. `variant` is FTC_POINTER, FTC_LVALUE_REFERENCE or FTC_RVALUE_REFERENCE.
pub const FTC_TYPE_POINTER: u32 = 3;
/// `target` with a qualifier. `variant` is FTC_CONST, FTC_VOLATILE, FTC_RESTRICT or FTC_ATOMIC.
pub const FTC_TYPE_QUALIFIED: u32 = 4;
/// A typedef of `target`.
pub const FTC_TYPE_TYPEDEF: u32 = 5;
/// An array of `target`. `count` is the number of its dimensions (`ftc_type_dimension`).
pub const FTC_TYPE_ARRAY: u32 = 6;
/// A vector of `target` (`__attribute__((vector_size))`). The fields are those of an array.
pub const FTC_TYPE_VECTOR: u32 = 7;
/// A struct. `count` is the number of its members (`ftc_type_member`).
pub const FTC_TYPE_STRUCT: u32 = 8;
/// A union. The fields are those of a struct.
pub const FTC_TYPE_UNION: u32 = 9;
/// A C++ class. The fields are those of a struct.
pub const FTC_TYPE_CLASS: u32 = 10;
/// An enumeration. `target` is its integer type, or `void` if that is not known. `count` is the number of its
/// constants (`ftc_type_enumerator`).
pub const FTC_TYPE_ENUMERATION: u32 = 11;
/// A function that returns `target`. `count` is the number of its parameters (`ftc_type_parameter`).
pub const FTC_TYPE_FUNCTION: u32 = 12;
/// A type that the debug information mentions but does not describe.
pub const FTC_TYPE_UNKNOWN: u32 = 13;

/// `_Bool`.
pub const FTC_ENCODING_BOOLEAN: u32 = 1;
/// A signed integer.
pub const FTC_ENCODING_SIGNED: u32 = 2;
/// An unsigned integer.
pub const FTC_ENCODING_UNSIGNED: u32 = 3;
/// `signed char`, and `char` on machines where it is signed.
pub const FTC_ENCODING_SIGNED_CHAR: u32 = 4;
/// `unsigned char`, and `char` on machines where it is unsigned.
pub const FTC_ENCODING_UNSIGNED_CHAR: u32 = 5;
/// `char16_t`, `char32_t` and `char8_t`.
pub const FTC_ENCODING_UTF: u32 = 6;
/// A floating-point number, in the target's format of that size.
pub const FTC_ENCODING_FLOAT: u32 = 7;
/// An IEEE binary128 number, on targets whose `long double` has another format.
pub const FTC_ENCODING_FLOAT128: u32 = 8;
/// A `_Complex` floating-point number. The size is that of both parts together.
pub const FTC_ENCODING_COMPLEX_FLOAT: u32 = 9;
/// `_Complex _Float128`, on targets whose `long double` has another format.
pub const FTC_ENCODING_COMPLEX_FLOAT128: u32 = 10;
/// A complex integer, an extension of GNU C.
pub const FTC_ENCODING_COMPLEX_INTEGER: u32 = 11;
/// `_Decimal32`, `_Decimal64` or `_Decimal128`.
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

/// In `flags`: the record or enumeration is only declared, not defined.
pub const FTC_INCOMPLETE: u32 = 1;
/// In `flags`: the function is declared with a prototype.
pub const FTC_PROTOTYPED: u32 = 2;
/// In `flags`: the function's parameters end in `, ...`.
pub const FTC_VARIADIC: u32 = 4;
/// In `flags`: the C++ class is passed and returned by a hidden pointer.
pub const FTC_BY_REFERENCE: u32 = 8;
/// In `flags` of a member: the member is a base class.
pub const FTC_BASE_CLASS: u32 = 16;
/// In `flags` of a member: the member is a bit-field.
pub const FTC_BIT_FIELD: u32 = 32;
/// In `flags` of an enumerator: `value` is greater than INT64_MAX. Read it as a `uint64_t`.
pub const FTC_UNSIGNED: u32 = 64;

/// In `flags` of a base type: its byte order is the opposite of the machine's.
pub const FTC_SWAPPED: u32 = 128;
/// In `flags` of `ftc_claim_function`: the function has no prototype, as in `int f()`.
pub const FTC_UNPROTOTYPED: u32 = 256;

/// A size or count that is not known.
pub const FTC_UNKNOWN_SIZE: u64 = u64::MAX;

/// One type. The caller sets `type_size`; the function writes the other fields.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_type {
    /// The size of this struct in bytes: `sizeof (struct ftc_type)`. The caller sets it.
    pub type_size: usize,
    /// One of FTC_TYPE_...
    pub kind: u32,
    /// Depends on the kind; see FTC_TYPE_... Otherwise 0.
    pub variant: u32,
    /// A combination of flags.
    pub flags: u32,
    /// The width in bits of a `_BitInt`; otherwise 0.
    pub bits: u32,
    /// The name or tag, or NULL if there is none. For FTC_TYPE_UNKNOWN: the reason. It is valid as long as the table.
    pub name: *const c_char,
    /// `sizeof`, or FTC_UNKNOWN_SIZE.
    pub size: u64,
    /// `_Alignof`, at least 1.
    pub align: u64,
    /// Depends on the kind; see FTC_TYPE_... Otherwise 0.
    pub target: ftc_type_id,
    /// Depends on the kind; see FTC_TYPE_... Otherwise 0.
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

/// Writes the type `id` to `*out`. A number that the table never returned has the kind FTC_TYPE_UNKNOWN.
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

/// The encoding for an FTC_ENCODING_... constant.
pub(super) fn encoding_from(constant: u32) -> Option<Encoding> {
    Encoding::ALL.into_iter().find(|encoding| encoding_of(*encoding) == constant)
}

/// Returns the type without typedefs and qualifiers, or 0 for NULL.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_resolve(types: *const ftc_types, id: ftc_type_id) -> ftc_type_id {
    // SAFETY: as the caller promises.
    let resolve = || Ok(unsafe { table(types) }?.resolve(TypeId::from_index(id)).index());
    super::guard::caught(resolve).unwrap_or(0)
}

/// Writes the type in C to `buffer`. If `name` is not NULL, the type is written as the declaration of that name: `int
/// (*compar)(const void *, const void *)`. At most `size` bytes are written, including the terminating NUL.
/// `*length_out` is the length of the whole text in bytes, without the NUL, even if it does not fit. `buffer` may be
/// NULL if `size` is 0. `length_out` may be NULL.
///
/// Errors: FTC_ERR_NULL (`types`, or `buffer` if `size` is not 0).
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
