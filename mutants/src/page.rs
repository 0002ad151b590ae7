//! The generated part of docs/compatibility.md: what the table misses, and where it gives false alarms.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use ffitypecheck::check::Verdict;

use crate::operator::Operator;
use crate::oracle::{Expected, Owner, Truth};
use crate::place::Position;
use crate::sample::Mutant;

const BEGIN: &str = "<!-- begin mutants -->\n";
const END: &str = "<!-- end mutants -->";

/// What one owner's memory comes to.
#[derive(Default)]
struct Counts {
    harmful: usize,
    missed: usize,
    harmless: usize,
    alarmed: usize,
    /// False alarms that are a mismatch, and so fail without being asked for.
    failing: usize,
    rules: BTreeSet<&'static str>,
}

impl Counts {
    fn add(&mut self, expected: &Expected) {
        // Of "any" nothing is expected.
        if expected.verdict == Verdict::Unverified {
            return;
        }
        let fails = expected.verdict == Verdict::Mismatch;
        let wrong = match expected.truth {
            Truth::Harmful => {
                self.harmful += 1;
                self.missed += usize::from(!fails);
                !fails
            }
            Truth::Harmless => {
                self.harmless += 1;
                self.alarmed += usize::from(expected.verdict != Verdict::Match);
                self.failing += usize::from(fails);
                expected.verdict != Verdict::Match
            }
            Truth::Meaning => false,
        };
        if wrong {
            self.rules.extend(expected.rules.iter().map(|rule| rule.id()));
        }
    }

    fn cells(&self) -> String {
        let (missed, alarmed) =
            (share(self.missed, self.harmful), share(self.alarmed, self.harmless));
        format!("{} | {missed} | {} | {alarmed} | {}", self.harmful, self.harmless, self.failing)
    }
}

/// Mutants of one sort.
#[derive(Default)]
struct Sort {
    all: usize,
    /// Harmful in both, in the caller's memory only, in the library's only.
    harmful: [usize; 3],
    of_caller: Counts,
    of_library: Counts,
    /// Harmless in the library's memory, but a mismatch where it is taken for the caller's.
    taken_for_caller: usize,
}

impl Sort {
    fn add(&mut self, mutant: &Mutant) {
        let harms = |expected: &Expected| expected.truth == Truth::Harmful;
        self.all += 1;
        let class = match (harms(&mutant.of_caller), harms(&mutant.of_library)) {
            (true, true) => Some(0),
            (true, false) => Some(1),
            (false, true) => Some(2),
            (false, false) => None,
        };
        if let Some(count) = class.and_then(|class| self.harmful.get_mut(class)) {
            *count += 1;
        }
        self.of_caller.add(mutant.of(Owner::Caller));
        self.of_library.add(mutant.of(Owner::Library));
        let harmless = mutant.of_library.truth == Truth::Harmless
            && mutant.of_library.verdict != Verdict::Unverified;
        let refused = harmless && mutant.of_caller.verdict == Verdict::Mismatch;
        self.taken_for_caller += usize::from(refused);
    }

    fn row(&self, name: &str) -> String {
        let [both, caller, library] = self.harmful;
        format!(
            "| {name} | {} | {both} | {caller} | {library} | {} | {} | {} |",
            self.all,
            self.of_caller.cells(),
            self.of_library.cells(),
            self.taken_for_caller
        )
    }
}

fn share(part: usize, all: usize) -> String {
    match (part, all) {
        (_, 0) => "-".to_owned(),
        (part, all) => format!("{part} ({:.1}%)", 100.0 * part as f64 / all as f64),
    }
}

const HEAD: &str = "| {} | mutants | harmful in both | in the caller's | in the library's \
                    | caller's: harmful | missed | harmless | false alarms | MISMATCH \
                    | library's: harmful | missed | harmless | false alarms | MISMATCH | MISMATCH before |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

/// The generated text.
pub fn text(mutants: &[Mutant], undecided: usize, claims: usize) -> String {
    let mut all = Sort::default();
    let mut by_operator: BTreeMap<Operator, Sort> = BTreeMap::new();
    let mut by_position: BTreeMap<Position, Sort> = BTreeMap::new();
    let mut by_both: BTreeMap<(Operator, Position), Sort> = BTreeMap::new();
    for mutant in mutants {
        all.add(mutant);
        by_operator.entry(mutant.operator).or_default().add(mutant);
        by_position.entry(mutant.position).or_default().add(mutant);
        by_both.entry((mutant.operator, mutant.position)).or_default().add(mutant);
    }
    let mut out = format!(
        "{} mutants of {claims} true claims; {undecided} others are not counted, because this page does not decide them. A mutant harms a caller \
         that made the memory behind its arguments by the claimed types, one that hands back memory of the library's, both or none. False alarms are \
         harmless and no MATCH; those that are a MISMATCH fail without `strict`. \"MISMATCH before\" counts what is harmless in the library's memory and \
         was a MISMATCH all the same while all memory behind arguments was taken for the caller's.\n\n",
        all.all,
    );
    out.push_str(&HEAD.replace("{}", "what is otherwise"));
    for (operator, sort) in &by_operator {
        let _ = writeln!(out, "{}", sort.row(operator.words()));
    }
    let _ = writeln!(out, "{}", all.row("all"));
    let _ = writeln!(out, "\n{}", HEAD.replace("{}", "where").trim_end());
    for (position, sort) in &by_position {
        let _ = writeln!(out, "{}", sort.row(position.words()));
    }
    out.push_str("\nMissed:\n\n| what is otherwise | where | whose memory | harmful | missed | by |\n| --- | --- | --- | --- | --- | --- |\n");
    each(&by_both, |name, owner, counts| {
        if counts.missed > 0 {
            let missed = share(counts.missed, counts.harmful);
            let rules = rules(counts);
            let _ = writeln!(out, "| {name} | {owner} | {} | {missed} | {rules} |", counts.harmful);
        }
    });
    out.push_str("\nFalse alarms:\n\n| what is otherwise | where | whose memory | harmless | false alarms | of them MISMATCH | by |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    each(&by_both, |name, owner, counts| {
        if counts.alarmed > 0 {
            let (alarmed, rules) = (share(counts.alarmed, counts.harmless), rules(counts));
            let (harmless, failing) = (counts.harmless, counts.failing);
            let _ = writeln!(
                out,
                "| {name} | {owner} | {harmless} | {alarmed} | {failing} | {rules} |"
            );
        }
    });
    out
}

/// Both owners' counts of each operator and position.
fn each(
    by_both: &BTreeMap<(Operator, Position), Sort>,
    mut visit: impl FnMut(&str, &str, &Counts),
) {
    for ((operator, position), sort) in by_both {
        let name = format!("{} | {}", operator.words(), position.words());
        visit(&name, "the caller's", &sort.of_caller);
        visit(&name, "the library's", &sort.of_library);
    }
}

fn rules(counts: &Counts) -> String {
    if counts.rules.is_empty() {
        "MATCH".to_owned()
    } else {
        counts.rules.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
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
    if page == new {
        Ok(())
    } else {
        Err("docs/compatibility.md does not agree with the mutants; `make check-mutants MUTANTS=--write` renews it".to_owned())
    }
}
