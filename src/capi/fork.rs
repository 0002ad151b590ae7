//! Forks: a child has the memory of its parent, but of the threads only the one that forked. What another thread had locked stays
//! locked in the child for ever. So a fork waits until no thread is inside a call, as it waits for malloc (POSIX,
//! pthread_atfork).

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use crate::{Error, ErrorKind, Result};

/// The longest time that a fork waits: a thread may be reading a large file, and the one that forks may itself have been interrupted
/// inside a call, by the signal handler that forks.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// The longest time that a call waits for a fork: the caller may hold a lock that another handler of the fork waits for.
const LONGEST_STAY: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_micros(50);

/// How many calls are inside, as several sums: threads that write to the same cache line slow each other down.
static INSIDE: [Sum; 8] = [const { Sum(AtomicU32::new(0)) }; 8];
/// How many threads are forking.
static FORKING: AtomicU32 = AtomicU32::new(0);
/// Whether fork knows of us.
static REGISTERED: AtomicBool = AtomicBool::new(false);
/// In a child: whether its parent forked while a thread was inside.
static CUT_SHORT: AtomicBool = AtomicBool::new(false);

#[repr(align(128))]
struct Sum(AtomicU32);

/// A call that is inside; no fork begins before it is dropped. A thread has one at most.
pub(super) struct Inside(&'static Sum);

impl Inside {
    /// Waits for forks that have begun, but not for long.
    ///
    /// Errors: `Forked`.
    pub fn enter() -> Result<Inside> {
        if !REGISTERED.load(SeqCst) && !REGISTERED.swap(true, SeqCst) {
            // SAFETY: the handlers are functions of this library, whose end takes them out again. Where there is no memory for
            // that, children are not protected.
            unsafe { libc::pthread_atfork(Some(before), Some(after), Some(in_child)) };
        }
        // Stacks of different threads are at least so far from each other.
        let place = 0_u8;
        let number = (std::ptr::from_ref(&place) as usize >> 16) % INSIDE.len();
        let sum = INSIDE.get(number).unwrap_or(&INSIDE[0]);
        let mut begin = None;
        loop {
            sum.0.fetch_add(1, SeqCst);
            let inside = Inside(sum);
            let forking = FORKING.load(SeqCst) != 0;
            if !forking || begin.get_or_insert_with(Instant::now).elapsed() > LONGEST_STAY {
                return match CUT_SHORT.load(SeqCst) {
                    false => Ok(inside),
                    true => Err(cut_short()),
                };
            }
            drop(inside);
            std::thread::sleep(PAUSE);
        }
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

fn is_used() -> bool {
    INSIDE.iter().any(|sum| sum.0.load(SeqCst) != 0)
}

unsafe extern "C" fn before() {
    FORKING.fetch_add(1, SeqCst);
    let begin = Instant::now();
    while !CUT_SHORT.load(SeqCst) && is_used() && begin.elapsed() < LONGEST_WAIT {
        std::thread::sleep(PAUSE);
    }
}

unsafe extern "C" fn after() {
    FORKING.fetch_sub(1, SeqCst);
}

unsafe extern "C" fn in_child() {
    // The sums are left as they are: the call that a signal handler interrupted, to fork, goes on in its child too.
    CUT_SHORT.fetch_or(is_used(), SeqCst);
    FORKING.store(0, SeqCst);
}
