//! What holds for the whole process: where debug information is searched, which libraries stay open.

use std::ffi::{c_char, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::guard::{guard, required_text};
use super::status::ftc_status;
use crate::error::{Error, ErrorKind};
use crate::image::SearchOptions;
use crate::privileges::is_setuid_process;
use crate::process;

/// Sets where debug information is searched from now on, in the whole process: `path` lists directories separated by
/// colons, each laid out like `/usr/lib/debug`, which is searched after them. Nothing else is searched, not even what
/// the environment names (FFITYPECHECK_DEBUG_PATH, debuginfod's cache). NULL: what the environment says again, or in
/// a setuid process `/usr/lib/debug` alone, as at the start.
///
/// The text is copied. All remembered libraries are forgotten; declarations stay valid. Any thread may call it.
///
/// Errors: none but FTC_ERR_INTERNAL.
///
/// # Safety
/// `path` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_set_debug_path(path: *const c_char) -> ftc_status {
    guard(|| {
        let mut options = SearchOptions::from_environment();
        if !path.is_null() {
            // SAFETY: a C string, as the caller promises.
            let path = unsafe { required_text(path, "path") }?;
            let directories = path.to_bytes().split(|&byte| byte == b':');
            options.debug_directories = directories
                .filter(|directory| !directory.is_empty())
                .map(|directory| OsStr::from_bytes(directory).into())
                .collect();
            options.caches = Vec::new();
        }
        options.type_cache = process::search_options().type_cache;
        process::set_search_options(options);
        Ok(())
    })
}

/// Sets the directory in which the types of libraries are kept for later processes, in the whole process: an absolute path, which is
/// made where it is missing, or NULL: none is read or written. At the start it is what the environment says: FFITYPECHECK_CACHE (`off`: none),
/// else `ffitypecheck` in XDG_CACHE_HOME or `$HOME/.cache`; a setuid process has none.
///
/// The first function of a library that is described from its full debug information then costs the time to read all its types, up to half a
/// second; each later process finds them in microseconds. Only a directory is used that belongs to the effective user and that nobody else may
/// write to.
///
/// The text is copied. All remembered libraries are forgotten; declarations stay valid. Any thread may call it. ftc_set_debug_path leaves it as it
/// is.
///
/// Errors: FTC_ERR_INVALID_ARGUMENT (not an absolute path; a setuid process).
///
/// # Safety
/// `directory` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_set_type_cache(directory: *const c_char) -> ftc_status {
    guard(|| {
        let directory = if directory.is_null() {
            None
        } else {
            // SAFETY: a C string, as the caller promises.
            let text = unsafe { required_text(directory, "directory") }?;
            let path = PathBuf::from(OsStr::from_bytes(text.to_bytes()));
            if !path.is_absolute() || is_setuid_process() {
                let message =
                    "the cache of types is an absolute path, and a setuid process has none";
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
            Some(path)
        };
        process::set_search_options(SearchOptions {
            type_cache: directory,
            ..process::search_options()
        });
        Ok(())
    })
}

/// Closes the libraries that the process-wide functions (`ffi_describe_symbol`, `ftc_describe_address`) keep open for
/// later calls, and forgets which libraries had no debug information, so that a debug package that was installed
/// since is found. Declarations stay valid: each keeps what it needs. Any thread may call it.
#[no_mangle]
pub extern "C" fn ftc_forget_libraries() {
    guard(|| {
        process::forget_libraries();
        Ok(())
    });
}
