//! The boundary to C. Panics are caught, pointers are checked, and structs of other versions are copied as far as
//! both versions know them.

use std::ffi::{c_char, CStr};
use std::mem::MaybeUninit;
use std::panic::{catch_unwind, AssertUnwindSafe};

use super::fork::Inside;
use super::status::{fail, ftc_status};
use crate::ctype::Name;
use crate::error::{Error, ErrorKind, Result};

/// Runs the body of an entry. An error becomes its status and this thread's last message; so does a panic, which is
/// a defect of this library.
pub(super) fn guard(body: impl FnOnce() -> Result<()>) -> ftc_status {
    match caught(body) {
        Ok(()) => ftc_status::FTC_OK,
        Err(error) => fail(&error),
    }
}

/// Like [`guard`], for entries that return a pointer: NULL for an error.
pub(super) fn pointer<T>(body: impl FnOnce() -> Result<*const T>) -> *const T {
    match caught(body) {
        Ok(pointer) => pointer,
        Err(error) => {
            fail(&error);
            std::ptr::null()
        }
    }
}

/// Writes NULL to a place for a pointer, before anything can fail.
///
/// # Safety
/// `out` is NULL or writable.
pub(super) unsafe fn clear<T>(out: *mut *const T) {
    if !out.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { out.write(std::ptr::null()) };
    }
}

/// Like [`guard`], for entries that do not return an error as a status.
pub(super) fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // The call counts as in progress until this function returns.
    let _inside = Inside::enter()?;
    crate::memory::ready()?;
    // A panic leaves no shared data half changed, because each change is made in one step.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Internal,
            "a defect of libffitypecheck was stopped at its border",
        ))
    })
}

/// Refuses NULL for an argument.
///
/// # Safety
/// The pointer is NULL or valid for reads for as long as the result is used.
pub(super) unsafe fn required<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: as the caller promises.
    unsafe { pointer.as_ref() }.ok_or_else(|| null(name))
}

/// Like [`required`], for an argument that is changed.
///
/// # Safety
/// The pointer is NULL or valid for reads and writes for as long as the result is used. Nothing else accesses the
/// memory during that time.
pub(super) unsafe fn required_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T> {
    // SAFETY: as the caller promises.
    unsafe { pointer.as_mut() }.ok_or_else(|| null(name))
}

/// Refuses NULL for an argument that is a C string.
///
/// # Safety
/// The pointer is NULL or a C string that is valid for as long as the result is used.
pub(super) unsafe fn required_text<'a>(pointer: *const c_char, name: &str) -> Result<&'a CStr> {
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: as the caller promises.
    Ok(unsafe { CStr::from_ptr(pointer) })
}

/// A name. `None` for NULL and for an empty string.
///
/// # Safety
/// `name` is NULL or a C string.
pub(super) unsafe fn optional_name(name: *const c_char) -> Option<Name> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not NULL, so it is a C string, as the caller promises.
    let name = unsafe { CStr::from_ptr(name) };
    (!name.is_empty()).then(|| Name::from_bytes(name.to_bytes()))
}

/// `count` elements of a list. The list may be NULL if `count` is 0.
///
/// # Safety
/// `list` is NULL or has `count` elements, which live as long as the result is used.
pub(super) unsafe fn elements<'a, T>(list: *const T, count: usize, name: &str) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    // SAFETY: as the caller promises.
    let first: *const T = unsafe { required(list, name) }?;
    // No allocation is larger than this, so the caller's promise cannot hold.
    if count > isize::MAX as usize / size_of::<T>() {
        let message = format!("{count} are more than memory can hold");
        return Err(invalid(message));
    }
    // SAFETY: not NULL, and that many as the caller promises.
    Ok(unsafe { std::slice::from_raw_parts(first, count) })
}

/// Refuses NULL for a pointer to which a result is written.
pub(super) fn place<T>(pointer: *mut T, name: &str) -> Result<*mut T> {
    if pointer.is_null() {
        return Err(null(name));
    }
    Ok(pointer)
}

fn null(name: &str) -> Error {
    Error::new(ErrorKind::Null, format!("the argument '{name}' is NULL"))
}

/// Reads a struct whose first field, a `size_t`, states the size of the caller's version. If that version is smaller,
/// the missing fields are zeros. If it is larger, the fields that this version does not have must be zeros. A size
/// smaller than the first version is an error.
///
/// # Safety
/// `from` is NULL, or its first field is readable and as many bytes as that field states are readable. `T` is
/// `repr(C)` and begins with that field, and any bytes are a valid `T`.
pub(super) unsafe fn read_sized<T: Copy>(
    from: *const T,
    first_version: usize,
    name: &str,
) -> Result<T> {
    // SAFETY: NULL or readable, as the caller promises.
    let size = *unsafe { required(from.cast::<usize>(), name) }?;
    known_size(size, first_version)?;
    let known = size.min(size_of::<T>());
    let mut value = MaybeUninit::<T>::zeroed();
    let from = from.cast::<u8>();
    // SAFETY: `known` bytes are readable at `from`, and `known` is not more than the size of `T`.
    unsafe { std::ptr::copy_nonoverlapping(from, value.as_mut_ptr().cast::<u8>(), known) };
    // SAFETY: `size` bytes are readable at `from`. The slice is the part after the first `known` bytes.
    let rest = unsafe { std::slice::from_raw_parts(from.add(known), size - known) };
    if rest.iter().any(|byte| *byte != 0) {
        let message = format!("'{name}' has something that this version does not know");
        return Err(invalid(message));
    }
    // SAFETY: all bytes are initialized, and any bytes are a valid `T`.
    Ok(unsafe { value.assume_init() })
}

/// The error for an argument that is refused.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

fn known_size(size: usize, first_version: usize) -> Result<()> {
    if size < first_version || size > 4096 {
        let message = format!("type_size is {size}, which no version of this struct has");
        return Err(invalid(message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Sized {
        type_size: usize,
        first: u64,
        second: u64,
    }

    #[test]
    fn options_of_other_versions() {
        for (bytes, expected) in [
            (&[16_usize, 1, 9, 9, 9][..], Some((1, 0))),
            (&[24, 1, 2, 9, 9], Some((1, 2))),
            (&[40, 1, 2, 0, 0], Some((1, 2))),
            (&[40, 1, 2, 0, 1], None),
            (&[8, 1, 2, 0, 0], None),
            (&[5000, 1, 2, 0, 0], None),
        ] {
            // SAFETY: 40 bytes are readable, and no size that is accepted here is larger.
            let read = unsafe { read_sized::<Sized>(bytes.as_ptr().cast(), 16, "opts") };
            assert_eq!(read.ok().map(|value| (value.first, value.second)), expected, "{bytes:?}");
        }
        // SAFETY: NULL.
        assert!(unsafe { read_sized::<Sized>(std::ptr::null(), 16, "opts") }.is_err());
    }

    #[test]
    fn a_panic_becomes_a_status() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let status = guard(|| panic!("a defect"));
        std::panic::set_hook(hook);
        assert_eq!(status, ftc_status::FTC_ERR_INTERNAL);
    }
}
