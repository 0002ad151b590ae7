//! Numbers by name, summed over configurations, and the table of mutants.

use std::collections::BTreeMap;

use crate::run::Tally;

/// What stands between the kind of a mutant and its verdict.
const JUDGED: &str = " is ";
const MUTANT: &str = "mutant ";

/// Counts by name. As text, one `= COUNT NAME` a line.
#[derive(Debug, Default)]
pub struct Totals(BTreeMap<String, usize>);

impl Totals {
    pub fn of(tally: &Tally) -> Totals {
        let mut totals = Totals::default();
        let counts = [
            ("functions", tally.functions),
            ("called through the true cif, by libffi alone", tally.called),
            ("called through the described cif", tally.described),
            ("true claims judged MATCH", tally.matched),
            ("true claims judged UNVERIFIED, libffi's types not saying all", tally.unexpressed),
            ("true claims of whole types judged MATCH", tally.typed),
            ("functions beyond libffi refused as UNSUPPORTED", tally.refused),
            ("functions beyond libffi called all the same", tally.beyond_truth),
            ("functions of units without types, of which nothing is said", tally.silent),
        ];
        for (name, count) in counts {
            totals.add(name, count);
        }
        for (reason, count) in &tally.beyond_libffi {
            totals.add(&format!("functions beyond libffi: {reason}"), *count);
        }
        for (reason, count) in &tally.reasons {
            totals.add(&format!("refused: {reason}"), *count);
        }
        for ((kind, verdict), count) in &tally.mutants {
            totals.add(&format!("{MUTANT}{kind}{JUDGED}{verdict}"), *count);
        }
        totals
    }

    fn add(&mut self, name: &str, count: usize) {
        *self.0.entry(name.to_string()).or_default() += count;
    }

    /// Adds what another process printed; false for a line that is none of these.
    pub fn read(&mut self, line: &str) -> bool {
        let parsed = line.strip_prefix("= ").and_then(|rest| rest.split_once(' '));
        match parsed.and_then(|(count, name)| Some((count.parse().ok()?, name))) {
            Some((count, name)) => {
                self.add(name, count);
                true
            }
            None => false,
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(name, count)| format!("= {count} {name}")).collect()
    }

    /// All counts in words, and the mutants as a table.
    pub fn report(&self) -> String {
        let mut text = String::new();
        let mut mutants: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for (name, count) in &self.0 {
            match name.strip_prefix(MUTANT).and_then(|rest| rest.split_once(JUDGED)) {
                Some((kind, verdict)) => {
                    mutants.entry(kind).or_default().insert(verdict, *count);
                }
                None => text += &format!("{count:>8} {name}\n"),
            }
        }
        let verdicts = ["MISMATCH", "UNVERIFIED", "DIFFERS", "MATCH"];
        let row = |kind: &str, cells: Vec<String>| format!("{kind:<36}{}\n", cells.concat());
        let head = verdicts.iter().map(|verdict| format!("{verdict:>12}")).collect();
        text += &row("mutants", head);
        for (kind, found) in mutants {
            let cells = verdicts
                .iter()
                .map(|verdict| format!("{:>12}", found.get(verdict).copied().unwrap_or(0)));
            text += &row(kind, cells.collect());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_survive_the_way_between_processes() {
        let mut tally = Tally { functions: 3, ..Tally::default() };
        tally.mutants.insert(("drop argument", "MISMATCH"), 2);
        let lines = Totals::of(&tally).lines();
        let mut sum = Totals::default();
        for line in lines.iter().chain(&lines) {
            assert!(sum.read(line), "{line}");
        }
        assert!(!sum.read("gcc-dwz: 3 functions"));
        let report = sum.report();
        assert!(report.contains("       6 functions\n"), "{report}");
        assert!(report
            .lines()
            .any(|line| line.split_whitespace().eq(["drop", "argument", "4", "0", "0", "0"])));
    }
}
