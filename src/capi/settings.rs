//! What holds for the whole process: where debug information is searched, which libraries stay open.

use std::ffi::{c_char, OsStr};
use std::os::unix::ffi::OsStrExt;

use super::guard::{guard, required_text};
use super::status::ftc_status;
use crate::image::SearchOptions;

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
        crate::set_search_options(options);
        Ok(())
    })
}

/// Closes the libraries that the process-wide functions (`ffi_describe_symbol`, `ftc_describe_address`) keep open for
/// later calls, and forgets which libraries had no debug information, so that a debug package that was installed
/// since is found. Declarations stay valid: each keeps what it needs. Any thread may call it.
#[no_mangle]
pub extern "C" fn ftc_forget_libraries() {
    guard(|| {
        crate::forget_libraries();
        Ok(())
    });
}
