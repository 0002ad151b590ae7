//! What is expected of each library: the committed table.

use ffitypecheck::check::Verdict;

use crate::corpus::Outcome;

const TABLE: &str = include_str!("../corpus.tsv");

/// The libraries of the table, in its order.
pub fn libraries() -> Vec<&'static str> {
    lines().filter(|fields| fields.len() == 6).map(|fields| fields[0]).collect()
}

fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// The lines of the table that the outcome of a library would give.
pub fn table_of(library: &str, outcome: &Outcome) -> Vec<String> {
    let counts = format!(
        "{library}\t{}\t{}\t{}\t{}\t{}",
        outcome.functions,
        outcome.variables,
        outcome.not_described,
        outcome.matches,
        outcome.exceptions.len()
    );
    let exceptions = outcome.exceptions.iter().map(|exception| {
        let why = exception.why.as_deref().unwrap_or("nothing that is not known");
        format!("{library}\t{}\t{why}", exception.symbol)
    });
    std::iter::once(counts).chain(exceptions).collect()
}

/// What is wrong with the outcome of a library: a line for each failure.
pub fn failures(library: &str, outcome: &Outcome) -> Vec<String> {
    let mut failures = Vec::new();
    for exception in &outcome.exceptions {
        if exception.verdict != Verdict::Unverified || exception.why.is_none() {
            failures.push(format!(
                "{}: the true claim is {} by {}: {}",
                exception.symbol, exception.verdict, exception.rule, exception.sentence
            ));
        }
    }
    let expected: Vec<String> =
        lines().filter(|fields| fields[0] == library).map(|fields| fields.join("\t")).collect();
    let found = table_of(library, outcome);
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|line| !b.contains(line)).cloned().collect()
    };
    failures.extend(
        only(&expected, &found).iter().map(|line| format!("mutants/corpus.tsv has  {line}")),
    );
    failures.extend(
        only(&found, &expected).iter().map(|line| format!("this library has         {line}")),
    );
    failures
}
