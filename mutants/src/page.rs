//! The generated part of docs/compatibility.md: what the table misses, and where it gives false alarms.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use ffitypecheck::check::Verdict;

use crate::operator::Operator;
use crate::oracle::Truth;
use crate::place::Position;
use crate::sample::Mutant;

const BEGIN: &str = "<!-- begin mutants -->\n";
const END: &str = "<!-- end mutants -->";

/// Counts of mutants of one sort.
#[derive(Default)]
struct Counts {
    all: usize,
    /// Match, differs, unverified, mismatch.
    verdicts: [usize; 4],
    harmful: usize,
    missed: usize,
    harmless: usize,
    alarmed: usize,
    /// False alarms that are a mismatch, and so fail without being asked for.
    failing: usize,
    rules: BTreeSet<&'static str>,
}

impl Counts {
    fn add(&mut self, mutant: &Mutant) {
        let verdict = mutant.expected.verdict;
        self.all += 1;
        self.verdicts[verdict as usize] += 1;
        // Of "any" nothing is expected.
        if verdict == Verdict::Unverified {
            return;
        }
        match mutant.expected.truth {
            Truth::Harmful => {
                self.harmful += 1;
                self.missed += usize::from(verdict < Verdict::Mismatch);
            }
            Truth::Harmless => {
                self.harmless += 1;
                self.alarmed += usize::from(verdict != Verdict::Match);
                self.failing += usize::from(verdict == Verdict::Mismatch);
            }
            Truth::Meaning => {}
        }
        let wrong = is_missed(mutant) || is_false_alarm(mutant);
        if wrong {
            self.rules.extend(mutant.expected.rules.iter().map(|rule| rule.id()));
        }
    }

    fn row(&self, name: &str) -> String {
        let [matches, differs, unverified, mismatches] = self.verdicts;
        format!(
            "| {name} | {} | {matches} | {differs} | {unverified} | {mismatches} | {} | {} | {} | {} |",
            self.all,
            self.harmful,
            share(self.missed, self.harmful),
            self.harmless,
            share(self.alarmed, self.harmless)
        )
    }
}

fn is_missed(mutant: &Mutant) -> bool {
    let weaker = matches!(mutant.expected.verdict, Verdict::Match | Verdict::Differs);
    mutant.expected.truth == Truth::Harmful && weaker
}

fn is_false_alarm(mutant: &Mutant) -> bool {
    let stronger = matches!(mutant.expected.verdict, Verdict::Differs | Verdict::Mismatch);
    mutant.expected.truth == Truth::Harmless && stronger
}

fn share(part: usize, all: usize) -> String {
    match (part, all) {
        (_, 0) => "-".to_owned(),
        (part, all) => format!("{part} ({:.1}%)", 100.0 * part as f64 / all as f64),
    }
}

const HEAD: &str = "| {} | mutants | MATCH | DIFFERS | UNVERIFIED | MISMATCH | harmful | missed | harmless | false alarms |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

/// The generated text.
pub fn text(mutants: &[Mutant], undecided: usize, claims: usize) -> String {
    let mut all = Counts::default();
    let mut by_operator: BTreeMap<Operator, Counts> = BTreeMap::new();
    let mut by_position: BTreeMap<Position, Counts> = BTreeMap::new();
    let mut by_both: BTreeMap<(Operator, Position), Counts> = BTreeMap::new();
    for mutant in mutants {
        all.add(mutant);
        by_operator.entry(mutant.operator).or_default().add(mutant);
        by_position.entry(mutant.position).or_default().add(mutant);
        by_both.entry((mutant.operator, mutant.position)).or_default().add(mutant);
    }
    let mut out = format!(
        "{} mutants of {claims} true claims; {undecided} others are not counted, because this page does not decide them. Of {} harmful ones {} \
         are missed; of {} harmless ones {} give a false alarm, {} of them one that fails without `strict`.\n\n",
        all.all,
        all.harmful,
        share(all.missed, all.harmful),
        all.harmless,
        share(all.alarmed, all.harmless),
        all.failing
    );
    out.push_str(&HEAD.replace("{}", "what is otherwise"));
    for (operator, counts) in &by_operator {
        let _ = writeln!(out, "{}", counts.row(operator.words()));
    }
    let _ = writeln!(out, "\n{}", HEAD.replace("{}", "where").trim_end());
    for (position, counts) in &by_position {
        let _ = writeln!(out, "{}", counts.row(position.words()));
    }
    out.push_str("\nMissed:\n\n| what is otherwise | where | harmful | missed | by |\n| --- | --- | --- | --- | --- |\n");
    for ((operator, position), counts) in by_both.iter().filter(|(_, counts)| counts.missed > 0) {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            operator.words(),
            position.words(),
            counts.harmful,
            share(counts.missed, counts.harmful),
            rules(counts)
        );
    }
    out.push_str("\nFalse alarms:\n\n| what is otherwise | where | harmless | false alarms | of them MISMATCH | by |\n| --- | --- | --- | --- | --- | --- |\n");
    for ((operator, position), counts) in by_both.iter().filter(|(_, counts)| counts.alarmed > 0) {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            operator.words(),
            position.words(),
            counts.harmless,
            share(counts.alarmed, counts.harmless),
            counts.failing,
            rules(counts)
        );
    }
    out
}

fn rules(counts: &Counts) -> String {
    match counts.rules.is_empty() {
        true => "MATCH".to_owned(),
        false => counts.rules.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "),
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md")
}

/// The page with `text` between its marks. Errors: the page cannot be read or has no marks.
fn with(text: &str) -> Result<(String, String), String> {
    let page = std::fs::read_to_string(path()).map_err(|error| error.to_string())?;
    let (head, rest) = page.split_once(BEGIN).ok_or("docs/compatibility.md has no begin mark")?;
    let (_, tail) = rest.split_once(END).ok_or("docs/compatibility.md has no end mark")?;
    let new = format!("{head}{BEGIN}\n{text}\n{END}{tail}");
    Ok((page, new))
}

/// Writes the text into the page.
pub fn write(text: &str) -> Result<(), String> {
    let (_, new) = with(text)?;
    std::fs::write(path(), new).map_err(|error| error.to_string())
}

/// Whether the page has the text. Errors: it has another one.
pub fn compare(text: &str) -> Result<(), String> {
    let (page, new) = with(text)?;
    match page == new {
        true => Ok(()),
        false => Err("docs/compatibility.md does not agree with the mutants; `make check-mutants MUTANTS=--write` renews it".to_owned()),
    }
}
