//! A shared library in Rust that uses the crate, as the extension module of a runtime would: it answers whether a symbol of a loaded
//! library is a function of so many parameters. It exports its own function and none of the C interface's.

use std::ffi::{c_char, c_int, c_void, CStr};

/// 1: it is; 0: it is not; -1: that is not known.
///
/// # Safety
/// `handle` is NULL or a handle that `dlopen` returned and that was not closed; `name` is a C string.
#[no_mangle]
pub unsafe extern "C" fn plugin_takes(
    handle: *mut c_void,
    name: *const c_char,
    count: usize,
) -> c_int {
    // SAFETY: as the caller promises.
    let described = unsafe { ffitypecheck::describe_symbol(handle, CStr::from_ptr(name)) };
    match described {
        Ok(declaration) if declaration.parameters_known() => {
            let function = declaration.function();
            c_int::from(function.is_some_and(|function| function.parameters.len() == count))
        }
        _ => -1,
    }
}
