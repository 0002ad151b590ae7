//! `mutants`: see [`USAGE`].

use std::process::ExitCode;

use mutants::corpus::Truth;
use mutants::expected;

const USAGE: &str = "\
usage: mutants [--library NAME]

Claims every export of the libraries of mutants/corpus.tsv as the library itself describes it: all must be a MATCH, but
for those that the table names because a type in them is not known.

  --library NAME   only this one

Ends with the line `N passed, N failed`; exit code 1 if anything failed, 2 on wrong usage.";

fn main() -> ExitCode {
    let mut libraries = expected::libraries();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--library", Some(name)) if libraries.contains(&name.as_str()) => {
                libraries.retain(|library| *library == name);
            }
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let (mut passed, mut failed) = (0, 0);
    for library in libraries {
        match Truth::of(library) {
            Ok(truth) => {
                let outcome = truth.check();
                let failures = expected::failures(library, &outcome);
                println!(
                    "{library}: {} true claims: {} MATCH, {} UNVERIFIED because a type is not known",
                    truth.claimed.len(),
                    outcome.matches,
                    outcome.exceptions.len()
                );
                failures.iter().for_each(|failure| println!("  {failure}"));
                passed += truth.claimed.len();
                failed += failures.len();
            }
            Err(error) => {
                println!("{library}: {error}");
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || passed == 0))
}
