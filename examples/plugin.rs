//! A shared library in Rust that uses the crate, as an extension module of a runtime would. It tells whether a symbol
//! of a loaded library is a function with a given number of parameters. It exports only its own function, and none of
//! the C interface.

use std::ffi::{c_char, c_int, c_void, CStr};

/// Returns 1 if it is, 0 if it is not, and -1 if that is not known.
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
