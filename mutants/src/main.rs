//! `mutants`: see [`Options`].

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use clap::Parser;
use mutants::corpus::{Outcome, Truth};
use mutants::sample::{sample, Mutant, Sample};
use mutants::{expected, page};

/// Fewer are no proof.
const FEWEST: usize = 20_000;

/// The claims of eight libraries, true and changed ones, and the verdicts that they must get
///
/// Claims every export of the libraries of mutants/corpus.tsv as the library itself describes it: all must be a MATCH, but
/// for those that the table names because a type in them is not known. Then changes the claims in one point each: every
/// mutant must get the verdict that docs/compatibility.md says.
///
/// Ends with the line `N passed, N failed`; exit code 1 if anything failed, 2 on wrong usage.
#[derive(Parser)]
#[command(name = "mutants")]
struct Options {
    /// Only this library
    #[arg(long, value_name = "NAME", value_parser = expected::libraries())]
    library: Option<String>,
    /// How many mutants in all
    #[arg(long, value_name = "N", default_value_t = 30_000)]
    mutants: usize,
    /// Where the random numbers start
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Write the figures into docs/compatibility.md, which are otherwise compared; only with the defaults
    #[arg(long, conflicts_with_all = ["library", "mutants", "seed"])]
    write: bool,
}

impl Options {
    fn libraries(&self) -> Vec<&'static str> {
        let mut libraries = expected::libraries();
        libraries.retain(|name| self.library.as_deref().is_none_or(|only| only == *name));
        libraries
    }

    /// The page has the figures of the defaults.
    fn defaults(&self) -> bool {
        self.library.is_none() && (self.mutants, self.seed) == (30_000, 1)
    }
}

/// What all libraries come to.
#[derive(Default)]
struct Totals {
    claims: usize,
    mutants: Vec<Mutant>,
    undecided: BTreeMap<&'static str, usize>,
    failures: usize,
}

/// What one library comes to.
struct Judged {
    claims: usize,
    outcome: Outcome,
    sample: Sample,
}

fn judge(library: &str, wanted: usize, seed: u64) -> Result<Judged, String> {
    let truth = Truth::of(library)?;
    let (outcome, sample) = (truth.check(), sample(&truth, wanted, seed));
    Ok(Judged { claims: truth.claimed.len(), outcome, sample })
}

impl Totals {
    fn fail(&mut self, what: &str) {
        self.failures += 1;
        println!("  {what}");
    }

    fn add(&mut self, library: &str, judged: Result<Judged, String>) {
        let Judged { claims, outcome, sample } = match judged {
            Ok(judged) => judged,
            Err(error) => return self.fail(&format!("{library}: {error}")),
        };
        println!(
            "{library}: {claims} true claims: {} MATCH, {} UNVERIFIED because a type is not known; {} mutants",
            outcome.matches,
            outcome.exceptions.len(),
            sample.mutants.len()
        );
        self.claims += claims;
        expected::failures(library, &outcome).iter().for_each(|failure| self.fail(failure));
        let wrong = sample.mutants.iter().filter_map(|mutant| mutant.failure.as_ref());
        wrong.for_each(|failure| self.fail(failure));
        for (why, count) in sample.undecided {
            *self.undecided.entry(why).or_default() += count;
        }
        self.mutants.extend(sample.mutants);
    }
}

/// Each library by itself, as many at a time as there are processors; what they come to is told in their order.
fn judge_all(options: &Options) -> Totals {
    let libraries = options.libraries();
    let wanted = options.mutants.div_ceil(libraries.len());
    let next = AtomicUsize::new(0);
    let judged = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(library) = libraries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = judge(library, wanted, options.seed);
            judged.lock().expect("no thread panics").insert(*library, result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut judged = judged.into_inner().expect("no thread panics");
    let mut totals = Totals::default();
    for library in &libraries {
        let result = judged.remove(library).unwrap_or_else(|| Err("not judged".to_owned()));
        totals.add(library, result);
    }
    totals
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut totals = judge_all(&options);
    for (why, count) in &totals.undecided {
        println!("not decided by the page: {why}: {count}");
    }
    if options.defaults() {
        if totals.mutants.len() < FEWEST {
            totals.fail(&format!("fewer than {FEWEST} mutants"));
        }
        let undecided = totals.undecided.values().sum();
        let text = page::text(&totals.mutants, undecided, totals.claims);
        let done = if options.write { page::write(&text) } else { page::compare(&text) };
        if let Err(error) = done {
            totals.fail(&error);
        }
    }
    let passed = totals.claims + totals.mutants.len();
    println!("{} passed, {} failed", passed - totals.failures.min(passed), totals.failures);
    ExitCode::from(u8::from(totals.failures > 0 || passed == 0))
}
