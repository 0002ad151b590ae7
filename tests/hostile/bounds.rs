//! Memory, time and stack are counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

struct Counting;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static TOTAL: Cell<usize> = const { Cell::new(0) };
    /// The last block, by address and size, if it is not counted yet.
    static LAST: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// A block of at least this size that is freed before another one is allocated is not counted: the library tries whether there
/// is so much memory (src/memory.rs), and does not use it.
const TRIED: usize = 4096;

/// Counts the last block.
fn count_last() {
    let (_, size) = LAST.replace((0, 0));
    let now = NOW.get() + size as isize;
    NOW.set(now);
    PEAK.set(PEAK.get().max(now));
    TOTAL.set(TOTAL.get() + size);
}

// SAFETY: hands everything to the system's allocator; the counters allocate nothing.
unsafe impl GlobalAlloc for Counting {
    // SAFETY: as for the trait.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_last();
        // SAFETY: as for this function.
        let place = unsafe { System.alloc(layout) };
        LAST.set((place.addr(), layout.size()));
        place
    }

    // SAFETY: as for the trait.
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if LAST.get().0 == pointer.addr() && layout.size() >= TRIED {
            LAST.set((0, 0));
        } else {
            count_last();
            NOW.set(NOW.get() - layout.size() as isize);
        }
        // SAFETY: as for this function.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// For a file of any size: what everything takes that is done with it.
const BASE: usize = 64 << 20;
/// For each byte of it: kept at once, and allocated in all.
const KEPT: usize = 128;
const ALLOCATED: usize = 2048;
/// Where work grows with the square of the size of a trap, it takes days.
const TIME: Duration = Duration::from_secs(100);
/// What a program gives to its threads where it has many; a frame takes several times as much as in a release.
const STACK: usize = 768 << 10;

/// Runs `work` on a file of `size` bytes, and fails where it takes more memory or time than that explains.
#[track_caller]
pub fn within<T: Send + 'static>(size: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let counted = move || {
        let result = work();
        count_last();
        let _ = sender.send((result, PEAK.get(), TOTAL.get()));
    };
    std::thread::Builder::new().stack_size(STACK).spawn(counted).unwrap();
    let (result, peak, total) = match receiver.recv_timeout(TIME) {
        Ok(counted) => counted,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{size} bytes take longer than {TIME:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the library panicked"),
    };
    let (kept, allocated) = (BASE + KEPT * size, 4 * BASE + ALLOCATED * size);
    assert!(peak <= kept as isize, "{size} bytes make {peak}, more than {kept}");
    assert!(total <= allocated, "{size} bytes make {total} in all, more than {allocated}");
    if std::env::var_os("FFITYPECHECK_SHOW").is_some() {
        println!("{size} bytes: peak {peak}, in all {total}");
    }
    result
}
