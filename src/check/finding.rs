//! What was found, where, and what follows from all of it.

use std::ops::Range;

use super::{Options, Rule, Verdict};
use crate::ctype::Name;

/// The place in a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// The call as a whole.
    Call,
    /// What is returned.
    Result,
    /// An argument, counted from 1.
    Argument(usize),
    /// A variable.
    Variable,
    /// A type by itself.
    Type,
}

/// One point in which claim and declaration do not agree, or cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row of the compatibility table.
    pub rule: Rule,
    /// What follows from it alone. Never [`Verdict::Match`].
    pub verdict: Verdict,
    /// It depends on who made the memory behind an argument: in memory of the caller's it may be a [`Verdict::Mismatch`],
    /// which [`check_argument`](super::check_argument) tells for one call.
    pub at_call: bool,
    /// Where in the call.
    pub position: Position,
    /// Where in the type at that position: `→ st_mtim.tv_nsec`; empty for all of it. An arrow follows a pointer.
    pub path: Name,
    /// Which bytes of the value or of the record, where it is about a part of it only.
    pub bytes: Option<Range<u64>>,
    /// What the library declares, in words: `'sqlite3 **' (pointer, 8 bytes)`.
    pub declared: Name,
    /// What the caller claims, in words: `int (4 bytes)`.
    pub claimed: Name,
    /// All of it as one sentence, without a full stop.
    pub sentence: Name,
    /// The likely cause, as a sentence without a full stop, where it is known.
    pub hint: Option<Name>,
    /// Both sides' layout of the record side by side, where it is about one: lines of equal structure, for people.
    pub layout: Option<Name>,
}

/// The outcome of holding a claim against a declaration.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    verdict: Verdict,
    findings: Vec<Finding>,
    passes: bool,
}

impl Report {
    /// The report without findings.
    pub const MATCH: &'static Report =
        &Report { verdict: Verdict::Match, findings: Vec::new(), passes: true };

    /// A report of these findings, the gravest first and otherwise in their order.
    pub fn new(findings: Vec<Finding>) -> Report {
        Report::with_options(findings, &Options::default())
    }

    /// The same, without the findings that the options ignore; they also say what passes.
    pub fn with_options(mut findings: Vec<Finding>, options: &Options) -> Report {
        findings.retain(|finding| options.keeps(finding));
        findings.sort_by_key(|finding| std::cmp::Reverse((finding.verdict, finding.at_call)));
        let verdict = findings.first().map_or(Verdict::Match, |finding| finding.verdict);
        Report { verdict, findings, passes: options.passes(verdict) }
    }

    /// Whether the claim passes: no mismatch, and nothing else that the options do not let pass.
    pub fn passes(&self) -> bool {
        self.passes
    }

    /// The verdict of the gravest finding; [`Verdict::Match`] without any.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether the memory behind an argument decides: calls need [`check_argument`](super::check_argument).
    pub fn at_call(&self) -> bool {
        self.findings.iter().any(|finding| finding.at_call)
    }

    /// The findings, the gravest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
