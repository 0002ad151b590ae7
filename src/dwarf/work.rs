//! A bound on the work that the debug information of one library may cause.
//!
//! A compressed abbreviation, an overlap, a reference or a shared string makes a few bytes stand for many, so that no
//! single check keeps a hostile file from costing more than its size explains. Everything that reads, copies or keeps
//! something on behalf of a file counts it here, in bytes or thereabouts, and stops when more was done than the size of
//! the files and the number of questions explain. Compilers' output needs a small part of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::image::ElfFile;
use crate::memory;

/// For each byte of a file. Describing all exports of Debian 12's libc, libm, libdb, libgsl, libkrb5, liblua, libpython
/// and librados took 1 to 5.2 for each byte of their debug files.
const PER_BYTE: u64 = 32;
/// For each library, however small.
const AT_LEAST: u64 = 1 << 23;
/// Why something stays unread once the bound is reached.
const TOO_MUCH_WORK: &str = "the debug information takes more work than its size explains";

/// How often the files are looked at, in milliseconds: asking the operating system costs as much as reading ten DIEs.
const TICK: u128 = 5;
/// After how much work the clock is looked at, and it is tried whether there is memory.
const BETWEEN: u64 = 1 << 16;
/// After how much it is tried first; until `BETWEEN`, each time that it has doubled.
const PROBED: u64 = 1 << 14;

/// Counts work. Shared by all spaces of a library, and by all threads.
///
/// A file that once took too much, was found damaged or was written to while it is mapped answers no more: what was cut short then is
/// kept, and not the truth.
#[derive(Debug)]
pub(super) struct Work {
    done: AtomicU64,
    allowed: AtomicU64,
    ended: AtomicBool,
    damage: OnceLock<Error>,
    files: Mutex<Vec<Arc<ElfFile>>>,
    born: Instant,
    /// The tick since then in which the files were last looked at.
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

    /// A file that is read, with so many bytes after decompression.
    pub fn opened(&self, file: &Arc<ElfFile>, bytes: u64) {
        self.allow_bytes(bytes);
        self.files.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(file));
    }

    /// Whether the files are those that were opened; not looked at twice in a tick.
    ///
    /// Errors: as [`Work::refusal`].
    pub fn look(&self) -> Result<()> {
        let tick = (self.born.elapsed().as_millis() / TICK) as u64;
        if self.looked.swap(tick, Ordering::Relaxed) != tick {
            // Who finds it locked leaves it to the other: no thread waits for a file.
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

    /// More is explained: a file of so many bytes was opened.
    fn allow_bytes(&self, bytes: u64) {
        self.allow(bytes.saturating_mul(PER_BYTE));
    }

    /// More is explained: something is asked of a library of so many bytes. What is kept was counted when it was
    /// read, so that most questions cost next to nothing.
    pub fn allow_question(&self, bytes: u64) {
        self.allow(bytes.saturating_add(AT_LEAST));
    }

    fn allow(&self, amount: u64) {
        // Ends far below the largest number, for threads that add at once.
        if self.allowed.load(Ordering::Relaxed) < u64::MAX / 4 {
            self.allowed.fetch_add(amount.min(u64::MAX / 8), Ordering::Relaxed);
        }
    }

    /// Counts; `false` where too much was done.
    pub fn spend(&self, amount: u64) -> bool {
        let amount = amount.min(u64::MAX / 8);
        let done = self.done.fetch_add(amount, Ordering::Relaxed).saturating_add(amount);
        if done > self.allowed.load(Ordering::Relaxed) {
            self.ended.store(true, Ordering::Relaxed);
            // Far from the largest number, however often it is tried.
            self.done.fetch_sub(amount, Ordering::Relaxed);
            return false;
        }
        let now_and_then = done % BETWEEN < amount;
        if now_and_then {
            let _ = self.look();
        }
        // What is kept is less than what was done, but a table takes twice as much when it grows.
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

    /// Something that was read is not what was written.
    pub fn end(&self, damage: impl FnOnce() -> Error) {
        self.damage.get_or_init(damage);
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Whether too much was done at some time, or damage found.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Why nothing is answered any more.
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
