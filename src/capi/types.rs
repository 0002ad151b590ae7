//! Tables of types, and the types in them.

use std::ffi::{c_char, CStr};

use super::guard::{guard, place, pointer, required, required_text};
use super::kinds::{ftc_encoding, ftc_pointer_class, ftc_qualifier, ftc_type_kind};
use super::status::ftc_status;
use super::view::View;
use crate::ctype::{Name, TypeId, Types};
use crate::error::Result;
use crate::spell;

/// A table of types. Opaque. It belongs to the declaration or claim that it was taken from. A type is read when it is
/// first requested. Any number of threads may use one table at the same time.
///
/// Structs and strings that its functions return belong to the table, and are valid as long as it is. What was
/// returned for a record of a claim is valid until `ftc_claim_complete` completes the record. Only the library
/// allocates these structs, and a later version may add fields at their ends.
pub struct ftc_types {
    _private: [u8; 0],
}

/// The number of a type in its table. It has no meaning in another table. 0 is `void` in every table.
pub type ftc_type_id = u32;

/// Not a type: what the functions that add a type return on failure.
pub const FTC_NO_TYPE: ftc_type_id = u32::MAX;

/// A size or count that is not known.
pub const FTC_UNKNOWN_SIZE: u64 = u64::MAX;

/// One type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_type {
    /// The kind. It decides which of the other fields are used.
    pub kind: ftc_type_kind,
    /// A combination of FTC_TYPE_FLAG_...
    pub flags: u32,
    /// Of a base type, how its bits are interpreted.
    pub encoding: ftc_encoding,
    /// The width in bits of a `_BitInt`; otherwise 0.
    pub bits: u32,
    /// Of a pointer, which kind of pointer or reference it is.
    pub pointer: ftc_pointer_class,
    /// Of a qualified type, the qualifier.
    pub qualifier: ftc_qualifier,
    /// The type that it is made of; see `ftc_type_kind`.
    pub target: ftc_type_id,
    /// The same type without typedefs and qualifiers. It is the type itself if it has none.
    pub resolved: ftc_type_id,
    /// `sizeof`, or FTC_UNKNOWN_SIZE.
    pub size: u64,
    /// `_Alignof`, at least 1.
    pub align: u64,
    /// The name or tag, or NULL if there is none.
    pub name: *const c_char,
    /// Of an unknown type, why it is not known, as a part of a sentence. Otherwise NULL.
    pub reason: *const c_char,
    /// Of an array or vector, the number of elements of each of its `count` dimensions, the outermost first:
    /// FTC_UNKNOWN_SIZE if it is not known (`a[]`, a variable-length array). Otherwise NULL.
    pub dimensions: *const u64,
    /// The number of members, constants, parameters or dimensions.
    pub count: u32,
    /// 0.
    pub reserved: u32,
}

/// One member of a record.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_member {
    /// The name, or NULL for an anonymous struct or union and for a base class.
    pub name: *const c_char,
    /// The offset in bytes from the start of the record. For a bit-field: of the byte that contains its first bit.
    pub offset: u64,
    /// For a bit-field: the offset in bits from the start of the record. Bits are counted from the least significant
    /// bit on little-endian machines and from the most significant bit on others. If the type is
    /// FTC_TYPE_FLAG_SWAPPED, it is the opposite.
    pub bit_offset: u64,
    /// For a bit-field: the width in bits.
    pub bit_width: u64,
    /// Its type.
    pub type_id: ftc_type_id,
    /// FTC_MEMBER_BASE_CLASS, FTC_MEMBER_BIT_FIELD.
    pub flags: u32,
}

/// One constant of an enumeration.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_enumerator {
    /// The name.
    pub name: *const c_char,
    /// The value.
    pub value: i64,
    /// FTC_ENUMERATOR_UNSIGNED or 0.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

/// One parameter of a function.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ftc_parameter {
    /// The name, or NULL if the debug information has none.
    pub name: *const c_char,
    /// Its type.
    pub type_id: ftc_type_id,
    /// 0 in this version.
    pub flags: u32,
}

/// # Safety
/// `types` is NULL or a table whose declaration or claim lives as long as the result is used.
pub(super) unsafe fn table<'a>(types: *const ftc_types) -> Result<&'a Types> {
    // SAFETY: an ftc_types is a Types, see ftc_decl_types.
    unsafe { required(types.cast::<Types>(), "types") }
}

/// # Safety
/// As for [`table`].
unsafe fn view<'a>(types: *const ftc_types, id: ftc_type_id) -> Result<&'a View> {
    // SAFETY: as the caller promises.
    View::of(unsafe { table(types) }?, TypeId::from_index(id))
}

pub(super) fn text(name: Option<&Name>) -> *const c_char {
    name.map_or(std::ptr::null(), |name| name.as_c_str().as_ptr())
}

/// Returns the type `id`. A number that the table never returned has the kind FTC_TYPE_UNKNOWN. Returns NULL on
/// failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_get(types: *const ftc_types, id: ftc_type_id) -> *const ftc_type {
    // SAFETY: as the caller promises.
    pointer(|| Ok(std::ptr::from_ref(&unsafe { view(types, id) }?.ty)))
}

/// Returns the type in C: `const char *`. Returns NULL on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_spelling(
    types: *const ftc_types,
    id: ftc_type_id,
) -> *const c_char {
    pointer(|| {
        // SAFETY: as the caller promises.
        let (types, id) = (unsafe { table(types) }?, TypeId::from_index(id));
        Ok(View::of(types, id)?.spelling(types, id).as_ptr())
    })
}

/// Writes the declaration of `name` with the type to `buffer`: `int (*compar)(const void *, const void *)`. If `name`
/// is NULL, only the type is written. At most `size` bytes are written, including the terminating NUL. `*length_out`
/// is the length of the whole text in bytes, without the NUL, even if it does not fit. `buffer` may be NULL if `size`
/// is 0. `length_out` may be NULL. On failure it is 0, and `buffer` is not written.
///
/// Errors: FTC_ERR_NULL (`types`, or `buffer` if `size` is not 0).
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed; `name` is NULL or a C string; `buffer` is
/// NULL or has `size` writable bytes; `length_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_spell(
    types: *const ftc_types,
    id: ftc_type_id,
    name: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length_out: *mut usize,
) -> ftc_status {
    let mut length = 0;
    let status = guard(|| {
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
        length = spelling.len();
        Ok(())
    });
    if !length_out.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { length_out.write(length) };
    }
    status
}

/// Returns member `index`, from 0, of a struct, union or class. Members are in the order of declaration, base classes
/// first. Returns NULL on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not a record, `index` past the end); FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_member(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
) -> *const ftc_member {
    // SAFETY: as the caller promises.
    pointer(|| unsafe { view(types, id) }?.member(index).map(std::ptr::from_ref))
}

/// Returns the member of a record with the name `name`. Members of anonymous structs and unions in it are found too;
/// `offset` and `bit_offset` are then those from the start of the record `id`. Returns NULL on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not a record, no such member); FTC_ERR_LIMIT (more than 65,536
/// members in anonymous structs and unions); FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed; `name` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_find_member(
    types: *const ftc_types,
    id: ftc_type_id,
    name: *const c_char,
) -> *const ftc_member {
    pointer(|| {
        // SAFETY: as the caller promises.
        let (types, name) = unsafe { (table(types)?, wanted(name)?) };
        let view = View::of(types, TypeId::from_index(id))?;
        view.find_member(types, name).map(std::ptr::from_ref)
    })
}

/// Returns constant `index`, from 0, of an enumeration. Constants are in the order of declaration. Returns NULL on
/// failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not an enumeration, `index` past the end); FTC_ERR_LIMIT (the value
/// needs more than 64 bits); FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_enumerator(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
) -> *const ftc_enumerator {
    // SAFETY: as the caller promises.
    pointer(|| unsafe { view(types, id) }?.enumerator(index).map(std::ptr::from_ref))
}

/// Returns the constant of an enumeration with the name `name`. Returns NULL on failure.
///
/// Errors: those of `ftc_type_enumerator`; FTC_ERR_INVALID_ARGUMENT also if there is no such constant.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed; `name` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_find_enumerator(
    types: *const ftc_types,
    id: ftc_type_id,
    name: *const c_char,
) -> *const ftc_enumerator {
    pointer(|| {
        // SAFETY: as the caller promises.
        let (view, name) = unsafe { (view(types, id)?, wanted(name)?) };
        view.find_enumerator(name).map(std::ptr::from_ref)
    })
}

/// Returns parameter `index`, from 0, of a function. Returns NULL on failure.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (not a function, `index` past the end); FTC_ERR_NO_MEMORY.
///
/// # Safety
/// `types` is NULL or a table whose declaration or claim was not freed.
#[no_mangle]
pub unsafe extern "C" fn ftc_type_parameter(
    types: *const ftc_types,
    id: ftc_type_id,
    index: u32,
) -> *const ftc_parameter {
    // SAFETY: as the caller promises.
    pointer(|| unsafe { view(types, id) }?.parameter(index).map(std::ptr::from_ref))
}

/// # Safety
/// `name` is NULL or a C string that is valid as long as the result is used.
unsafe fn wanted<'a>(name: *const c_char) -> Result<&'a CStr> {
    // SAFETY: as the caller promises.
    unsafe { required_text(name, "name") }
}
