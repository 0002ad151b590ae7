//! A bound on the work that the debug information of one library may cause.
//!
//! A compressed abbreviation, an overlap, a reference or a shared string makes a few bytes stand for many, so that no
//! single check keeps a hostile file from costing more than its size explains. Everything that reads, copies or keeps
//! something on behalf of a file counts it here, in bytes or thereabouts, and stops when more was done than the size of
//! the files and the number of questions explain. Compilers' output needs a small part of it.

use std::sync::atomic::{AtomicU64, Ordering};

/// For each byte of a file. Describing all exports of Debian 12's libc, libm, libdb, libgsl, libkrb5, liblua, libpython
/// and librados took 1 to 5.2 for each byte of their debug files.
const PER_BYTE: u64 = 32;
/// For each library, however small.
const AT_LEAST: u64 = 1 << 23;

/// Counts work. Shared by all spaces of a library, and by all threads.
#[derive(Debug)]
pub(super) struct Work {
    done: AtomicU64,
    allowed: AtomicU64,
}

impl Work {
    pub fn new() -> Work {
        Work { done: AtomicU64::new(0), allowed: AtomicU64::new(AT_LEAST) }
    }

    /// More is explained: a file of so many bytes was opened.
    pub fn allow_bytes(&self, bytes: u64) {
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
        if self.is_exhausted() {
            return false;
        }
        self.done.fetch_add(amount.min(u64::MAX / 8), Ordering::Relaxed);
        !self.is_exhausted()
    }

    pub fn is_exhausted(&self) -> bool {
        self.done.load(Ordering::Relaxed) > self.allowed.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_where_nothing_explains_it_and_goes_on_with_the_next_question() {
        let work = Work::new();
        work.allow_bytes(1);
        assert!(work.spend(AT_LEAST + PER_BYTE));
        assert!(!work.spend(1));
        assert!(work.is_exhausted());
        work.allow_question(100);
        assert!(work.spend(AT_LEAST));
        for _ in 0..100 {
            work.allow_bytes(u64::MAX);
            work.spend(u64::MAX);
        }
        assert!(!work.spend(u64::MAX));
    }
}
