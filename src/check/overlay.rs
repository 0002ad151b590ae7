//! Compares the layouts of two types in memory: each claimed part with what the library has at its bits.
//!
//! `laying` walks through the bits of both sides. `one_sided`, `same_bits` and `other_bits` have a match arm for each
//! case. `leaf`, `names` and `alternatives` have the rules that several arms need. A number beside a match arm is the
//! row of the compatibility table that the arm applies.

use super::direction::Side;
use super::draft::{Draft, ENOUGH};
use super::path::{Path, Paths};
use super::segments::{members, opened, typed, Base, Segment, SegmentForm};
use super::{RuleSet, Verdict};
use crate::ctype::{Kind, RecordClass, TypeId, Types};
use laying::{Laying, Manner};

mod alternatives;
mod laying;
mod leaf;
mod names;
mod one_sided;
mod other_bits;
mod same_bits;

/// The result of comparing two layouts.
#[derive(Default)]
pub(super) struct Overlaid<'t> {
    /// Findings about parts.
    pub(super) drafts: Vec<Draft<'t>>,
    /// Pairs of pointers. Their pointees are compared later (row 31).
    pub(super) pointers: Vec<(Segment<'t>, Segment<'t>)>,
    /// Pairs of records of the same place and size. Their members are compared later.
    pub(super) records: Vec<(Segment<'t>, Segment<'t>)>,
    /// Pairs of enumerations. Their constants are compared later (row 41).
    pub(super) enumerations: Vec<(Segment<'t>, Segment<'t>)>,
    /// Whether the bound on work was reached.
    pub(super) cut: bool,
    /// Rules whose findings are dropped.
    ignored: RuleSet,
    mismatches: usize,
}

impl<'t> Overlaid<'t> {
    fn new(ignored: RuleSet) -> Overlaid<'t> {
        Overlaid { ignored, ..Overlaid::default() }
    }

    fn add(&mut self, draft: Draft<'t>) {
        let same = self.drafts.iter().filter(|own| own.verdict == draft.verdict);
        if !self.ignored.contains(draft.rule) && same.count() < ENOUGH {
            self.mismatches += usize::from(draft.verdict == Verdict::Mismatch);
            self.drafts.push(draft);
        }
    }

    fn append(&mut self, other: Overlaid<'t>) {
        self.cut |= other.cut;
        other.drafts.into_iter().for_each(|draft| self.add(draft));
        self.pointers.extend(other.pointers);
        self.records.extend(other.records);
        self.enumerations.extend(other.enumerations);
    }

    fn gravest(&self) -> Verdict {
        self.drafts.iter().map(|draft| draft.verdict).max().unwrap_or(Verdict::Match)
    }

    /// Whether there is already a mismatch for this claimed member.
    fn is_mismatch(&self, claimed: &Segment<'t>) -> bool {
        let key = |segment: &Segment<'t>| (segment.record, segment.name, segment.start);
        let same = |own: &Draft<'t>| {
            own.verdict == Verdict::Mismatch
                && own.claimed_part().is_some_and(|own| key(own) == key(claimed))
        };
        self.drafts.iter().any(same)
    }
}

/// The two tables of types, and the work that may still be done.
pub(super) struct Overlay<'w, 't> {
    pub(super) declared: &'t Types,
    pub(super) claimed: &'t Types,
    pub(super) paths: &'w mut Paths<'t>,
    /// The number of steps that may still be taken.
    pub(super) left: &'w mut usize,
    /// The bits at which the two types end, from the start of the outermost record.
    pub(super) declared_bits: u64,
    pub(super) claimed_bits: u64,
    /// Whether the two are passed by value.
    pub(super) by_value: bool,
    pub(super) ignored: RuleSet,
}

impl<'t> Overlay<'_, 't> {
    /// Compares two records that both begin at the bit `start` of the outermost one.
    pub(super) fn records(
        &mut self,
        declared: TypeId,
        claimed: TypeId,
        path: Path,
        start: u64,
    ) -> Overlaid<'t> {
        let ours = Base { start, path, outermost: true, side: Side::Library };
        let theirs = Base { side: Side::Caller, ..ours };
        let unions = (is_union(self.declared, declared), is_union(self.claimed, claimed));
        if unions == (false, false) {
            let ours = members(self.declared, declared, ours, self.paths);
            let theirs = members(self.claimed, claimed, theirs, self.paths);
            self.spend(ours.len() + theirs.len());
            let misplaced = names::misplaced(self, (declared, &ours), (claimed, &theirs), start);
            let mut outcome = Laying::new(self, ours, theirs, Manner::MEMBERS).finish();
            names::add_misplaced(&mut outcome, misplaced);
            return outcome;
        }
        let whole = |types, ty, base| typed(types, Segment::unplaced(ty, base), false);
        let ours = whole(self.declared, declared, ours);
        let theirs = whole(self.claimed, claimed, theirs);
        let manner = Manner { union: true, ..Manner::MEMBERS };
        match (&ours, &theirs) {
            // Alternatives of two unions are paired by name, even if the unions have different sizes.
            // A union over a record has the layouts that it had in several versions. By value, each of them decides where the
            // record travels.
            (Some(d), Some(c))
                if unions == (true, true)
                    || unions.1 && d.form == SegmentForm::Struct && !self.by_value =>
            {
                alternatives::of_both(self, d, c, manner)
            }
            _ => {
                let (ours, theirs) = (Vec::from_iter(ours), Vec::from_iter(theirs));
                Laying::new(self, ours, theirs, manner).finish()
            }
        }
    }

    /// Compares two scalars of one size that are not members.
    pub(super) fn scalars(&mut self, d: &Segment<'t>, c: &Segment<'t>) -> Overlaid<'t> {
        let mut laying = Laying::new(self, Vec::new(), Vec::new(), Manner::MEMBERS);
        leaf::leaf(&mut laying, d, c);
        laying.outcome
    }

    fn types(&self, side: Side) -> &'t Types {
        match side {
            Side::Library => self.declared,
            Side::Caller => self.claimed,
        }
    }

    /// The parts of an aggregate.
    fn opened(&mut self, segment: &Segment<'t>) -> Vec<Segment<'t>> {
        opened(self.types(segment.side), segment, self.paths)
    }

    fn spend(&mut self, steps: usize) -> bool {
        *self.left = self.left.saturating_sub(steps);
        *self.left > 0
    }
}

fn is_union(types: &Types, id: TypeId) -> bool {
    matches!(&types.resolved(id).kind, Kind::Record(record) if record.class == RecordClass::Union)
}

#[cfg(test)]
mod tests;
