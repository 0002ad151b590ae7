//! The generation of loaded libraries. A new one begins when a library was unloaded, because another library may get
//! its addresses.

use std::ffi::{c_int, c_void};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

/// The number of libraries that were unloaded so far, plus 1.
static GENERATION: AtomicU64 = AtomicU64::new(1);

/// The present generation; never 0.
pub fn current() -> u64 {
    GENERATION.load(Acquire)
}

/// Looks whether a library was unloaded.
pub fn renew() {
    let mut unloaded = 0_u64;
    // SAFETY: the last argument is the number that `first` expects, and it outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(first), (&raw mut unloaded).cast()) };
    GENERATION.fetch_max(unloaded + 1, AcqRel);
}

/// Takes the number from the first image, which has it as all others do.
///
/// # Safety
/// `info` is what dl_iterate_phdr gives, and `unloaded` points to a number.
unsafe extern "C" fn first(
    info: *mut libc::dl_phdr_info,
    size: usize,
    unloaded: *mut c_void,
) -> c_int {
    // Older C libraries have a shorter struct.
    if size >= std::mem::offset_of!(libc::dl_phdr_info, dlpi_tls_modid) {
        // SAFETY: as the caller promises; the struct has the field.
        unsafe { unloaded.cast::<u64>().write((*info).dlpi_subs) };
    }
    1
}
