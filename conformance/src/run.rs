//! One configuration from seed to tally.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use crate::call::{prepare, Loaded};
use crate::layout::value_mask;
use crate::prove::{self, Proof};
use crate::signature::{Library, Type};
use crate::toolchain::{build, Configuration};
use crate::truth::{falsify, signature};
use toolchain::Random;

/// What was found on one library.
#[derive(Debug, Default)]
pub struct Tally {
    pub functions: usize,
    /// Functions called through a cif of the true claim, by libffi alone.
    pub called: usize,
    /// Functions that libffi cannot call, by reason.
    pub beyond_libffi: BTreeMap<&'static str, usize>,
    /// Functions called through the cif that libffitypecheck described.
    pub described: usize,
    /// Functions beyond libffi that libffitypecheck refused, and that it called rightly all the same.
    pub refused: usize,
    /// The reasons that it gave.
    pub reasons: BTreeMap<String, usize>,
    pub beyond_truth: usize,
    /// Functions of units without types, of which nothing was said.
    pub silent: usize,
    /// True claims that were judged a match: two per function, before and after libffi completed the types.
    pub matched: usize,
    /// True claims of which libffi's types cannot say all, judged unverified.
    pub unexpressed: usize,
    /// True claims of whole types that were judged a match.
    pub typed: usize,
    /// Mutants judged as they must be.
    pub judged: usize,
    /// All mutants by kind and verdict.
    pub mutants: BTreeMap<(&'static str, &'static str), usize>,
    pub failures: Vec<String>,
}

impl Tally {
    /// How many checks held.
    pub fn passed(&self) -> usize {
        self.called
            + self.described
            + self.refused
            + self.beyond_truth
            + self.silent
            + self.matched
            + self.unexpressed
            + self.typed
            + self.judged
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beyond: usize = self.beyond_libffi.values().sum();
        write!(f, "{} functions: {} called by the true cif, ", self.functions, self.called)?;
        write!(f, "{} by the described one, {} true claims match, ", self.described, self.matched)?;
        write!(f, "{} are unverified for want of words, ", self.unexpressed)?;
        write!(f, "{} with whole types match, ", self.typed)?;
        let mutants: usize = self.mutants.values().sum();
        write!(f, "{} of {mutants} mutants judged rightly; {beyond} beyond libffi: ", self.judged)?;
        write!(f, "{} refused, {} called; ", self.refused, self.beyond_truth)?;
        write!(f, "{} failures", self.failures.len())
    }
}

/// Builds and tries one library. The name of the function at hand is kept in `directory`/at, for the case that a call
/// does not return. `floats_are_integers` makes true claims wrong.
pub fn run(
    configuration: &Configuration,
    library: &Library,
    seed: u64,
    directory: &Path,
    floats_are_integers: bool,
) -> Result<Tally, String> {
    let path = build(configuration, library, directory)?;
    let loaded = Loaded::open(&path)?;
    let mut tally = Tally { functions: library.functions.len(), ..Tally::default() };
    check_layout(library, &loaded, &mut tally);
    let dialect = configuration.dialect();
    let proof = Proof { library, loaded: &loaded, opened: prove::open(&path)? };
    for function in &library.functions {
        fs::write(directory.join("at"), &function.name).map_err(|error| error.to_string())?;
        // The same values where it is tried alone.
        let mut random = Random::new(seed ^ function.number as u64);
        if dialect.untyped {
            proof.untyped(function, &mut tally);
            continue;
        }
        let mut truth = signature(library, function, dialect);
        if let (Ok(signature), true) = (&mut truth, floats_are_integers) {
            falsify(signature);
        }
        match &truth {
            Err(reason) => *tally.beyond_libffi.entry(*reason).or_default() += 1,
            Ok(signature) => {
                let outcome = prepare(signature).and_then(|mut prepared| {
                    // SAFETY: just prepared.
                    unsafe { loaded.exchange(library, function, &mut prepared.cif, &mut random) }
                });
                match outcome {
                    Ok(()) => tally.called += 1,
                    Err(error) => {
                        tally.failures.push(format!("{} by truth: {error}", function.name));
                    }
                }
            }
        }
        proof.function(function, &truth, &mut random, &mut tally);
    }
    Ok(tally)
}

/// The compiler and we must agree on where the bit-fields lie.
fn check_layout(library: &Library, loaded: &Loaded, tally: &mut Tally) {
    for (number, record) in library.records.iter().enumerate() {
        let mut only_bits = record.clone();
        only_bits.members.retain(|member| member.width.is_some() && member.name.is_some());
        if record.inline || only_bits.members.is_empty() {
            continue;
        }
        let mut view = library.clone();
        view.records[number] = only_bits;
        let expected = value_mask(&view, Type::Record(number));
        match loaded.fill_result(&format!("bits{number}"), expected.len()) {
            Ok(found) if found == expected => {}
            Ok(found) => tally.failures.push(format!(
                "{}: bit-fields at {found:02x?}, expected {expected:02x?}",
                record.text
            )),
            Err(error) => tally.failures.push(error),
        }
    }
}
