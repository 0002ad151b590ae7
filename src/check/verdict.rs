//! The four verdicts.

use std::fmt;

/// Whether a claim agrees with a declaration. The order is that of severity: a report has the verdict of its most
/// severe finding.
///
/// `Unverified` is above `Differs`, because what could not be checked may be worse than a difference that is known to
/// be harmless. It is below `Mismatch`, which it never hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// They agree.
    Match,
    /// The same bits arrive, but they have another meaning, or a value out of range is cut.
    Differs,
    /// One side does not say what it has.
    Unverified,
    /// Undefined bits are read, an argument lands elsewhere, or memory is overrun.
    Mismatch,
}

impl Verdict {
    /// The verdict as a word: `MATCH`, `DIFFERS`, `UNVERIFIED`, `MISMATCH`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Match => "MATCH",
            Verdict::Differs => "DIFFERS",
            Verdict::Unverified => "UNVERIFIED",
            Verdict::Mismatch => "MISMATCH",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
