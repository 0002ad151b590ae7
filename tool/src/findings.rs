//! Writes findings as text and as JSON.

use std::io::Write;

use ffitypecheck::check::{Finding, Options, Position, Report, Rule, Verdict};
use ffitypecheck::Error;
use serde::Serialize;

use crate::arguments::JudgementArguments;
use crate::causes::Block;
use crate::describe::reason;
use crate::failure::Failure;

/// The result for one claim.
pub enum Outcome {
    /// It was compared with a declaration.
    Held(Report),
    /// There is no declaration to compare it with, or the user asked for a claim that was not made. It does not pass.
    Missing {
        /// An identifier for scripts: `no-symbol`, `no-claim`.
        reason: &'static str,
        sentence: String,
    },
}

impl Outcome {
    /// The outcome for a symbol that exists but has no declaration. `error` is the reason.
    pub fn not_known(subject: &str, error: &Error, options: &Options) -> Outcome {
        let finding = Finding {
            rule: Rule::NotKnown,
            verdict: Verdict::Unverified,
            at_call: false,
            position: Position::Type,
            path: "".into(),
            bytes: None,
            declared: "".into(),
            claimed: "".into(),
            sentence: format!("{subject}: {}", reason(error)).as_str().into(),
            hint: None,
            layout: None,
        };
        Outcome::Held(Report::with_options(vec![finding], options))
    }

    pub fn passes(&self) -> bool {
        matches!(self, Outcome::Held(report) if report.passes())
    }

    pub fn report(&self) -> Option<&Report> {
        match self {
            Outcome::Held(report) => Some(report),
            Outcome::Missing { .. } => None,
        }
    }
}

/// The number of claims with each outcome.
#[derive(Default, Serialize)]
pub struct Counts {
    pub checked: usize,
    pub passing: usize,
    #[serde(rename = "match")]
    pub matching: usize,
    pub differs: usize,
    pub unverified: usize,
    pub mismatch: usize,
    pub missing: usize,
}

impl Counts {
    pub fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Counts {
        let mut counts = Counts::default();
        for outcome in outcomes {
            counts.checked += 1;
            counts.passing += usize::from(outcome.passes());
            let count = match outcome.report().map(Report::verdict) {
                Some(Verdict::Match) => &mut counts.matching,
                Some(Verdict::Differs) => &mut counts.differs,
                Some(Verdict::Unverified) => &mut counts.unverified,
                Some(Verdict::Mismatch) => &mut counts.mismatch,
                None => &mut counts.missing,
            };
            *count += 1;
        }
        counts
    }

    /// The summary: `12 checked: 1 mismatch, 11 match`. The gravest outcome comes first, and outcomes without claims
    /// are left out.
    pub fn sentence(&self) -> String {
        let counts = [
            (self.missing, "missing"),
            (self.mismatch, if self.mismatch == 1 { "mismatch" } else { "mismatches" }),
            (self.unverified, "unverified"),
            (self.differs, if self.differs == 1 { "differs" } else { "differ" }),
            (self.matching, if self.matching == 1 { "matches" } else { "match" }),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
        if words.is_empty() {
            "nothing checked".to_owned()
        } else {
            format!("{} checked: {}", self.checked, words.join(", "))
        }
    }
}

/// The number of names that are printed for one cause. In a diff also the number of findings.
pub const SHOWN: usize = 10;

/// Writes how many findings of an entry were reported before, and which other entries have no further findings.
pub fn write_same(
    told: usize,
    same: &[&str],
    limit: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if told > 0 {
        writeln!(out, "    {told} told above")?;
    }
    if !same.is_empty() {
        let names: Vec<String> = same.iter().take(limit).map(|name| one_line(name)).collect();
        let rest = if same.len() > limit { ", ..." } else { "" };
        writeln!(out, "    the same in {} more: {}{rest}", same.len(), names.join(", "))?;
    }
    Ok(())
}

/// Writes the line `VERDICT rule-id sentence`, with a mark if the finding depends on the call. The hint and the
/// layout follow, indented.
pub fn write_finding(
    finding: &Finding,
    arguments: &JudgementArguments,
    indent: &str,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let sentence = one_line(finding.sentence.as_str());
    let mark = if finding.at_call { " (at the call)" } else { "" };
    writeln!(out, "{indent}{} {} {sentence}{mark}", finding.verdict, finding.rule.id())?;
    if let Some(hint) = &finding.hint {
        writeln!(out, "{indent}    {}", one_line(hint.as_str()))?;
    }
    let layout = finding.layout.as_ref().filter(|_| arguments.layout);
    for line in layout.iter().flat_map(|layout| layout.as_str().lines()) {
        writeln!(out, "{indent}    {}", one_line(line))?;
    }
    Ok(())
}

/// Replaces control characters by spaces, because names in debug information may contain them.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A finding in a JSON document.
#[derive(Serialize)]
pub struct FindingEntry<'a> {
    rule: &'static str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    at_call: bool,
    position: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<usize>,
    path: &'a str,
    bytes: Option<[u64; 2]>,
    declared: &'a str,
    claimed: &'a str,
    sentence: &'a str,
    hint: Option<&'a str>,
    layout: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingEntry<'a> {
    fn from(finding: &'a Finding) -> FindingEntry<'a> {
        let (position, argument) = match finding.position {
            Position::Call => ("call", None),
            Position::Result => ("result", None),
            Position::Argument(number) => ("argument", Some(number)),
            Position::Variable => ("variable", None),
            Position::Type => ("type", None),
        };
        FindingEntry {
            rule: finding.rule.id(),
            verdict: finding.verdict.word(),
            at_call: finding.at_call,
            position,
            argument,
            path: finding.path.as_str(),
            bytes: finding.bytes.as_ref().map(|bytes| [bytes.start, bytes.end]),
            declared: finding.declared.as_str(),
            claimed: finding.claimed.as_str(),
            sentence: finding.sentence.as_str(),
            hint: finding.hint.as_ref().map(|hint| hint.as_str()),
            layout: finding.layout.as_ref().map(|layout| layout.as_str()),
        }
    }
}

#[derive(Serialize)]
struct MissingEntry<'a> {
    reason: &'static str,
    sentence: &'a str,
}

/// The result for a claim, in a JSON document.
#[derive(Serialize)]
pub struct OutcomeEntry<'a> {
    verdict: &'static str,
    passes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<MissingEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
    /// The number of its findings that other entries report.
    #[serde(skip_serializing_if = "is_zero")]
    told: usize,
    /// The subjects of the entries that have no other findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same: Vec<&'a str>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Keeps each finding only in the entry that reports it.
pub fn told_once<'a>(
    entries: &mut [OutcomeEntry<'a>],
    blocks: &[Block<'a>],
    subject: impl Fn(usize) -> Option<&'a str>,
) {
    for block in blocks {
        for &other in &block.same {
            if let Some(entry) = entries.get_mut(other) {
                entry.told = std::mem::take(&mut entry.findings).len();
            }
        }
        if let Some(entry) = entries.get_mut(block.entry) {
            entry.findings = block.findings.iter().map(|&finding| finding.into()).collect();
            entry.told = block.told;
            entry.same = block.same.iter().filter_map(|&other| subject(other)).collect();
        }
    }
}

impl<'a> From<&'a Report> for OutcomeEntry<'a> {
    fn from(report: &'a Report) -> OutcomeEntry<'a> {
        OutcomeEntry {
            verdict: report.verdict().word(),
            passes: report.passes(),
            missing: None,
            findings: report.findings().iter().map(FindingEntry::from).collect(),
            told: 0,
            same: Vec::new(),
        }
    }
}

impl<'a> From<&'a Outcome> for OutcomeEntry<'a> {
    fn from(outcome: &'a Outcome) -> OutcomeEntry<'a> {
        match outcome {
            Outcome::Held(report) => OutcomeEntry::from(report),
            Outcome::Missing { reason, sentence } => OutcomeEntry {
                verdict: "MISSING",
                passes: false,
                missing: Some(MissingEntry { reason, sentence }),
                findings: Vec::new(),
                told: 0,
                same: Vec::new(),
            },
        }
    }
}
