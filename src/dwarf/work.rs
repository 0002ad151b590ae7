//! A limit on the work that the debug information of one library may cause.
//!
//! Compression, abbreviations, overlapping parts, references and shared strings let a few bytes describe many. So no
//! single check keeps the cost of a hostile file in proportion to its size. All code that reads, copies or keeps
//! something for a file counts it here, approximately in bytes. It stops when the work exceeds what the size of the
//! files and the number of queries allow. The output of compilers needs a small part of that.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::image::ElfFile;
use crate::memory;

/// The work that each byte of a file allows. Describing all exports of Debian 12's libc, libm, libdb, libgsl,
/// libkrb5, liblua, libpython and librados took 1 to 5.2 for each byte of their debug files.
const PER_BYTE: u64 = 32;
/// The work that each library allows, however small. Each query allows as much again.
const AT_LEAST: u64 = 1 << 23;
/// Why nothing more is read once the limit is reached.
const TOO_MUCH_WORK: &str = "the debug information takes more work than its size explains";

/// The time between two checks of the files, in milliseconds: one check costs as much as reading ten DIEs.
const TICK: u128 = 5;
/// The work between two checks of the clock and of the free memory.
const BETWEEN: u64 = 1 << 16;
/// The work before the first check of the free memory. It is checked again each time that the work has doubled.
const PROBED: u64 = 1 << 14;

/// Counts work. Shared by all spaces of a library, and by all threads.
///
/// Once a file took too much work, was found damaged or was written to while it was mapped, every later query fails:
/// results that were cut short at that time are kept, and are not correct.
#[derive(Debug)]
pub(super) struct Work {
    done: AtomicU64,
    allowed: AtomicU64,
    ended: AtomicBool,
    damage: OnceLock<Error>,
    files: Mutex<Vec<Arc<ElfFile>>>,
    born: Instant,
    /// The tick, counted from `born`, in which the files were last checked.
    looked: AtomicU64,
}

impl Work {
    pub fn new() -> Work {
        Work {
            files: Mutex::default(),
            born: Instant::now(),
            looked: AtomicU64::new(0),
            done: AtomicU64::new(0),
            allowed: AtomicU64::new(AT_LEAST),
            ended: AtomicBool::new(false),
            damage: OnceLock::new(),
        }
    }

    /// Adds a file that is read, and allows work for it. `bytes` is its size after decompression.
    pub fn opened(&self, file: &Arc<ElfFile>, bytes: u64) {
        self.allow_bytes(bytes);
        self.files.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(file));
    }

    /// Checks that the files were not written to since they were opened, at most once in each tick.
    ///
    /// Errors: as [`Work::refusal`].
    pub fn look(&self) -> Result<()> {
        let tick = (self.born.elapsed().as_millis() / TICK) as u64;
        if self.looked.swap(tick, Ordering::Relaxed) != tick {
            // If the list is locked, another thread makes the check: no thread waits for a file.
            let files = self.files.try_lock().ok();
            if let Some(file) =
                files.iter().flat_map(|files| files.iter()).find(|file| file.is_outdated())
            {
                self.end(|| written_to(file));
            }
        }
        if self.has_ended() {
            Err(self.refusal())
        } else {
            Ok(())
        }
    }

    /// Allows work for an opened file of so many bytes.
    fn allow_bytes(&self, bytes: u64) {
        self.allow(bytes.saturating_mul(PER_BYTE));
    }

    /// Allows work for a query of a library of so many bytes. Data that is kept was counted when it was read, so most
    /// queries cost almost nothing.
    pub fn allow_question(&self, bytes: u64) {
        self.allow(bytes.saturating_add(AT_LEAST));
    }

    fn allow(&self, amount: u64) {
        // The sum stays far below the largest number, even if threads add at the same time.
        if self.allowed.load(Ordering::Relaxed) < u64::MAX / 4 {
            self.allowed.fetch_add(amount.min(u64::MAX / 8), Ordering::Relaxed);
        }
    }

    /// Counts work. `false` if the limit is reached, or if work has ended for another reason.
    pub fn spend(&self, amount: u64) -> bool {
        let amount = amount.min(u64::MAX / 8);
        let done = self.done.fetch_add(amount, Ordering::Relaxed).saturating_add(amount);
        if done > self.allowed.load(Ordering::Relaxed) {
            self.ended.store(true, Ordering::Relaxed);
            // The sum stays far below the largest number, however often this is called.
            self.done.fetch_sub(amount, Ordering::Relaxed);
            return false;
        }
        let now_and_then = done % BETWEEN < amount;
        if now_and_then {
            let _ = self.look();
        }
        // The memory in use is less than the work, but a table takes twice as much while it grows.
        let doubled = done.leading_zeros() != (done - amount).leading_zeros();
        let memory = if done >= PROBED && (doubled || now_and_then) {
            memory::probe(2 * done)
        } else {
            memory::ready()
        };
        if let Err(shortage) = memory {
            self.end(|| shortage);
        }
        !self.has_ended()
    }

    /// Ends all work with this error: something that was read is not what was written, or there is no memory. The
    /// first error is kept.
    pub fn end(&self, damage: impl FnOnce() -> Error) {
        self.damage.get_or_init(damage);
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Whether work has ended: the limit was reached, or there was an error.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// The error of every query after work has ended.
    pub fn refusal(&self) -> Error {
        self.damage.get().cloned().unwrap_or_else(|| Error::new(ErrorKind::Limit, TOO_MUCH_WORK))
    }
}

fn written_to(file: &ElfFile) -> Error {
    let message = "the file was written to while it was in use, and can no longer be read";
    Error::new(ErrorKind::Io, message).in_file(file.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_where_nothing_explains_it() {
        let work = Work::new();
        work.allow_bytes(1);
        work.allow_question(100);
        assert!(work.spend(2 * AT_LEAST + PER_BYTE + 100));
        assert!(!work.has_ended());
        assert!(!work.spend(1));
        work.allow_question(100);
        assert!(!work.spend(1));
        assert_eq!(work.refusal().kind(), ErrorKind::Limit);
    }

    #[test]
    fn too_much_is_no_question_of_memory() {
        let work = Work::new();
        assert!(!work.spend(u64::MAX));
        assert_eq!(work.refusal().kind(), ErrorKind::Limit);
    }

    #[test]
    fn no_number_is_too_large() {
        let work = Work::new();
        for _ in 0..100 {
            work.allow_bytes(u64::MAX);
            work.allow_question(u64::MAX);
        }
        for _ in 0..100 {
            work.spend(u64::MAX);
        }
        assert!(work.has_ended());
    }
}
