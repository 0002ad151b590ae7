//! A table of verdicts on the claims about one declaration.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::{Finding, Position, Report, Rule, Verdict};

/// The number of claims that one declaration remembers. A program usually calls a function in one or two ways.
const SLOTS: usize = 16;

/// A report that is shared with the table. A match is a constant and owns no memory.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// [`Report::MATCH`].
    Match,
    /// A report with findings.
    Report(Arc<Report>),
}

impl Judgement {
    /// The report if there is no declaration to compare a claim with.
    pub fn without_declaration() -> Judgement {
        static REPORT: OnceLock<Arc<Report>> = OnceLock::new();
        let report = || {
            let sentence = "the types were not checked: no declaration of the function is known";
            Arc::new(Report::new(vec![Finding {
                rule: Rule::NotKnown,
                verdict: Verdict::Unverified,
                at_call: false,
                position: Position::Call,
                path: "".into(),
                bytes: None,
                declared: "".into(),
                claimed: "".into(),
                sentence: sentence.into(),
                hint: None,
                layout: None,
            }]))
        };
        Judgement::Report(Arc::clone(REPORT.get_or_init(report)))
    }
}

impl Deref for Judgement {
    type Target = Report;

    fn deref(&self) -> &Report {
        match self {
            Judgement::Match => Report::MATCH,
            Judgement::Report(report) => report,
        }
    }
}

impl From<Report> for Judgement {
    fn from(report: Report) -> Judgement {
        match report.verdict() {
            Verdict::Match => Judgement::Match,
            _ => Judgement::Report(Arc::new(report)),
        }
    }
}

#[derive(Debug)]
struct VerdictSlot {
    hash: u64,
    claim: Box<[u8]>,
    judgement: Judgement,
}

/// A bounded table from a claim's bytes to its verdict. Slots are written once and never reused: readers take no
/// lock, and a hit allocates nothing. If the table is full, further claims are judged each time.
#[derive(Debug, Default)]
pub struct VerdictTable {
    slots: [OnceLock<VerdictSlot>; SLOTS],
}

impl VerdictTable {
    /// An empty table.
    pub fn new() -> VerdictTable {
        VerdictTable::default()
    }

    /// The verdict on `claim`. `judge` makes it the first time. The hash only finds the slot; then the bytes are
    /// compared.
    pub fn get_or_judge(&self, claim: &[u8], judge: impl Fn() -> Report) -> Judgement {
        let hash = hash(claim);
        let start = hash as usize % SLOTS;
        let (before, from) = self.slots.split_at_checked(start).unwrap_or((&[], &self.slots));
        for cell in from.iter().chain(before) {
            let slot = cell.get_or_init(|| VerdictSlot {
                hash,
                claim: claim.into(),
                judgement: judge().into(),
            });
            if slot.hash == hash && *slot.claim == *claim {
                return slot.judgement.clone();
            }
        }
        judge().into()
    }
}

/// A fast hash with possible collisions. A collision costs one comparison.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(own, byte)| *own = *byte);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^= hash >> 29;
    }
    hash
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn report(text: &str) -> Report {
        Report::new(vec![Finding {
            rule: Rule::ArgumentCount,
            verdict: Verdict::Mismatch,
            at_call: false,
            position: Position::Call,
            path: "".into(),
            bytes: None,
            declared: "".into(),
            claimed: "".into(),
            sentence: text.into(),
            hint: None,
            layout: None,
        }])
    }

    #[test]
    fn each_claim_is_judged_once_until_the_table_is_full() {
        let table = VerdictTable::new();
        let judged = Cell::new(0);
        for _ in 0..3 {
            for claim in 0..SLOTS as u8 {
                let judgement = table.get_or_judge(&[claim], || {
                    judged.set(judged.get() + 1);
                    report(&claim.to_string())
                });
                assert_eq!(judgement.findings()[0].sentence, *claim.to_string());
            }
        }
        assert_eq!(judged.get(), SLOTS);
        for _ in 0..2 {
            let judgement = table.get_or_judge(b"one more", || {
                judged.set(judged.get() + 1);
                Report::new(Vec::new())
            });
            assert_eq!(judgement.verdict(), Verdict::Match);
        }
        assert_eq!(judged.get(), SLOTS + 2);
    }

    #[test]
    fn equal_hashes_do_not_make_equal_claims() {
        // Another claim with the hash of "b" takes the slot where "b" would be found.
        let hash = hash(b"b");
        let judgement = Judgement::from(report("not b"));
        let table = VerdictTable::new();
        table.slots[hash as usize % SLOTS]
            .set(VerdictSlot { hash, claim: b"not b".as_slice().into(), judgement })
            .unwrap();
        assert_eq!(table.get_or_judge(b"b", || report("b")).findings()[0].sentence, "b");
    }

    #[test]
    fn a_match_owns_nothing() {
        let table = VerdictTable::new();
        for _ in 0..2 {
            let judgement = table.get_or_judge(b"fine", || Report::new(Vec::new()));
            assert!(std::ptr::eq(&*judgement, Report::MATCH));
        }
    }
}
