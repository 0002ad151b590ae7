//! The section in which a pair is judged. One thread is in it at a time. It runs no signal handler, is not cancelled,
//! and keeps its errno. A fork waits until no thread is in it, so that a child does not find its locks held.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::{Duration, Instant};

/// The longest time that a thread waits for another one to leave the section. The wait is bounded, because that one
/// may wait for a lock that this one has.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_micros(100);

/// Values of glibc's pthread.h, which the crate libc lacks.
const CANCEL_ENABLE: i32 = 0;
const CANCEL_DISABLE: i32 = 1;

static TAKEN: AtomicBool = AtomicBool::new(false);
/// The number of threads that waited in vain since the last one left the section. Others then do not wait.
static IN_VAIN: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Whether the fork of this thread has taken the section.
    static FORKING: Cell<bool> = const { Cell::new(false) };
}

/// The value of errno, which is put back when this is dropped.
pub struct Errno(i32);

impl Errno {
    pub fn keep() -> Errno {
        // SAFETY: errno of this thread is always readable.
        Errno(unsafe { *libc::__errno_location() })
    }
}

impl Drop for Errno {
    fn drop(&mut self) {
        // SAFETY: errno of this thread is always writable.
        unsafe { *libc::__errno_location() = self.0 };
    }
}

/// The section, entered. It is left when this is dropped.
pub struct Section {
    /// Dropped after the section was left.
    _blocked: Blocked,
}

/// Whether this thread is in the section.
pub fn is_inside() -> bool {
    INSIDE.get()
}

impl Section {
    /// Enters the section. `None`: another thread stays in it for too long. The thread is not in it yet.
    pub fn enter() -> Option<Section> {
        let mut begin = None;
        loop {
            // A handler that runs while the section is taken could call longjmp, and leave it taken.
            let blocked = Blocked::new();
            if !TAKEN.swap(true, Acquire) {
                INSIDE.set(true);
                return Some(Section { _blocked: blocked });
            }
            drop(blocked);
            let begin = *begin.get_or_insert_with(Instant::now);
            if IN_VAIN.load(Relaxed) > 0 || begin.elapsed() > LONGEST_WAIT {
                IN_VAIN.fetch_add(1, Relaxed);
                return None;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        INSIDE.set(false);
        IN_VAIN.store(0, Relaxed);
        TAKEN.store(false, Release);
    }
}

/// All signals but those that an instruction raises, and cancellation: blocked until this is dropped.
struct Blocked {
    signals: libc::sigset_t,
    cancellation: i32,
}

impl Blocked {
    fn new() -> Blocked {
        let mut before = Blocked { signals: empty_set(), cancellation: CANCEL_ENABLE };
        let mut blocked = empty_set();
        // SAFETY: all pointers are to locals.
        unsafe {
            libc::sigfillset(&mut blocked);
            for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP] {
                libc::sigdelset(&mut blocked, signal);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &blocked, &mut before.signals);
            pthread_setcancelstate(CANCEL_DISABLE, &mut before.cancellation);
        }
        before
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: the two values are those that `new` found.
        unsafe {
            pthread_setcancelstate(self.cancellation, std::ptr::null_mut());
            libc::pthread_sigmask(libc::SIG_SETMASK, &self.signals, std::ptr::null_mut());
        }
    }
}

fn empty_set() -> libc::sigset_t {
    // SAFETY: a set of signals is plain numbers.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

extern "C" {
    fn pthread_setcancelstate(state: i32, old: *mut i32) -> i32;
}

/// Registers what runs at a fork. `in_child` is called in the child, with whether it may go on judging.
pub fn register_fork_handlers() {
    // Handlers before a fork run in the reverse order: no thread judges any more when the allocator is locked.
    // SAFETY: called once, when the library is loaded.
    unsafe { dlmalloc::enable_alloc_after_fork() };
    // SAFETY: the handlers are functions of this library, which is never unloaded.
    unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child)) };
}

unsafe extern "C" fn before_fork() {
    let _errno = Errno::keep();
    let begin = Instant::now();
    while TAKEN.swap(true, Acquire) {
        if INSIDE.get() || begin.elapsed() > LONGEST_WAIT {
            return;
        }
        std::thread::sleep(PAUSE);
    }
    FORKING.set(true);
    // A handler of a signal may run until the fork is over. It must not wait for this thread.
    INSIDE.set(true);
}

unsafe extern "C" fn after_fork() {
    if FORKING.replace(false) {
        INSIDE.set(false);
        TAKEN.store(false, Release);
    }
}

unsafe extern "C" fn in_child() {
    // If the fork did not wait until the end, another thread's locks are held in this child for ever.
    crate::loaded::begin_child(FORKING.get());
    // SAFETY: called as `fork` calls it.
    unsafe { after_fork() };
}
