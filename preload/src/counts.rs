//! The counters of this process, or of the whole run.

use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64};

use crate::counter::{Counter, CALLS, FINDINGS, FINDING_CALLS, TOTAL};

/// The counters while no file is mapped.
static OWN: [AtomicU64; TOTAL] = [const { AtomicU64::new(0) }; TOTAL];
/// The counters of the run. NULL: [`OWN`].
static SHARED: AtomicPtr<[AtomicU64; TOTAL]> = AtomicPtr::new(std::ptr::null_mut());

fn counters() -> &'static [AtomicU64; TOTAL] {
    // SAFETY: NULL, or a mapping that is never removed.
    unsafe { SHARED.load(Acquire).as_ref() }.unwrap_or(&OWN)
}

fn add(place: usize) {
    if let Some(counter) = counters().get(place) {
        counter.fetch_add(1, Relaxed);
    }
}

/// Counts one more.
pub fn count(counter: Counter) {
    add(counter as usize);
}

/// Counts a call.
pub fn count_call() {
    // The stacks of different threads are at least this far apart.
    let place = 0_u8;
    let number = (std::ptr::from_ref(&place) as usize >> 16) % CALLS.len();
    add(CALLS.get(number).copied().unwrap_or(0));
}

/// Counts a call with a finding.
pub fn count_finding(number: u64) {
    add(FINDING_CALLS + number as usize);
}

/// The value of a counter.
pub fn value(counter: Counter) -> u64 {
    counters().get(counter as usize).map_or(0, |counter| counter.load(Relaxed))
}

/// All calls so far.
pub fn calls() -> u64 {
    CALLS.iter().filter_map(|&place| counters().get(place)).map(|sum| sum.load(Relaxed)).sum()
}

/// The calls with a finding.
pub fn finding_calls(number: u64) -> u64 {
    counters().get(FINDING_CALLS + number as usize).map_or(0, |counter| counter.load(Relaxed))
}

/// The number of a new finding. `None`: there are too many.
pub fn new_finding() -> Option<u64> {
    let findings = counters().get(Counter::Findings as usize)?;
    let number = findings.fetch_add(1, Relaxed);
    (number < FINDINGS as u64).then_some(number)
}

/// Uses the counters in a file from now on. A file that cannot be mapped leaves them in this process.
pub fn share(file: &Path) {
    let Ok(file) = std::fs::File::options().read(true).write(true).open(file) else { return };
    let size = size_of_val(&OWN);
    if file.metadata().map_or(0, |data| data.len()) < size as u64 {
        return;
    }
    // SAFETY: a new mapping of a file that has that many bytes.
    let mapping = unsafe {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        libc::mmap(std::ptr::null_mut(), size, access, libc::MAP_SHARED, file.as_raw_fd(), 0)
    };
    if mapping != libc::MAP_FAILED {
        SHARED.store(mapping.cast(), Release);
    }
}

/// Begins anew in a child, unless the counters are those of the whole run. Findings keep their numbers.
pub fn begin_child() {
    if SHARED.load(Acquire).is_null() {
        let counters = OWN.iter().enumerate();
        let counters = counters.filter(|(place, _)| *place != Counter::Findings as usize);
        counters.for_each(|(_, counter)| counter.store(0, Relaxed));
    }
}
