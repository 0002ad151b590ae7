//! The functions that this library exports in place of libffi's. Each counts or checks, and then calls libffi's. A
//! callee may throw a C++ exception or call longjmp, which passes through the frames here.

use std::ffi::{c_int, c_uint, c_void};
use std::mem::transmute;

use ffitypecheck::libffi::{ffi_abi, ffi_cif, ffi_type};

use crate::counter::Counter;
use crate::judge::check;
use crate::prepared::{remember, Preparation};
use crate::{counts, generation, loaded, real};

/// Defines functions that check the call and hand on their arguments.
macro_rules! checked {
    ($($name:ident($($argument:ident: $type:ty),*) = $real:ident;)*) => {$(
        #[doc = concat!("libffi's `", stringify!($name), "`, after a check of the types.")]
        ///
        /// # Safety
        /// As libffi requires.
        #[no_mangle]
        pub unsafe extern "C-unwind" fn $name(cif: *mut ffi_cif, function: *const c_void $(, $argument: $type)*) {
            type Function = unsafe extern "C-unwind" fn(*mut ffi_cif, *const c_void $(, $type)*);
            // SAFETY: as the caller promises; the address is that of the function of this name.
            unsafe {
                check(cif, function as usize);
                transmute::<usize, Function>(real::$real.address())(cif, function $(, $argument)*)
            }
        }
    )*};
}

checked! {
    ffi_call(result: *mut c_void, values: *mut *mut c_void) = CALL;
    ffi_call_go(result: *mut c_void, values: *mut *mut c_void, closure: *mut c_void) = CALL_GO;
    ffi_raw_call(result: *mut c_void, raw: *mut c_void) = RAW_CALL;
    ffi_java_raw_call(result: *mut c_void, raw: *mut c_void) = JAVA_RAW_CALL;
}

/// Defines functions that count a closure and hand on their arguments. No declaration says what a closure is for.
macro_rules! closures {
    ($($name:ident($($argument:ident),*) = $real:ident;)*) => {$(
        #[doc = concat!("libffi's `", stringify!($name), "`.")]
        ///
        /// # Safety
        /// As libffi requires.
        #[no_mangle]
        pub unsafe extern "C-unwind" fn $name($($argument: *mut c_void),*) -> c_int {
            type Function = unsafe extern "C-unwind" fn($(closures!(@pointer $argument)),*) -> c_int;
            if loaded::is_active() {
                counts::count(Counter::Closures);
            }
            // SAFETY: as the caller promises; the address is that of the function of this name.
            unsafe { transmute::<usize, Function>(real::$real.address())($($argument),*) }
        }
    )*};
    (@pointer $argument:ident) => { *mut c_void };
}

closures! {
    ffi_prep_closure(closure, cif, function, data) = PREP_CLOSURE;
    ffi_prep_closure_loc(closure, cif, function, data, code) = PREP_CLOSURE_LOC;
    ffi_prep_go_closure(closure, cif, function) = PREP_GO_CLOSURE;
    ffi_prep_raw_closure(closure, cif, function, data) = PREP_RAW_CLOSURE;
    ffi_prep_raw_closure_loc(closure, cif, function, data, code) = PREP_RAW_CLOSURE_LOC;
    ffi_prep_java_raw_closure(closure, cif, function, data) = PREP_JAVA_RAW_CLOSURE;
    ffi_prep_java_raw_closure_loc(closure, cif, function, data, code) = PREP_JAVA_RAW_CLOSURE_LOC;
}

/// libffi's `ffi_prep_cif`. Remembers that the cif is not variadic.
///
/// # Safety
/// As libffi requires.
#[no_mangle]
pub unsafe extern "C-unwind" fn ffi_prep_cif(
    cif: *mut ffi_cif,
    abi: ffi_abi,
    nargs: c_uint,
    rtype: *mut ffi_type,
    atypes: *mut *mut ffi_type,
) -> c_int {
    type Function = unsafe extern "C-unwind" fn(
        *mut ffi_cif,
        ffi_abi,
        c_uint,
        *mut ffi_type,
        *mut *mut ffi_type,
    ) -> c_int;
    remember(cif, Preparation::Fixed);
    // SAFETY: as the caller promises; the address is that of the function of this name.
    unsafe {
        transmute::<usize, Function>(real::PREP_CIF.address())(cif, abi, nargs, rtype, atypes)
    }
}

/// libffi's `ffi_prep_cif_var`. Remembers the number of fixed arguments, which a cif does not have on x86-64.
///
/// # Safety
/// As libffi requires.
#[no_mangle]
pub unsafe extern "C-unwind" fn ffi_prep_cif_var(
    cif: *mut ffi_cif,
    abi: ffi_abi,
    nfixedargs: c_uint,
    ntotalargs: c_uint,
    rtype: *mut ffi_type,
    atypes: *mut *mut ffi_type,
) -> c_int {
    type Function = unsafe extern "C-unwind" fn(
        *mut ffi_cif,
        ffi_abi,
        c_uint,
        c_uint,
        *mut ffi_type,
        *mut *mut ffi_type,
    ) -> c_int;
    // SAFETY: as the caller promises; the address is that of the function of this name.
    let status = unsafe {
        let prepare = transmute::<usize, Function>(real::PREP_CIF_VAR.address());
        prepare(cif, abi, nfixedargs, ntotalargs, rtype, atypes)
    };
    // libffi's function may call ffi_prep_cif.
    remember(cif, Preparation::Variadic(u16::try_from(nfixedargs).unwrap_or(u16::MAX)));
    status
}

/// The C library's `dlclose`. What was said of functions at addresses that are free now holds no more.
///
/// # Safety
/// As the C library requires.
#[no_mangle]
pub unsafe extern "C-unwind" fn dlclose(handle: *mut c_void) -> c_int {
    type Function = unsafe extern "C-unwind" fn(*mut c_void) -> c_int;
    // SAFETY: as the caller promises; the address is that of the function of this name.
    let status = unsafe { transmute::<usize, Function>(real::DLCLOSE.address())(handle) };
    generation::renew();
    status
}
