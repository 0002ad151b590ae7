//! The functions behind those that this library replaces: the next ones in the order in which the loader searches.
//! libffi is a dependency of this library, so it is there also in programs that load it later.

use std::ffi::CStr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// A function that is looked up once.
pub struct Real {
    name: &'static CStr,
    address: AtomicUsize,
}

impl Real {
    const fn new(name: &'static CStr) -> Real {
        Real { name, address: AtomicUsize::new(0) }
    }

    /// Its address. If there is no such function, the process ends as the loader ends it for a missing symbol.
    pub fn address(&self) -> usize {
        match self.address.load(Relaxed) {
            0 => self.find(),
            address => address,
        }
    }

    #[cold]
    fn find(&self) -> usize {
        // SAFETY: the name is a C string.
        let address = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) } as usize;
        if address == 0 {
            let message =
                b"libffitypecheck-preload: symbol lookup error: libffi lacks a function\n";
            // SAFETY: the bytes are readable; nothing can go on without the function.
            unsafe {
                libc::write(2, message.as_ptr().cast(), message.len());
                libc::_exit(127);
            }
        }
        self.address.store(address, Relaxed);
        address
    }
}

pub static CALL: Real = Real::new(c"ffi_call");
pub static CALL_GO: Real = Real::new(c"ffi_call_go");
pub static RAW_CALL: Real = Real::new(c"ffi_raw_call");
pub static JAVA_RAW_CALL: Real = Real::new(c"ffi_java_raw_call");
pub static PREP_CIF: Real = Real::new(c"ffi_prep_cif");
pub static PREP_CIF_VAR: Real = Real::new(c"ffi_prep_cif_var");
pub static PREP_CLOSURE: Real = Real::new(c"ffi_prep_closure");
pub static PREP_CLOSURE_LOC: Real = Real::new(c"ffi_prep_closure_loc");
pub static PREP_GO_CLOSURE: Real = Real::new(c"ffi_prep_go_closure");
pub static PREP_RAW_CLOSURE: Real = Real::new(c"ffi_prep_raw_closure");
pub static PREP_RAW_CLOSURE_LOC: Real = Real::new(c"ffi_prep_raw_closure_loc");
pub static PREP_JAVA_RAW_CLOSURE: Real = Real::new(c"ffi_prep_java_raw_closure");
pub static PREP_JAVA_RAW_CLOSURE_LOC: Real = Real::new(c"ffi_prep_java_raw_closure_loc");
pub static DLCLOSE: Real = Real::new(c"dlclose");

/// Looks up what every libffi has, so that no call waits for the loader's lock.
pub fn find_all() {
    for real in [
        &CALL,
        &RAW_CALL,
        &PREP_CIF,
        &PREP_CIF_VAR,
        &PREP_CLOSURE,
        &PREP_CLOSURE_LOC,
        &PREP_RAW_CLOSURE,
        &PREP_RAW_CLOSURE_LOC,
        &DLCLOSE,
    ] {
        real.address();
    }
}
