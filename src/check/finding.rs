//! What was found, where, and what follows from all of it.

use std::ops::Range;

use super::{Rule, Verdict};
use crate::ctype::Name;

/// The place in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// The call as a whole.
    Call,
    /// What is returned.
    Result,
    /// An argument, counted from 1.
    Argument(usize),
}

/// One point in which claim and declaration do not agree, or cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row of the compatibility table.
    pub rule: Rule,
    /// What follows from it alone. Never [`Verdict::Match`].
    pub verdict: Verdict,
    /// Where in the call.
    pub position: Position,
    /// Which bytes of a value, where it is about a part of it only.
    pub bytes: Option<Range<u64>>,
    /// What the library declares, in words: `'sqlite3 **' (pointer, 8 bytes)`.
    pub declared: Name,
    /// What the caller claims, in words: `int (4 bytes)`.
    pub claimed: Name,
    /// All of it as one sentence, without a full stop.
    pub sentence: Name,
}

/// The outcome of holding a claim against a declaration.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    verdict: Verdict,
    findings: Vec<Finding>,
}

impl Report {
    /// The report without findings.
    pub const MATCH: &'static Report = &Report { verdict: Verdict::Match, findings: Vec::new() };

    /// A report of these findings, the gravest first and otherwise in their order.
    pub fn new(mut findings: Vec<Finding>) -> Report {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let verdict = findings.first().map_or(Verdict::Match, |finding| finding.verdict);
        Report { verdict, findings }
    }

    /// The verdict of the gravest finding; [`Verdict::Match`] without any.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The findings, the gravest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
