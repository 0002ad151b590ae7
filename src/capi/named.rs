//! From the name of a type to its declaration, without a symbol.

use std::ffi::{c_char, c_void, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::decl::ftc_decl;
use super::guard::{guard, place, required_text};
use super::status::ftc_status;
use crate::ctype::Declaration;
use crate::error::{Error, ErrorKind, Result};
use crate::library::{only_definition, Library};
use crate::process;

/// Describes the type that `c_name` names in C: `"struct stat"`, `"union u"`, `"enum e"`, a typedef (`"sqlite3_module"`), a base
/// type (`"unsigned long"`, in any order of words); of C++ libraries also `"ns::foo"`, with or without `class`. `handle` is one
/// that `dlopen` returned, for the types of that library, or NULL for those of the first library of the process, in the
/// order in which they were loaded, that defines it; one that only declares it serves if none defines it.
///
/// Units that define the type alike count as one. Where definitions differ, `index` is which of them, from 0, in the order of
/// their units, and `*count_out` says how many there are. With NULL for `count_out` the type must have one definition, and the
/// message of FTC_ERR_AMBIGUOUS has the source file, line and size of each. They differ in what they say themselves: typedefs are
/// looked through, and what a definition only points to counts by its name.
///
/// The declaration is of kind FTC_NAMED_TYPE, its type (`ftc_decl_type`) the type itself, complete unless no unit completes it;
/// `ftc_check_decl` holds a claim of such a type against it. No cif can be prepared from it. The first question for a type reads
/// the names of all units of the library, and those of all libraries where `handle` is NULL; the library stays open for later calls
/// (see `ftc_forget_libraries`).
///
/// On success `*decl_out` is a declaration, which the caller frees with `ftc_decl_free`, and `*count_out` is written; otherwise
/// neither is. Any thread may call it.
///
/// Errors: FTC_ERR_NULL (`c_name`, `decl_out`); FTC_ERR_INVALID_ARGUMENT (RTLD_NEXT; `c_name` is no mere name, such as
/// `"char *"`; `index` past the end); FTC_ERR_NO_TYPE (no unit defines it; the message says what else has the name);
/// FTC_ERR_AMBIGUOUS; FTC_ERR_LIMIT; FTC_ERR_NOT_LOADED; and those of `ffi_describe_symbol` about files.
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
    unsafe { give(index, decl_out, count_out, describe) }
}

/// Describes the type that `c_name` names in the ELF file at `path`, which is not loaded and may be for another machine. The file is
/// opened anew in each call.
///
/// All else as with `ftc_describe_type`, but for FTC_ERR_NOT_LOADED and FTC_ERR_BUILD_ID.
///
/// # Safety
/// `path` and `c_name` are NULL or C strings; `decl_out` and `count_out` are NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ftc_describe_type_in_file(
    path: *const c_char,
    c_name: *const c_char,
    index: usize,
    decl_out: *mut *const ftc_decl,
    count_out: *mut usize,
) -> ftc_status {
    let describe = || {
        // SAFETY: NULL or C strings, as the caller promises.
        let (path, name) =
            unsafe { (required_text(path, "path")?, required_text(c_name, "c_name")?) };
        let path = Path::new(OsStr::from_bytes(path.to_bytes()));
        Library::open(path, &process::search_options())?.describe_type(&name.to_string_lossy())
    };
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { give(index, decl_out, count_out, describe) }
}

/// # Safety
/// `decl_out` and `count_out` are NULL or writable.
unsafe fn give(
    index: usize,
    decl_out: *mut *const ftc_decl,
    count_out: *mut usize,
    describe: impl FnOnce() -> Result<Vec<Declaration>>,
) -> ftc_status {
    guard(|| {
        let decl_out = place(decl_out, "decl_out")?;
        let found = describe()?;
        let count = found.len();
        if count_out.is_null() {
            only_definition(&found)?;
        }
        let declaration = found.into_iter().nth(index).ok_or_else(|| {
            let message =
                format!("the index {index} is past the end: the number of definitions is {count}");
            Error::new(ErrorKind::InvalidArgument, message)
        })?;
        let decl = Box::new(ftc_decl::new(declaration));
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { decl_out.write(Box::into_raw(decl)) };
        if !count_out.is_null() {
            // SAFETY: not NULL, and writable as the caller promises.
            unsafe { count_out.write(count) };
        }
        Ok(())
    })
}
