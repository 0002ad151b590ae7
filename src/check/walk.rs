//! The walk through two types at once: pairs of a declared and a claimed type, each compared once. What is not found to
//! differ on the way round is the same (coinduction), so recursive types end where they began.

use std::collections::{HashSet, VecDeque};

use super::call::{Call, Drafted, Place};
use super::overlay::{Outcome, Overlay, Unlike};
use super::path::{Path, Paths, Step};
use super::segments::Segment;
use super::value::Role;
use super::{hint, side_by_side, words, CallClaim, Finding, Options, Position, Rule, Verdict};
use crate::ctype::{Function, Kind, Name, TypeId, Types};

/// Pairs that are compared for each type that is met for the first time.
const PAIRS_PER_TYPE: usize = 16;
/// The same before the first.
const FIRST_PAIRS: usize = 256;
/// Steps within records for each pair.
const STEPS_PER_PAIR: usize = 1 << 16;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Aspect {
    /// What lies behind a pointer.
    Pointee,
    /// Two records' members in memory.
    Members,
    /// What a value says beyond its bytes: names, and where its pointers lead.
    Value,
    /// Two enumerations' constants.
    Enumerators,
}

/// A pair that is yet to be compared.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) declared: TypeId,
    pub(super) claimed: TypeId,
    pub(super) aspect: Aspect,
    pub(super) role: Role,
    pub(super) position: Position,
    pub(super) path: Path,
    /// A part of something that is passed by value, where rules 14 and 15 judge the bytes.
    pub(super) by_value: bool,
}

pub(super) struct Walk<'t> {
    pub(super) declared: &'t Types,
    pub(super) claimed: &'t Types,
    pub(super) symbol: Name,
    /// The declared function, whose parameters' names are told.
    pub(super) function: Option<&'t Function>,
    pub(super) paths: Paths<'t>,
    pub(super) findings: Vec<Finding>,
    pairs: VecDeque<Pair>,
    seen: HashSet<(TypeId, TypeId, Aspect, Role)>,
    met: HashSet<(bool, TypeId)>,
    options: Options,
    cut: bool,
}

impl<'t> Walk<'t> {
    pub(super) fn new(
        declared: &'t Types,
        claimed: &'t Types,
        symbol: Name,
        function: Option<&'t Function>,
        options: &Options,
    ) -> Walk<'t> {
        Walk {
            declared,
            claimed,
            symbol,
            function,
            paths: Paths::default(),
            findings: Vec::new(),
            pairs: VecDeque::new(),
            seen: HashSet::new(),
            met: HashSet::new(),
            options: *options,
            cut: false,
        }
    }

    /// Puts a pair on the list, unless it was there before.
    pub(super) fn later(&mut self, pair: Pair) {
        let (d, c) = (self.declared.resolve(pair.declared), self.claimed.resolve(pair.claimed));
        let key = (d, c, pair.aspect, pair.role);
        if self.seen.contains(&key) {
            return;
        }
        self.met.insert((true, d));
        self.met.insert((false, c));
        let allowed = self.options.pairs.unwrap_or(FIRST_PAIRS + PAIRS_PER_TYPE * self.met.len());
        if self.seen.len() >= allowed {
            self.cut = true;
            return;
        }
        self.seen.insert(key);
        self.pairs.push_back(pair);
    }

    /// Compares until nothing is left.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        while let Some(pair) = self.pairs.pop_front() {
            match pair.aspect {
                Aspect::Pointee => self.pointee(&pair),
                Aspect::Members => self.members(&pair),
                Aspect::Value => self.value(&pair),
                Aspect::Enumerators => self.enumerators(&pair),
            }
        }
        if self.cut {
            let position = if self.function.is_some() { Position::Call } else { Position::Type };
            let text = "the types are not compared to their end: a bound on the work was reached";
            self.push(position, Path::ROOT, (Rule::NotKnown, Verdict::Unverified), text.to_owned());
        }
        self.findings
    }

    /// A finding without two sides.
    pub(super) fn push(
        &mut self,
        position: Position,
        path: Path,
        (rule, verdict): (Rule, Verdict),
        text: String,
    ) {
        let draft = Drafted {
            rule,
            verdict,
            place: Place::Call,
            bytes: None,
            declared: String::new(),
            claimed: String::new(),
            text,
            hint: None,
        };
        self.draft(position, path, draft);
    }

    /// A finding about the types of two sides as a whole.
    pub(super) fn about(
        &mut self,
        pair: &Pair,
        (rule, verdict): (Rule, Verdict),
        note: Option<&str>,
    ) {
        let declared = words::typed(self.declared, pair.declared);
        let claimed = words::typed(self.claimed, pair.claimed);
        let note = note.map(|note| format!("; {note}")).unwrap_or_default();
        let text = format!("the library has {declared}, the caller {claimed}{note}");
        let draft = Drafted {
            rule,
            verdict,
            place: Place::Call,
            bytes: None,
            declared,
            claimed,
            text,
            hint: None,
        };
        self.draft(pair.position, pair.path, draft);
    }

    pub(super) fn draft(&mut self, position: Position, path: Path, draft: Drafted) {
        let path = self.paths.text(path);
        self.findings.push(draft.finding(&self.symbol, self.function, position, &path));
    }

    /// Two functions. `exchanged`: a callback, which the library calls.
    pub(super) fn function(&mut self, pair: &Pair, exchanged: bool) {
        let (d, c) = (self.declared.resolved(pair.declared), self.claimed.resolved(pair.claimed));
        let (Kind::Function(ours), Kind::Function(theirs)) = (&d.kind, &c.kind) else { return };
        let claim = CallClaim::of_function(self.claimed, theirs, ours);
        let call = Call {
            types: self.declared,
            function: ours,
            known: ours.prototyped || !ours.parameters.is_empty(),
            claim: &claim,
            typed: Some((self.claimed, theirs)),
            exchanged,
        };
        for draft in call.drafts() {
            let (position, path) = self.place(pair, draft.place);
            self.draft(position, path, draft);
        }
        self.values_of(pair, ours, theirs, exchanged);
    }

    /// The values that go through two functions, to be compared later.
    pub(super) fn values_of(
        &mut self,
        pair: &Pair,
        ours: &Function,
        theirs: &Function,
        exchanged: bool,
    ) {
        let roles = match exchanged {
            false => (Role::Argument, Role::Result),
            true => (Role::Result, Role::Argument),
        };
        let parameters = (1..).zip(ours.parameters.iter().zip(&theirs.parameters));
        let places = parameters
            .map(|(number, (d, c))| (Place::Argument(number), d.ty, c.ty, roles.0))
            .chain([(Place::Result, ours.result, theirs.result, roles.1)]);
        for (place, declared, claimed, role) in places {
            let (position, path) = self.place(pair, place);
            let aspect = Aspect::Value;
            self.later(Pair { declared, claimed, aspect, role, position, path, by_value: true });
        }
    }

    /// A place in a function: a position of its own in the outermost, a step behind the path in a callback.
    fn place(&mut self, pair: &Pair, place: Place) -> (Position, Path) {
        let outermost = pair.position == Position::Call;
        match place {
            Place::Call => (pair.position, pair.path),
            Place::Result if outermost => (Position::Result, Path::ROOT),
            Place::Argument(number) if outermost => (Position::Argument(number), Path::ROOT),
            Place::Result => (pair.position, self.paths.behind(pair.path, Step::Result)),
            Place::Argument(number) => {
                (pair.position, self.paths.behind(pair.path, Step::Parameter(number)))
            }
        }
    }

    /// The members of two records that lie in memory, or are passed by value.
    fn members(&mut self, pair: &Pair) {
        let bits = |types: &Types, id| types.size_of(id).unwrap_or(0).saturating_mul(8);
        let mut left = STEPS_PER_PAIR;
        let mut overlay = Overlay {
            declared: self.declared,
            claimed: self.claimed,
            paths: &mut self.paths,
            left: &mut left,
            declared_bits: bits(self.declared, pair.declared),
            claimed_bits: bits(self.claimed, pair.claimed),
            ignored: self.options.ignored,
        };
        let outcome = overlay.records(pair.declared, pair.claimed, pair.path);
        self.settle(pair, outcome);
    }

    /// What laying two records over each other brought to light.
    fn settle(&mut self, pair: &Pair, outcome: Outcome<'t>) {
        self.cut |= outcome.cut;
        let first = self.findings.len();
        for unlike in outcome.unlike {
            // Rules 14 and 15 judge the bytes of what is passed by value, where another name says nothing.
            let counts = match unlike.rule {
                Rule::PointeeMemberName => unlike.verdict == Verdict::Mismatch,
                rule => rule == Rule::ByteOrder,
            };
            if counts || !pair.by_value {
                self.unlike(pair, &unlike);
            }
        }
        // The first of the gravest: the one that a report begins with.
        let gravest = self.findings.iter_mut().skip(first).rev().max_by_key(|found| found.verdict);
        if let Some(gravest) = gravest {
            let hint = || {
                let hint =
                    hint::of_records(self.declared, pair.declared, self.claimed, pair.claimed);
                hint.as_deref().map(Name::new)
            };
            gravest.hint = gravest.hint.take().or_else(hint);
            let (ours, theirs) = ((self.declared, pair.declared), (self.claimed, pair.claimed));
            gravest.layout = side_by_side::layout(ours, theirs);
        }
        let lists = [
            (outcome.pointers, Aspect::Value),
            (outcome.records, Aspect::Members),
            (outcome.enumerations, Aspect::Enumerators),
        ];
        for (list, aspect) in lists {
            for (d, c) in list {
                let (declared, claimed, path) = (d.ty, c.ty, c.path);
                self.later(Pair { declared, claimed, aspect, path, ..*pair });
            }
        }
    }

    fn unlike(&mut self, pair: &Pair, unlike: &Unlike<'t>) {
        let Unlike { rule, verdict, declared, claimed, note } = unlike;
        let side = |types: &Types, segment: &Option<Segment<'t>>| match segment {
            Some(segment) => words::segment(types, segment),
            None => "nothing there".to_owned(),
        };
        let (ours, theirs) = (side(self.declared, declared), side(self.claimed, claimed));
        let tail = note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
        let text = format!("the library has {ours}, the caller {theirs}{tail}");
        let place = claimed.as_ref().or(declared.as_ref());
        let hint = match (rule, verdict, declared, claimed) {
            (Rule::PointeeMemberName, Verdict::Mismatch, Some(d), Some(c)) if note.is_none() => {
                hint::swapped(d.name, c.name)
            }
            _ => None,
        };
        let draft = Drafted {
            rule: *rule,
            verdict: *verdict,
            place: Place::Call,
            bytes: place.filter(|place| !place.is_open()).map(|p| p.start / 8..p.end.div_ceil(8)),
            declared: if declared.is_some() { ours } else { String::new() },
            claimed: if claimed.is_some() { theirs } else { String::new() },
            text,
            hint,
        };
        self.draft(pair.position, place.map_or(pair.path, |place| place.path), draft);
    }

    /// What two values say beyond their bytes.
    fn value(&mut self, pair: &Pair) {
        let (d, c) = (self.declared.resolve(pair.declared), self.claimed.resolve(pair.claimed));
        match (&self.declared.get(d).kind, &self.claimed.get(c).kind) {
            (Kind::Pointer { target: declared, .. }, Kind::Pointer { target: claimed, .. }) => {
                let (declared, claimed) = (*declared, *claimed);
                let path = self.paths.behind(pair.path, Step::Pointee);
                let aspect = Aspect::Pointee;
                self.later(Pair { declared, claimed, aspect, path, by_value: false, ..*pair });
            }
            (Kind::Record(ours), Kind::Record(theirs))
                if !ours.incomplete && !theirs.incomplete =>
            {
                self.later(Pair { aspect: Aspect::Members, ..*pair });
            }
            (Kind::Enumeration { .. }, Kind::Enumeration { .. }) => {
                self.later(Pair { aspect: Aspect::Enumerators, ..*pair });
            }
            (Kind::Base { swapped: ours, .. }, Kind::Base { swapped: theirs, .. })
                if ours != theirs && self.declared.size_of(d) != Some(1) =>
            {
                self.about(pair, (Rule::ByteOrder, Verdict::Differs), None);
            }
            _ => {}
        }
    }

    /// Constants of one name with different values.
    fn enumerators(&mut self, pair: &Pair) {
        let (d, c) = (self.declared.resolved(pair.declared), self.claimed.resolved(pair.claimed));
        let (
            Kind::Enumeration { enumerators: ours, .. },
            Kind::Enumeration { enumerators: theirs, .. },
        ) = (&d.kind, &c.kind)
        else {
            return;
        };
        let mut by_name: Vec<_> = ours.iter().map(|own| (own.name.as_str(), own.value)).collect();
        by_name.sort_unstable();
        for claimed in theirs {
            let name = claimed.name.as_str();
            let at = by_name.partition_point(|(own, _)| *own < name);
            let Some(&(own, value)) = by_name.get(at) else { continue };
            if own == name && value != claimed.value {
                let text =
                    format!("the library's '{name}' is {value}, the caller's {}", claimed.value);
                let finding = (Rule::EnumeratorValue, Verdict::Differs);
                self.push(pair.position, pair.path, finding, text);
            }
        }
    }
}
