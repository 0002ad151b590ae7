//! Finds the declaration of a type by its name, without a symbol.

use std::ffi::{c_char, c_void};

use super::decl::ftc_decl;
use super::guard::{clear, guard, invalid, place, required_text};
use super::status::ftc_status;
use crate::ctype::Declaration;
use crate::error::Result;
use crate::library::only_definition;
use crate::process;

/// Describes a type by its name in C: `"struct stat"`, `"union u"`, `"enum e"`, a typedef (`"sqlite3_module"`), or a
/// base type (`"unsigned long"`, in any order of words). For C++ libraries also `"ns::foo"`, with or without `class`.
/// `handle` is a handle that `dlopen` returned, for the types of that library. If `handle` is NULL, the libraries of
/// the process are searched in the order in which they were loaded, and the first one that defines the type is used,
/// or else the first one that declares it.
///
/// Equal definitions in several units count as one. If definitions differ, `index` selects one of them, from 0, in
/// the order of their units, and `*count_out` is their number. If `count_out` is NULL, the type must have only one
/// definition; otherwise the status is FTC_ERR_AMBIGUOUS, and the message has the source file, line and size of each
/// definition. Two definitions are equal if their members are. Typedefs are ignored, and types behind pointers are
/// compared by name.
///
/// The declaration has the kind FTC_DECL_TYPE, and `ftc_decl_type` returns the type. It is incomplete only if no
/// unit completes it. `ftc_check_decl` compares a claim of such a type with it. A cif cannot be prepared from it. The
/// first call for a library reads the names of all its units; with NULL for `handle`, the names of all libraries. The
/// library stays open for later calls until `ftc_forget_libraries`.
///
/// On success `*decl_out` is a declaration, which the caller frees with `ftc_decl_free`. On failure it is NULL, and
/// `*count_out` is 0. Any thread may call this function.
///
/// Errors: FTC_ERR_NULL (`c_name`, `decl_out`); FTC_ERR_INVALID_ARGUMENT (`handle` is RTLD_NEXT; `c_name` is not a
/// plain name, for example `"char *"`; `index` is past the end); FTC_ERR_NO_TYPE (no unit defines it; the message
/// says what else has the name); FTC_ERR_AMBIGUOUS; FTC_ERR_LIMIT; FTC_ERR_NOT_LOADED; and the errors of
/// `ffi_describe_symbol` about files.
///
/// # Safety
/// `handle` is NULL or an open handle; `c_name` is NULL or a C string; `decl_out` and `count_out` are NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_describe_type(
    handle: *mut c_void,
    c_name: *const c_char,
    index: usize,
    decl_out: *mut *const ftc_decl,
    count_out: *mut usize,
) -> ftc_status {
    let describe = || {
        // SAFETY: NULL or a C string, as the caller promises.
        let name = unsafe { required_text(c_name, "c_name") }?;
        // SAFETY: NULL or an open handle, as the caller promises.
        unsafe { process::describe_type(handle, &name.to_string_lossy()) }
    };
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { give_type(index, decl_out, count_out, describe) }
}

/// # Safety
/// `decl_out` and `count_out` are NULL or writable.
pub(super) unsafe fn give_type(
    index: usize,
    decl_out: *mut *const ftc_decl,
    count_out: *mut usize,
    describe: impl FnOnce() -> Result<Vec<Declaration>>,
) -> ftc_status {
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { clear(decl_out) };
    let mut count = 0;
    let status = guard(|| {
        let decl_out = place(decl_out, "decl_out")?;
        let found = describe()?;
        if count_out.is_null() {
            only_definition(&found)?;
        }
        let definitions = found.len();
        let declaration = found.into_iter().nth(index).ok_or_else(|| {
            let message = format!(
                "the index {index} is past the end: the number of definitions is {definitions}"
            );
            invalid(message)
        })?;
        let decl = Box::new(ftc_decl::new(declaration, None));
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { decl_out.write(Box::into_raw(decl)) };
        count = definitions;
        Ok(())
    });
    if !count_out.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { count_out.write(count) };
    }
    status
}
