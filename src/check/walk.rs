//! Walks through two types at once, in pairs of a declared and a claimed type. Each pair is compared once. A pair
//! that is met again is assumed to agree (coinduction), so the walk ends for recursive types.

use std::collections::VecDeque;

use foldhash::{HashSet, HashSetExt};

use super::direction::{Role, Side};
use super::draft::Draft;
use super::overlay::{Overlaid, Overlay};
use super::path::{Path, Paths, Step};
use super::pointee::pointee;
use super::{
    hint, idiom, side_by_side, words, Finding, Memory, Options, Owner, Position, Rule, Verdict,
};
use crate::abi;
use crate::ctype::{Function, Kind, Name, TypeId, Types};

/// The number of pairs that may be compared for each type that is met for the first time.
const PAIRS_PER_TYPE: usize = 16;
/// The number of pairs that may be compared in addition.
const FIRST_PAIRS: usize = 256;
/// A bound on the steps within records for each pair.
const STEPS_PER_PAIR: usize = 1 << 16;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Aspect {
    /// The objects behind two pointers.
    Pointee,
    /// The members of two records in memory.
    Members,
    /// The properties of two values besides their bytes: names, and the targets of their pointers.
    Value,
    /// The constants of two enumerations.
    Enumerators,
}

/// A pair that is still to be compared.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) declared: TypeId,
    pub(super) claimed: TypeId,
    pub(super) aspect: Aspect,
    pub(super) role: Role,
    pub(super) position: Position,
    pub(super) path: Path,
    /// Whether it is part of something that is passed by value. Rows 14 and 15 judge its bytes.
    pub(super) by_value: bool,
    /// Whether findings are true whoever made the memory. If not, a mismatch is reported as one that the call decides.
    pub(super) sure: bool,
    /// The first bit, counted from the start of the outermost record in this memory. Reported offsets are counted
    /// from there.
    pub(super) start: u64,
}

/// The key of a pair that was compared: both resolved types, the aspect, the role, whether the owner is known,
/// whether the pointee is const and, directly behind an argument, which argument it is.
type Seen = (TypeId, TypeId, Aspect, Role, bool, bool, Option<Position>);

pub(super) struct Walk<'t> {
    pub(super) declared: &'t Types,
    pub(super) claimed: &'t Types,
    pub(super) symbol: Name,
    /// The declared function. Findings contain the names of its parameters.
    pub(super) function: Option<&'t Function>,
    pub(super) paths: Paths<'t>,
    pub(super) findings: Vec<Finding>,
    pairs: VecDeque<Pair>,
    seen: HashSet<Seen>,
    /// The pairs directly behind a position. If such a pair is met again further away, it belongs to a recursive type
    /// and is not compared again.
    first: HashSet<(TypeId, TypeId, Role, Position)>,
    met: HashSet<(Side, TypeId)>,
    options: Options,
    /// Who made the memory behind the arguments that are not met yet.
    pub(super) owner: Owner,
    /// The memory of one call, if that is checked.
    pub(super) memory: Option<Memory>,
    cut: bool,
}

impl Pair {
    /// Makes the pair of the whole types at a position. It is known who made the memory.
    pub(super) fn new(position: Position, declared: TypeId, claimed: TypeId, role: Role) -> Pair {
        Pair {
            declared,
            claimed,
            aspect: Aspect::Pointee,
            role,
            position,
            path: Path::ROOT,
            by_value: false,
            sure: true,
            start: 0,
        }
    }
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
            first: HashSet::new(),
            met: HashSet::new(),
            options: *options,
            owner: options.owner,
            memory: None,
            cut: false,
        }
    }

    /// Adds a pair to the queue, unless it was there before or the bound is reached.
    pub(super) fn later(&mut self, pair: Pair) {
        let (d, c) = (self.declared.resolve(pair.declared), self.claimed.resolve(pair.claimed));
        let read_only =
            pair.aspect == Aspect::Pointee && idiom::is_read_only(self.declared, pair.declared);
        let first = Some(pair.position).filter(|_| self.paths.is_first(pair.path));
        let key = (d, c, pair.aspect, pair.role, pair.sure, read_only, first);
        let ring = (d, c, pair.role, pair.position);
        let again = first.is_none() && pair.aspect == Aspect::Pointee && self.first.contains(&ring);
        if again || self.seen.contains(&key) {
            return;
        }
        self.met.insert((Side::Library, d));
        self.met.insert((Side::Caller, c));
        let allowed = self.options.pairs.unwrap_or(FIRST_PAIRS + PAIRS_PER_TYPE * self.met.len());
        if self.seen.len() >= allowed {
            self.cut = true;
            return;
        }
        if first.is_some() {
            self.first.insert(ring);
        }
        self.seen.insert(key);
        self.pairs.push_back(pair);
    }

    /// Compares the pairs until the queue is empty, and returns the findings.
    pub(super) fn finish(self) -> Vec<Finding> {
        self.compare().findings
    }

    /// Compares the pairs until the queue is empty.
    pub(super) fn compare(mut self) -> Walk<'t> {
        while let Some(pair) = self.pairs.pop_front() {
            match pair.aspect {
                Aspect::Pointee => pointee(&mut self, &pair),
                Aspect::Members => self.members(&pair),
                Aspect::Value => self.value(&pair),
                Aspect::Enumerators => self.enumerators(&pair),
            }
        }
        if self.cut {
            let position = if self.function.is_some() { Position::Call } else { Position::Type };
            let text = "the types are not compared to their end: a bound on the work was reached";
            let pair = Pair::new(position, TypeId::VOID, TypeId::VOID, Role::Argument);
            self.push(&pair, (Rule::NotKnown, Verdict::Unverified), text.to_owned());
        }
        self
    }

    /// Adds a finding that is not about two sides.
    pub(super) fn push(&mut self, pair: &Pair, (rule, verdict): (Rule, Verdict), text: String) {
        self.add(pair, Draft::noted(rule, verdict, text));
    }

    /// Adds a finding about the types of both sides as a whole.
    pub(super) fn about(
        &mut self,
        pair: &Pair,
        (rule, verdict): (Rule, Verdict),
        note: Option<&str>,
    ) {
        let declared = words::typed(self.declared, pair.declared);
        let claimed = words::typed(self.claimed, pair.claimed);
        let sentence = format!("the library has {declared}, the caller {claimed}");
        let draft = Draft { note: note.map(str::to_owned), ..Draft::new(rule, verdict) };
        self.add(pair, draft.in_words(&declared, &claimed, &sentence));
    }

    /// Adds a finding at the place of `pair`. If it is not known who made the memory, a mismatch becomes a finding
    /// that the call decides.
    pub(super) fn add(&mut self, pair: &Pair, mut draft: Draft<'_>) {
        let at_call = !pair.sure && draft.verdict == Verdict::Mismatch;
        if at_call {
            draft.verdict = Verdict::Differs;
        }
        let path = self.paths.text(pair.path);
        let finding = draft.finding(&self.symbol, self.function, pair.position, &path);
        self.findings.push(Finding { at_call, ..finding });
    }

    /// Adds the layouts of both records to the last finding.
    pub(super) fn show_layout(&mut self, pair: &Pair) {
        let sides = ((self.declared, pair.declared), (self.claimed, pair.claimed));
        if let Some(found) = self.findings.last_mut() {
            found.layout = side_by_side::layout(sides.0, sides.1);
        }
    }

    /// Compares the members of two records that lie in memory or are passed by value.
    fn members(&mut self, pair: &Pair) {
        let bits = |types: &Types, id| abi::size_of(types, id).unwrap_or(0).saturating_mul(8);
        let mut left = STEPS_PER_PAIR;
        let mut overlay = Overlay {
            declared: self.declared,
            claimed: self.claimed,
            paths: &mut self.paths,
            left: &mut left,
            declared_bits: pair.start.saturating_add(bits(self.declared, pair.declared)),
            claimed_bits: pair.start.saturating_add(bits(self.claimed, pair.claimed)),
            by_value: pair.by_value,
            ignored: self.options.ignored,
        };
        let outcome = overlay.records(pair.declared, pair.claimed, pair.path, pair.start);
        self.settle(pair, outcome);
    }

    /// Takes over the findings and pairs from the comparison of two layouts.
    fn settle(&mut self, pair: &Pair, outcome: Overlaid<'t>) {
        self.cut |= outcome.cut;
        let first = self.findings.len();
        for draft in outcome.drafts {
            // For something passed by value, rows 14 and 15 judge the bytes, and another name alone does not count.
            let counts = match draft.rule {
                Rule::PointeeMemberName => draft.verdict == Verdict::Mismatch,
                rule => rule == Rule::ByteOrder,
            };
            if counts || !pair.by_value {
                self.part(pair, draft);
            }
        }
        // The first of the most severe findings. A report begins with it.
        let gravest = self.findings.iter_mut().skip(first).rev();
        let gravest = gravest.max_by_key(|found| (found.verdict, found.at_call));
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
                let (declared, claimed, path, start) = (d.ty, c.ty, c.path, c.start);
                self.later(Pair { declared, claimed, aspect, path, start, ..*pair });
            }
        }
    }

    /// Adds a finding about parts of two records.
    fn part(&mut self, pair: &Pair, draft: Draft<'t>) {
        let Some(parts) = draft.parts().copied() else { return };
        let [ours, theirs, sentence] = parts.words(self.declared, self.claimed);
        let swapped = draft.rule == Rule::PointeeMemberName && draft.verdict == Verdict::Mismatch;
        let hint = match (parts.declared, parts.claimed) {
            (Some(d), Some(c)) if swapped && draft.note.is_none() => hint::swapped(d.name, c.name),
            _ => None,
        };
        let ours = if parts.declared.is_some() { ours } else { String::new() };
        let theirs = if parts.claimed.is_some() { theirs } else { String::new() };
        let draft = draft.in_words(&ours, &theirs, &sentence);
        let bytes = parts.bytes().filter(|_| !parts.place().is_some_and(|place| place.is_open()));
        let path = parts.place().map_or(pair.path, |place| place.path);
        self.add(&Pair { path, ..*pair }, Draft { bytes, hint, ..draft });
    }

    /// Compares the properties of two values besides their bytes.
    fn value(&mut self, pair: &Pair) {
        let (d, c) = (self.declared.resolve(pair.declared), self.claimed.resolve(pair.claimed));
        match (&self.declared.get(d).kind, &self.claimed.get(c).kind) {
            (Kind::Pointer { target: declared, .. }, Kind::Pointer { target: claimed, .. }) => {
                let (declared, claimed) = (*declared, *claimed);
                let path = self.paths.behind(pair.path, Step::Pointee);
                let behind = Pair { declared, claimed, aspect: Aspect::Pointee, path, ..*pair };
                let (role, sure) = self.whose(&behind);
                self.later(Pair { role, sure, by_value: false, start: 0, ..behind });
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
                if ours != theirs && abi::size_of(self.declared, d) != Some(1) =>
            {
                self.about(pair, (Rule::ByteOrder, Verdict::Differs), None);
            }
            _ => {}
        }
    }

    /// The role of the memory behind a pointer, and whether it is known who made it. A function that the library
    /// calls belongs to the caller, whoever made the memory around the pointer.
    fn whose(&self, behind: &Pair) -> (Role, bool) {
        let function = |types: &Types, id| matches!(types.resolved(id).kind, Kind::Function(_));
        let functions =
            function(self.declared, behind.declared) && function(self.claimed, behind.claimed);
        match (behind.role, self.owner) {
            (Role::Argument, Owner::Unknown) if !functions => (Role::Argument, false),
            (Role::Argument, Owner::Caller) if !functions => (Role::Argument, true),
            (Role::Argument, Owner::Library) if !functions => (Role::Result, true),
            _ => (behind.role, behind.sure),
        }
    }

    /// Finds constants with the same name and different values.
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
                self.push(pair, finding, text);
            }
        }
    }
}

#[cfg(test)]
mod tests;
