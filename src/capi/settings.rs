//! They are for the whole process: where debug information is searched, where types are kept for later processes, and which
//! libraries stay open.

use std::ffi::{c_char, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::guard::{guard, invalid, required_text};
use super::status::ftc_status;
use crate::image::{user_type_cache, SearchOptions};
use crate::privileges::is_setuid_process;
use crate::process;

/// Sets where the process searches debug information from now on. `path` is a list of directories, separated by
/// colons. Each has the layout of `/usr/lib/debug`, which is searched last. Nothing else is searched: the environment
/// (FFITYPECHECK_DEBUG_PATH, debuginfod's cache) is ignored. NULL restores the initial state: the environment
/// decides. In a setuid process the initial state is `/usr/lib/debug` alone.
///
/// The string is copied. All remembered libraries are forgotten. Declarations stay valid. Any thread may call this
/// function.
///
/// Errors: only FTC_ERR_INTERNAL, FTC_ERR_FORKED and FTC_ERR_NO_MEMORY.
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

/// Sets the directory in which this process keeps the types of libraries for later processes. It must be an absolute
/// path; it is created if it does not exist. An empty string means the user's cache: the directory in
/// FFITYPECHECK_CACHE (`off`: no cache), otherwise `ffitypecheck` in XDG_CACHE_HOME or in `$HOME/.cache`. NULL: no
/// types are read from a cache or written to one. Initially only a directory in FFITYPECHECK_CACHE is used. A setuid
/// process has no cache.
///
/// Without a cache entry, the first description from the full debug information of a library reads all its types,
/// which takes up to half a second. Later processes find them in the cache in microseconds. A directory is used only
/// if it belongs to the effective user and nobody else can write to it.
///
/// The string is copied. All remembered libraries are forgotten. Declarations stay valid. Any thread may call this
/// function. `ftc_set_debug_path` does not change the cache.
///
/// Errors: FTC_ERR_INVALID_ARGUMENT (not an absolute path; a setuid process).
///
/// # Safety
/// `directory` is NULL or a C string.
#[no_mangle]
pub unsafe extern "C" fn ftc_set_type_cache(directory: *const c_char) -> ftc_status {
    guard(|| {
        let mut type_cache = None;
        if !directory.is_null() {
            // SAFETY: a C string, as the caller promises.
            let text = unsafe { required_text(directory, "directory") }?;
            let path = PathBuf::from(OsStr::from_bytes(text.to_bytes()));
            if is_setuid_process() || !(path.is_absolute() || text.is_empty()) {
                let message =
                    "the cache of types is an absolute path, and a setuid process has none";
                return Err(invalid(message));
            }
            type_cache = if text.is_empty() { user_type_cache() } else { Some(path) };
        }
        process::set_search_options(SearchOptions { type_cache, ..process::search_options() });
        Ok(())
    })
}

/// Closes the libraries that `ffi_describe_symbol`, `ftc_describe_address` and `ftc_describe_type` keep open for
/// later calls. It also forgets which libraries had no debug information, so that a debug package that was installed
/// in the meantime is found. Declarations stay valid. Any thread may call this function.
#[no_mangle]
pub extern "C" fn ftc_forget_libraries() {
    guard(|| {
        process::forget_libraries();
        Ok(())
    });
}
