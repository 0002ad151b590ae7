//! Which mutants: evenly over operators, positions and depths, and the same ones for the same seed.

use std::collections::{BTreeMap, HashMap, HashSet};

use ffitypecheck::abi;
use ffitypecheck::check::{self, check_declaration, Options, Report, TypeClaim, Verdict};
use ffitypecheck::ctype::{Declaration, Kind, TypeId};
use ffitypecheck::spell;

use crate::corpus::{why_unverified, Truth};
use crate::mutate;
use crate::natural;
use crate::operator::Operator;
use crate::oracle::{self, Expected, Owner, Truth as Harm};
use crate::place::{Place, Position};
use toolchain::Random;

/// A mutant and what became of it.
pub struct Mutant {
    pub operator: Operator,
    pub position: Position,
    /// Where the caller made the memory behind the arguments.
    pub of_caller: Expected,
    /// Where the library made it.
    pub of_library: Expected,
    /// A minimal reproduction, where expected and found differ.
    pub failure: Option<String>,
}

impl Mutant {
    pub fn of(&self, owner: Owner) -> &Expected {
        match owner {
            Owner::Caller => &self.of_caller,
            Owner::Library => &self.of_library,
        }
    }
}

/// The mutants of one library.
#[derive(Default)]
pub struct Sample {
    pub mutants: Vec<Mutant>,
    /// How often the page did not decide, and why.
    pub undecided: BTreeMap<&'static str, usize>,
}

/// Walks per library, and the deepest.
const WALKS: usize = 60_000;
const DEEPEST: usize = 12;
/// Places that are kept of one kind.
const KEPT: usize = 400;

/// At most `wanted` mutants of a library.
pub fn sample(truth: &Truth, wanted: usize, seed: u64) -> Sample {
    let mut random = Random::new(seed);
    let groups = places(truth, &mut random);
    let (mut made, mut undecided) = (Vec::new(), BTreeMap::new());
    let mut used: HashMap<(Operator, Position, usize), usize> = HashMap::new();
    let mut seen = HashSet::new();
    for round in 0..KEPT {
        for group in groups.values() {
            let Some((index, place)) = group.get(round) else { continue };
            let (declaration, root) = &truth.claimed[*index];
            let position = place.position(&truth.claims);
            let bucket = bucket(place.depth());
            let mut operators = Operator::ALL.to_vec();
            operators.sort_by_key(|operator| {
                used.get(&(*operator, position, bucket)).copied().unwrap_or(0)
            });
            for operator in operators {
                if !seen.insert((*index, place.steps.clone(), operator)) {
                    continue;
                }
                let Some(mutated) =
                    mutate::apply(&truth.claims, place, position, operator, &mut random)
                else {
                    continue;
                };
                let possible = natural::is_possible(&truth.claims, mutated);
                let Some(claim) = place.with(&truth.claims, mutated).filter(|_| possible) else {
                    continue;
                };
                let is_function = declaration.function().is_some();
                let expected = |owner| {
                    oracle::declaration(&truth.claims, *root, claim, is_function, owner).decide()
                };
                let both = expected(Owner::Caller)
                    .and_then(|of_caller| Ok((of_caller, expected(Owner::Library)?)));
                match both {
                    Err(why) => *undecided.entry(why).or_default() += 1,
                    Ok(both) => {
                        made.push((Made { declaration, claim, operator, position, place }, both));
                        *used.entry((operator, position, bucket)).or_default() += 1;
                        break;
                    }
                }
            }
            if made.len() >= wanted {
                return Sample { mutants: check(truth, &made), undecided };
            }
        }
    }
    Sample { mutants: check(truth, &made), undecided }
}

/// Holds all mutants against the library, as many at a time as there are processors.
fn check(truth: &Truth, made: &[(Made, (Expected, Expected))]) -> Vec<Mutant> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts = made.chunks(made.len().div_ceil(threads).max(1));
    std::thread::scope(|scope| {
        let part = |part: &'_ [(Made<'_>, _)]| {
            part.iter().map(|(mutant, both)| mutant.check(truth, both)).collect()
        };
        let handles: Vec<_> = parts.map(|own| scope.spawn(move || part(own))).collect();
        let done = handles.into_iter().map(|handle| handle.join().expect("no thread panics"));
        done.flat_map(|part: Vec<Mutant>| part).collect()
    })
}

/// Places by position, depth and kind of type.
type Groups = BTreeMap<(Position, usize, u8), Vec<(usize, Place)>>;

fn places(truth: &Truth, random: &mut Random) -> Groups {
    let mut groups = Groups::new();
    let usable: Vec<usize> = (0..truth.claimed.len())
        .filter(|&index| why_unverified(&truth.claimed[index].0).is_none())
        .collect();
    for _ in 0..WALKS {
        let index = random.pick(&usable);
        let depth = random.below(DEEPEST + 1);
        let place = Place::walk(&truth.claims, truth.claimed[index].1, depth, random);
        let position = place.position(&truth.claims);
        let kind = match truth.claims.resolved(place.node()).kind {
            Kind::Void => 0,
            Kind::Base { .. } => 1,
            Kind::Pointer { .. } => 2,
            Kind::Array { .. } => 3,
            Kind::Record(_) => 4,
            Kind::Enumeration { .. } => 5,
            Kind::Function(_) => 6,
            _ => 7,
        };
        let group = groups.entry((position, bucket(place.depth()), kind)).or_default();
        if group.len() < KEPT {
            group.push((index, place));
        }
    }
    groups
}

/// Depths that are counted as one.
fn bucket(depth: usize) -> usize {
    match depth {
        0..=2 => 0,
        3..=4 => 1,
        5..=7 => 2,
        _ => 3,
    }
}

struct Made<'a> {
    declaration: &'a Declaration,
    claim: TypeId,
    operator: Operator,
    position: Position,
    place: &'a Place,
}

impl Made<'_> {
    fn check(&self, truth: &Truth, (of_caller, of_library): &(Expected, Expected)) -> Mutant {
        let (of_caller, of_library) = (of_caller.clone(), of_library.clone());
        let claim = TypeClaim { types: &truth.claims, ty: self.claim };
        let report = |owner| {
            let options = Options { owner, ..Options::default() };
            check_declaration(self.declaration, claim, &options)
        };
        let caller = report(check::Owner::Caller);
        let library = report(check::Owner::Library);
        let unknown = report(check::Owner::Unknown);
        let failure = None
            .or_else(|| self.judge(truth, "the caller's memory", &of_caller, &caller))
            .or_else(|| self.judge(truth, "the library's memory", &of_library, &library))
            .or_else(|| self.judge_declaration(truth, &of_caller, [&caller, &library, &unknown]));
        Mutant { operator: self.operator, position: self.position, of_caller, of_library, failure }
    }

    fn judge(
        &self,
        truth: &Truth,
        owner: &str,
        expected: &Expected,
        report: &Report,
    ) -> Option<String> {
        let got = report.verdict();
        let gravest = report.findings().iter().filter(|finding| finding.verdict == got);
        let by_a_rule =
            expected.rules.is_empty() || gravest.clone().any(|f| expected.rules.contains(&f.rule));
        let possible = self.operator.verdicts().contains(&expected.verdict);
        let refused = expected.truth == Harm::Harmless && got == Verdict::Mismatch;
        let agrees = got == expected.verdict && by_a_rule && possible && !refused;
        (!agrees).then(|| self.reproduction(truth, owner, expected, report))
    }

    /// Where it is not known whose memory it is: what fails there fails in either one's, and what fails in the caller's only is
    /// judged at the call.
    fn judge_declaration(
        &self,
        truth: &Truth,
        expected: &Expected,
        [caller, library, unknown]: [&Report; 3],
    ) -> Option<String> {
        let fails = |report: &Report| report.verdict() == Verdict::Mismatch;
        let marked = unknown.findings().iter().any(|finding| finding.at_call);
        let too_much = fails(unknown) && !(fails(caller) && fails(library));
        let too_little = fails(caller) && !fails(unknown) && !marked;
        let wrong = too_much || too_little;
        wrong.then(|| self.reproduction(truth, "nobody's memory", expected, unknown))
    }

    fn reproduction(
        &self,
        truth: &Truth,
        owner: &str,
        expected: &Expected,
        report: &Report,
    ) -> String {
        let types = &truth.claims;
        let mut ty = self.claim;
        // The mutated type, at the end of the same way.
        for step in &self.place.steps {
            let mut node = types.resolved(ty).clone();
            match crate::copy::references(&mut node).into_iter().nth(*step) {
                Some(next) => ty = *next,
                None => break,
            }
        }
        let ids: Vec<&str> = expected.rules.iter().map(|rule| rule.id()).collect();
        let mut text = format!(
            "{} {}: {} at '{}' ({}), in {owner}\n    the library's: {}\n    the mutant's:  {}\n    expected {} {}, found {}",
            truth.name,
            self.declaration.symbol,
            self.operator.words(),
            self.place.spell(types),
            self.position.words(),
            spelling(truth, self.place.node()),
            spelling(truth, ty),
            expected.verdict,
            ids.join(" or "),
            report.verdict(),
        );
        for finding in report.findings().iter().take(3) {
            text.push_str(&format!(
                "\n      {} {}: {}",
                finding.verdict,
                finding.rule.id(),
                finding.sentence
            ));
        }
        text
    }
}

/// A type with the layout of a record.
fn spelling(truth: &Truth, id: TypeId) -> String {
    let types = &truth.claims;
    let mut text = spell::type_name(types, id);
    if let Some(size) = abi::size_of(types, id) {
        text.push_str(&format!(" ({size} bytes)"));
    }
    if let Kind::Record(record) = &types.resolved(id).kind {
        for member in record.members.iter().take(24) {
            let name = member.name.as_ref().map_or("(anonymous)", |name| name.as_str());
            let place = match member.bits {
                Some(bits) => format!("bits {}+{}", bits.offset, bits.width),
                None => format!("@{}", member.offset),
            };
            text.push_str(&format!("; {} {place}", spell::declaration_of(types, member.ty, name)));
        }
    }
    text
}
