//! Findings, their places, and reports.

use std::ops::Range;

use super::{Options, Rule, Verdict};
use crate::ctype::Name;

/// A position in a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// The call as a whole.
    Call,
    /// The result.
    Result,
    /// An argument, counted from 1.
    Argument(usize),
    /// A variable.
    Variable,
    /// A type by itself.
    Type,
}

/// A point in which the claim and the declaration disagree or cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row of the compatibility table.
    pub rule: Rule,
    /// The verdict of this finding alone. Never [`Verdict::Match`].
    pub verdict: Verdict,
    /// Whether the finding depends on who made the memory behind an argument. If the caller made it, the finding may
    /// be a [`Verdict::Mismatch`]. [`check_argument`](super::check_argument) decides that for one call.
    pub at_call: bool,
    /// The position in the call.
    pub position: Position,
    /// The path in the type at that position: `→ st_mtim.tv_nsec`. Empty if the finding is about the whole type. An
    /// arrow follows a pointer.
    pub path: Name,
    /// The bytes of the value or of the record, if the finding is about a part of it only.
    pub bytes: Option<Range<u64>>,
    /// What the library declares, in words: `'sqlite3 **' (pointer, 8 bytes)`.
    pub declared: Name,
    /// What the caller claims, in words: `int (4 bytes)`.
    pub claimed: Name,
    /// The whole finding as one sentence, without a full stop.
    pub sentence: Name,
    /// The likely cause, if it is known: a sentence without a full stop.
    pub hint: Option<Name>,
    /// The layouts of both sides' records side by side, if the finding is about records. Meant for people; all lines
    /// have the same columns.
    pub layout: Option<Name>,
}

/// The outcome of comparing a claim with a declaration.
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

    /// Makes a report of these findings. The most severe come first; findings of equal severity keep their order.
    pub fn new(findings: Vec<Finding>) -> Report {
        Report::with_options(findings, &Options::default())
    }

    /// The same, but leaves out the findings that the options ignore. The options also decide which verdicts pass.
    pub fn with_options(mut findings: Vec<Finding>, options: &Options) -> Report {
        findings.retain(|finding| options.keeps(finding));
        findings.sort_by_key(|finding| std::cmp::Reverse((finding.verdict, finding.at_call)));
        let verdict = findings.first().map_or(Verdict::Match, |finding| finding.verdict);
        Report { verdict, findings, passes: options.passes(verdict) }
    }

    /// Whether the claim passes: it has no mismatch, and no other finding that the options reject.
    pub fn passes(&self) -> bool {
        self.passes
    }

    /// The verdict of the most severe finding, or [`Verdict::Match`] without findings.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether a finding depends on the memory behind an argument. If so, each call needs
    /// [`check_argument`](super::check_argument).
    pub fn at_call(&self) -> bool {
        self.findings.iter().any(|finding| finding.at_call)
    }

    /// The findings, the most severe first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
