//! Forks: a child has the memory of its parent, but of the threads only the one that forked. What another thread had locked stays
//! locked in the child for ever. So a fork waits until no thread is inside a call, as it waits for malloc (POSIX,
//! pthread_atfork).

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// The longest time that a fork waits for the calls, and a call for a fork. A thread may be reading a large file, and the one that
/// forks may itself have been interrupted inside a call, by the signal handler that forks. The caller may hold a lock that another
/// handler of the fork waits for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_micros(50);

/// How many calls are inside, as several sums: threads that write to the same cache line slow each other down.
static INSIDE: [Sum; 8] = [const { Sum(AtomicU32::new(0)) }; 8];
/// How many of the calls that waited for a fork in vain are inside.
static LATE: Sum = Sum(AtomicU32::new(0));
/// Whether a call has waited in vain since the last fork began: the next calls, perhaps of the same thread, do not wait again.
static IN_VAIN: AtomicBool = AtomicBool::new(false);
/// How many threads are forking.
static FORKING: AtomicU32 = AtomicU32::new(0);
/// Whether fork knows of us.
static REGISTERED: AtomicBool = AtomicBool::new(false);
/// In a child: whether its parent forked while a thread was inside.
static CUT_SHORT: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether the fork of this thread waited until no call was inside.
    static WAS_EMPTY: Cell<bool> = const { Cell::new(false) };
}

/// Fork calls the handlers in the reverse order. So those that a user of this library registers come first, and find that calls go on
/// and give back the locks that they wait for.
#[used]
#[link_section = ".init_array"]
static AT_LOAD: extern "C" fn() = register;

#[repr(align(128))]
struct Sum(AtomicU32);

/// A call that is inside; no fork begins before it is dropped. A thread has one at most.
pub(super) struct Inside(&'static Sum);

impl Inside {
    /// Waits for forks that have begun, but not for long.
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
        // A linker may have left out what is done at load.
        register();
        // Stacks of different threads are at least so far from each other.
        let place = 0_u8;
        let number = (std::ptr::from_ref(&place) as usize >> 16) % INSIDE.len();
        let sum = INSIDE.get(number).unwrap_or(&INSIDE[0]);
        loop {
            let inside = Inside::count(sum);
            // A fork that begins from here on sees the sum.
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
        // SAFETY: the handlers are functions of this library, whose end takes them out again. Where there is no memory for
        // that, children are not protected.
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
        // A sum that is not 0 is of a thread that saw the fork and was about to wait for it.
        INSIDE.iter().for_each(|sum| sum.0.store(0, SeqCst));
    } else {
        // The sums are left as they are: the call that a signal handler interrupted, to fork, goes on in its child too.
        CUT_SHORT.store(true, SeqCst);
    }
    FORKING.store(0, SeqCst);
}
