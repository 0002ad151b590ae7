//! The table of pairs that were judged. Readers take no lock. Only the thread in the section writes. A pair is never
//! removed, but judged anew after a library was unloaded.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::fingerprint::Fingerprint;

/// The number of places, and of pairs.
const PLACES: usize = 1 << 15;
const PAIRS: usize = PLACES / 4 * 3;

static TABLE: [Place; PLACES] = [const { Place::empty() }; PLACES];
static COUNT: AtomicU64 = AtomicU64::new(0);

struct Place {
    /// 0: empty.
    low: AtomicU64,
    high: AtomicU64,
    /// The generation of loaded libraries for which the verdict holds.
    generation: AtomicU64,
    findings: AtomicU64,
}

impl Place {
    const fn empty() -> Place {
        Place {
            low: AtomicU64::new(0),
            high: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            findings: AtomicU64::new(0),
        }
    }
}

/// The numbers of up to four findings of a pair, 16 bits each, plus 1.
#[derive(Clone, Copy, Default)]
pub struct FindingNumbers(u64);

impl FindingNumbers {
    /// Adds a number; a fifth one is left out.
    pub fn add(&mut self, number: u64) {
        if self.0 >> 48 == 0 {
            self.0 = self.0 << 16 | (number + 1) & 0xffff;
        }
    }

    /// Calls a function with each number.
    pub fn each(self, with: impl Fn(u64)) {
        let mut rest = self.0;
        while rest != 0 {
            with((rest & 0xffff) - 1);
            rest >>= 16;
        }
    }
}

/// The place of a pair, or the empty place where it belongs. `None`: the table is full.
fn place(pair: Fingerprint) -> Option<&'static Place> {
    let (before, from) = TABLE.split_at_checked(pair.high as usize % PLACES)?;
    from.iter().chain(before).find(|place| match place.low.load(Acquire) {
        0 => true,
        low => low == pair.low && place.high.load(Relaxed) == pair.high,
    })
}

/// The findings of a pair that was judged in this generation.
pub fn find(pair: Fingerprint, generation: u64) -> Option<FindingNumbers> {
    let place = place(pair)?;
    let known = place.low.load(Acquire) != 0 && place.generation.load(Acquire) == generation;
    known.then(|| FindingNumbers(place.findings.load(Relaxed)))
}

/// Whether there is room for a pair.
pub fn has_room(pair: Fingerprint) -> bool {
    let known = place(pair).is_some_and(|place| place.low.load(Relaxed) != 0);
    known || COUNT.load(Relaxed) < PAIRS as u64
}

/// Remembers a pair. Only the thread in the section calls this. Returns whether the pair is new.
pub fn remember(pair: Fingerprint, generation: u64, findings: FindingNumbers) -> bool {
    let Some(place) = place(pair) else { return false };
    place.findings.store(findings.0, Relaxed);
    place.high.store(pair.high, Relaxed);
    place.generation.store(generation, Release);
    let new = place.low.swap(pair.low, Release) == 0;
    COUNT.fetch_add(u64::from(new), Relaxed);
    new
}
