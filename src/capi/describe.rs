//! Finds the declaration of a symbol of this process.

use std::ffi::{c_char, c_void};

use super::decl::ftc_decl;
use super::guard::{clear, guard, place, required_text};
use super::status::ftc_status;
use crate::ctype::Declaration;
use crate::error::Result;
use crate::process;

/// Describes the symbol `name` (`"printf"`, `"realpath@GLIBC_2.2.5"`). `handle` is a handle that `dlopen` returned,
/// or NULL for the global scope. The dynamic loader decides which library's definition this is; the type is read from
/// that library's debug information. The library stays open for later calls until `ftc_forget_libraries`.
///
/// On success `*decl_out` is a declaration. The caller frees it with `ftc_decl_free`. On failure it is NULL. Any thread may call this function. It clears a pending `dlerror` of the thread.
///
/// Errors: FTC_ERR_NULL; FTC_ERR_INVALID_ARGUMENT (`handle` is RTLD_NEXT); FTC_ERR_NO_SYMBOL; FTC_ERR_NOT_LOADED;
/// FTC_ERR_BUILD_ID (the file on disk is not the file that is mapped); FTC_ERR_IO, FTC_ERR_NOT_ELF,
/// FTC_ERR_MALFORMED_ELF (the library's file); FTC_ERR_NO_DEBUG_INFO; FTC_ERR_DEBUG_FILE_MISMATCH;
/// FTC_ERR_MALFORMED_DWARF; FTC_ERR_NO_TYPE; FTC_ERR_AMBIGUOUS.
///
/// # Safety
/// `handle` is NULL or an open handle; `name` is NULL or a C string; `decl_out` is NULL or writable.
#[no_mangle]
pub unsafe extern "C" fn ffi_describe_symbol(
    handle: *mut c_void,
    name: *const c_char,
    decl_out: *mut *const ftc_decl,
) -> ftc_status {
    let describe = || {
        // SAFETY: NULL or a C string, as the caller promises.
        let name = unsafe { required_text(name, "name") }?;
        // SAFETY: NULL or an open handle, as the caller promises.
        let (declaration, address) = unsafe { process::find_symbol(handle, name) }?;
        Ok((declaration, Some(address)))
    };
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { give(decl_out, describe) }
}

/// Describes the function or variable that starts at `address`. It does not need to be exported, so this works for a
/// function pointer whose name is not known. For an IFUNC symbol, pass the address of the implementation that was
/// chosen.
///
/// Ownership, threads and errors are those of `ffi_describe_symbol`. FTC_ERR_NOT_LOADED: the address is not in a
/// library. FTC_ERR_NO_TYPE is also returned for an address inside a function or variable.
///
/// # Safety
/// `decl_out` is NULL or writable. `address` is not dereferenced.
#[no_mangle]
pub unsafe extern "C" fn ftc_describe_address(
    address: *const c_void,
    decl_out: *mut *const ftc_decl,
) -> ftc_status {
    let describe = || {
        let declaration = process::describe_address(address as usize)?;
        Ok((declaration, Some(address as usize)))
    };
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { give(decl_out, describe) }
}

/// # Safety
/// `decl_out` is NULL or writable.
pub(super) unsafe fn give(
    decl_out: *mut *const ftc_decl,
    describe: impl FnOnce() -> Result<(Declaration, Option<usize>)>,
) -> ftc_status {
    // SAFETY: NULL or writable, as the caller promises.
    unsafe { clear(decl_out) };
    guard(|| {
        let decl_out = place(decl_out, "decl_out")?;
        let (declaration, address) = describe()?;
        let decl = Box::new(ftc_decl::new(declaration, address));
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { decl_out.write(Box::into_raw(decl)) };
        Ok(())
    })
}
