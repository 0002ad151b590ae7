//! Handles forks. A child has the memory of its parent, but of its threads only the one that called fork. A lock that
//! another thread held stays locked in the child for ever. So a fork waits until no thread is inside a call, as it
//! waits for malloc (POSIX, pthread_atfork).

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// The longest time that a fork waits for calls, and that a call waits for a fork. The wait must be bounded for these
/// reasons: a thread may be reading a large file; the forking thread may itself be inside a call, which was
/// interrupted by the signal handler that forks; the caller may hold a lock that another fork handler waits for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_micros(50);

/// The number of calls in progress, as several sums. Threads that write to the same cache line slow each other down.
static INSIDE: [Sum; 8] = [const { Sum(AtomicU32::new(0)) }; 8];
/// The number of calls in progress that waited for a fork until the time limit and then continued.
static LATE: Sum = Sum(AtomicU32::new(0));
/// Whether a call has reached the time limit since the last fork began. The next calls, which may be from the same
/// thread, do not wait again.
static IN_VAIN: AtomicBool = AtomicBool::new(false);
/// The number of threads that are in fork.
static FORKING: AtomicU32 = AtomicU32::new(0);
/// Whether the fork handlers are registered.
static REGISTERED: AtomicBool = AtomicBool::new(false);
/// In a child: whether its parent forked while a thread was inside a call.
static CUT_SHORT: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether the fork of this thread waited until no call was in progress.
    static WAS_EMPTY: Cell<bool> = const { Cell::new(false) };
}

/// Registers the fork handlers at load. fork calls the handlers that run before it in reverse order of registration,
/// so handlers that a user of this library registers later run before ours. Calls still continue then, and release
/// the locks that those handlers wait for.
#[used]
#[link_section = ".init_array"]
static AT_LOAD: extern "C" fn() = register;

#[repr(align(128))]
struct Sum(AtomicU32);

/// A call in progress. No fork begins before it is dropped, unless it has waited too long. A thread has at most one.
pub(super) struct Inside(&'static Sum);

impl Inside {
    /// Waits for forks that have begun, up to the time limit.
    ///
    /// Errors: `Forked`.
    pub fn enter() -> Result<Inside> {
        let inside = Inside::wait();
        if CUT_SHORT.load(SeqCst) {
            Err(cut_short())
        } else {
            Ok(inside)
        }
    }

    fn wait() -> Inside {
        // A linker may have removed the function that runs at load.
        register();
        // The stacks of different threads are at least this far apart.
        let place = 0_u8;
        let number = (std::ptr::from_ref(&place) as usize >> 16) % INSIDE.len();
        let sum = INSIDE.get(number).unwrap_or(&INSIDE[0]);
        loop {
            let inside = Inside::count(sum);
            // A fork that begins after this point sees the sum.
            if FORKING.load(SeqCst) == 0 {
                return inside;
            }
            drop(inside);
            let begin = Instant::now();
            while FORKING.load(SeqCst) != 0 {
                if IN_VAIN.load(SeqCst) || begin.elapsed() > LONGEST_WAIT {
                    IN_VAIN.store(true, SeqCst);
                    return Inside::count(&LATE);
                }
                std::thread::sleep(PAUSE);
            }
        }
    }

    fn count(sum: &'static Sum) -> Inside {
        sum.0.fetch_add(1, SeqCst);
        Inside(sum)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0 .0.fetch_sub(1, SeqCst);
    }
}

fn cut_short() -> Error {
    let message = "this process was forked while another thread used libffitypecheck, which therefore answers no more: call exec";
    Error::new(ErrorKind::Forked, message)
}

extern "C" fn register() {
    if !REGISTERED.load(SeqCst) && !REGISTERED.swap(true, SeqCst) {
        // SAFETY: the handlers are functions of this library, and are removed when it is unloaded. If there is not
        // enough memory to register them, children are not protected.
        unsafe { libc::pthread_atfork(Some(before), Some(after), Some(in_child)) };
    }
}

fn is_empty() -> bool {
    INSIDE.iter().chain([&LATE]).all(|sum| sum.0.load(SeqCst) == 0)
}

unsafe extern "C" fn before() {
    IN_VAIN.store(false, SeqCst);
    FORKING.fetch_add(1, SeqCst);
    let begin = Instant::now();
    let mut empty = is_empty();
    while !empty && !CUT_SHORT.load(SeqCst) && begin.elapsed() < LONGEST_WAIT {
        std::thread::sleep(PAUSE);
        empty = is_empty();
    }
    WAS_EMPTY.set(empty);
}

unsafe extern "C" fn after() {
    FORKING.fetch_sub(1, SeqCst);
}

unsafe extern "C" fn in_child() {
    if WAS_EMPTY.get() && LATE.0.load(SeqCst) == 0 {
        // A sum that is not 0 belongs to a thread that has seen the fork and was about to wait for it.
        INSIDE.iter().for_each(|sum| sum.0.store(0, SeqCst));
    } else {
        // The sums keep their values. If a signal handler interrupted a call and then forked, that call continues in
        // the child too.
        CUT_SHORT.store(true, SeqCst);
    }
    FORKING.store(0, SeqCst);
}
