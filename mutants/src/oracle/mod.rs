//! What docs/compatibility.md says about a claim that differs from the truth in one place: a second reading of the page,
//! which shares no code with the checker.
//!
//! Both sides live in one table, and what the mutant did not touch has the same number on both: so only the way to the
//! mutated place is read, and nothing has to be remembered or bounded. Where the page does not decide, no verdict is given.

mod flat;
mod idiom;
mod memory;
mod names;
mod pointee;
mod scalar;
mod signature;
mod union;
mod value;

use std::cell::RefCell;
use std::collections::HashSet;

use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Function, Kind, Record, TypeId, Types};

/// What a mutant does to a caller that relies on it, whatever the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Nothing.
    Harmless,
    /// The same bits arrive and mean another thing, or a value is cut.
    Meaning,
    /// Undefined or foreign bits are read, an argument lands elsewhere, or memory is overrun.
    Harmful,
}

/// Who made the memory that arguments point to. What the library returns is its own either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The caller made it, by the claimed types.
    Caller,
    /// The library made it, and the caller hands it back.
    Library,
}

/// Who provides what is pointed to, and who calls what: the caller gives an argument, the library a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The caller's.
    Argument,
    /// The library's.
    Result,
}

impl Role {
    /// The other one.
    pub fn exchanged(self) -> Role {
        match self {
            Role::Argument => Role::Result,
            Role::Result => Role::Argument,
        }
    }
}

/// What the page says of a mutant.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    found: Vec<(Verdict, Rule)>,
    truth: Option<Truth>,
    /// Something that the page does not decide.
    undecided: Option<&'static str>,
}

/// Exactly one verdict.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The verdict of the report.
    pub verdict: Verdict,
    /// One of these is the rule of a finding with that verdict; none for MATCH.
    pub rules: Vec<Rule>,
    /// What is true of the mutant.
    pub truth: Truth,
}

impl Outcome {
    fn add(&mut self, verdict: Verdict, rule: Rule, truth: Truth) {
        self.found.push((verdict, rule));
        self.truth = self.truth.max(Some(truth));
    }

    /// Something that is a MATCH by the page, but not for that reason harmless.
    fn unseen(&mut self, truth: Truth) {
        self.truth = self.truth.max(Some(truth));
    }

    fn undecided(why: &'static str) -> Outcome {
        Outcome { undecided: Some(why), ..Outcome::default() }
    }

    fn of(verdict: Verdict, rule: Rule, truth: Truth) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.add(verdict, rule, truth);
        outcome
    }

    fn join(&mut self, other: Outcome) {
        self.found.extend(other.found);
        self.truth = self.truth.max(other.truth);
        self.undecided = self.undecided.or(other.undecided);
    }

    /// Whether something else was found than types that nobody knows.
    fn is_known(&self) -> bool {
        self.found.iter().any(|(_, rule)| *rule != Rule::NotKnown)
    }

    fn verdict(&self) -> Verdict {
        self.found.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Match)
    }

    /// The one verdict, or why there is none. A mismatch is one whatever else is not decided.
    pub fn decide(self) -> Result<Expected, &'static str> {
        let verdict = self.verdict();
        if let (Some(why), true) = (self.undecided, verdict != Verdict::Mismatch) {
            return Err(why);
        }
        let rules = self.found.iter().filter(|(found, _)| *found == verdict);
        let mut rules: Vec<Rule> = rules.map(|(_, rule)| *rule).collect();
        rules.sort();
        rules.dedup();
        Ok(Expected { verdict, rules, truth: self.truth.unwrap_or(Truth::Harmless) })
    }
}

/// Holds the claim of a whole declaration against the truth. `function`: the declaration is one.
pub fn declaration(
    types: &Types,
    declared: TypeId,
    claimed: TypeId,
    function: bool,
    owner: Owner,
) -> Outcome {
    let (open, done) = (RefCell::default(), RefCell::default());
    let (open, done) = (&open, &done);
    let reader =
        Reader { types, open, done, shallow: false, owner, argument: None, outermost: true };
    if types.resolve(declared) == types.resolve(claimed) {
        return Outcome::default();
    }
    let (d, c) = (&types.resolved(declared).kind, &types.resolved(claimed).kind);
    match (d, c) {
        (_, Kind::Unknown { .. }) => not_known(),
        (Kind::Function(d), Kind::Function(c)) if function => reader.signature(d, c, true),
        (Kind::Function(_), _) | (_, Kind::Function(_)) => {
            Outcome::of(Verdict::Mismatch, Rule::FunctionAgainstVariable, Truth::Harmful)
        }
        _ => reader.variable(declared, claimed),
    }
}

fn not_known() -> Outcome {
    Outcome::of(Verdict::Unverified, Rule::NotKnown, Truth::Harmless)
}

/// A pair behind pointers, its role, and the argument that it is directly behind.
type Compared = (TypeId, TypeId, Role, Option<usize>);

/// Reads both sides in one table.
#[derive(Clone, Copy)]
struct Reader<'t> {
    types: &'t Types,
    /// The pairs behind pointers that are being compared, outermost first: what is not found to differ on the way round
    /// is the same.
    open: &'t RefCell<Vec<(TypeId, TypeId)>>,
    /// The pairs that were compared to their end: what they came to is counted once. Those directly behind an argument are
    /// each argument's own.
    done: &'t RefCell<HashSet<Compared>>,
    /// Pointers are not followed.
    shallow: bool,
    owner: Owner,
    /// The argument of the declared function that is being compared, or whose pointers are.
    argument: Option<(&'t Function, usize)>,
    /// No signature was compared yet.
    outermost: bool,
}

impl<'t> Reader<'t> {
    fn kind(self, id: TypeId) -> &'t Kind {
        &self.types.resolved(id).kind
    }

    fn same(self, a: TypeId, b: TypeId) -> bool {
        self.types.resolve(a) == self.types.resolve(b)
    }

    /// A complete record.
    fn record(self, id: TypeId) -> Option<&'t Record> {
        match self.kind(id) {
            Kind::Record(record) if !record.incomplete => Some(record),
            _ => None,
        }
    }

    /// `void`, or a record that is only declared.
    fn is_opaque(self, id: TypeId) -> bool {
        match self.kind(id) {
            Kind::Void => true,
            Kind::Record(record) => record.incomplete,
            Kind::Enumeration { incomplete, .. } => *incomplete,
            _ => false,
        }
    }

    /// The element of an array of any rank, and how many of them there are; of anything else itself, once.
    fn element(self, id: TypeId) -> (TypeId, Option<u64>) {
        match self.kind(id) {
            Kind::Array { element, dimensions, vector: false } => {
                let count = dimensions.iter().try_fold(1_u64, |all, one| all.checked_mul((*one)?));
                let (innermost, inner) = self.element(*element);
                (innermost, count.zip(inner).and_then(|(a, b)| a.checked_mul(b)))
            }
            _ => (id, Some(1)),
        }
    }
}
