//! Whether the thread is in a signal handler: the unwinder tells of each frame whether a signal interrupted it. The
//! unwinder stops at code without unwind tables, and does not see a handler beyond it.

use std::ffi::{c_int, c_void};

/// The largest number of frames that are looked at.
const FRAMES: u32 = 4096;
/// The codes by which a callback lets the unwinder go on, or ends it.
const GO_ON: c_int = 0;
const STOP: c_int = 4;

#[link(name = "gcc_s")]
extern "C" {
    fn _Unwind_Backtrace(
        visit: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        walk: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut c_void, interrupted: *mut c_int) -> usize;
}

struct Walk {
    frames: u32,
    found: bool,
}

/// Whether a frame of this thread's stack was interrupted by a signal.
pub fn in_signal_handler() -> bool {
    let mut walk = Walk { frames: 0, found: false };
    // SAFETY: the last argument is the Walk that `visit` expects, and it outlives the call.
    unsafe { _Unwind_Backtrace(visit, (&raw mut walk).cast()) };
    walk.found
}

/// # Safety
/// `context` is what the unwinder gives, and `walk` points to a [`Walk`].
unsafe extern "C" fn visit(context: *mut c_void, walk: *mut c_void) -> c_int {
    let mut interrupted = 0;
    // SAFETY: as the caller promises.
    let walk = unsafe {
        _Unwind_GetIPInfo(context, &raw mut interrupted);
        &mut *walk.cast::<Walk>()
    };
    walk.frames += 1;
    walk.found = interrupted != 0;
    if walk.found || walk.frames == FRAMES {
        return STOP;
    }
    GO_ON
}
