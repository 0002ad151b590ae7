//! Unions: one of the library's alternatives must agree with each of the claim's.

use super::super::segments::{opened, Segment};
use super::super::{Rule, Verdict};
use super::{unlike, Manner, Overlaid, Overlay, DEPTH};

impl<'t> Overlay<'_, 't> {
    /// A union against a union: each claimed alternative against that of its name, else against the one that fits best. One that the
    /// library has not by name, and that fits nowhere, is another platform's or version's, unless none of them fits.
    pub(super) fn alternatives(
        &mut self,
        d: &Segment<'t>,
        c: &Segment<'t>,
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        let ours = opened(self.declared, d, self.paths);
        let theirs = opened(self.claimed, c, self.paths);
        let mut strangers = Vec::new();
        let mut related = false;
        for claimed in theirs {
            let named = |own: &&Segment<'t>| own.name.is_some() && own.name == claimed.name;
            let first = ours.iter().find(named);
            let others = ours.iter().filter(|own| !named(own));
            let lists = first.into_iter().chain(others).map(|own| vec![*own]).collect();
            let mut found = Overlaid::new(self.ignored);
            self.best(lists, vec![claimed], first.is_some(), manner, &mut found);
            if found.gravest() == Verdict::Mismatch && first.is_none() && claimed.name.is_some() {
                strangers.push((claimed, found));
                continue;
            }
            related |= found.gravest() < Verdict::Mismatch;
            outcome.append(found);
        }
        for (claimed, found) in strangers {
            match related {
                true => {
                    let note = Some("the library's union has no such alternative".to_owned());
                    let rule = Rule::PointeeMemberName;
                    unlike(outcome, rule, Verdict::Differs, None, Some(claimed), note);
                }
                false => outcome.append(found),
            }
        }
    }

    /// A declared union against what the claim has in its place: any alternative may agree.
    pub(super) fn declared_union(
        &mut self,
        d: Segment<'t>,
        ours: &mut Vec<Segment<'t>>,
        theirs: &mut Vec<Segment<'t>>,
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        ours.pop();
        let inner = self.within(&d, theirs);
        let alternatives = opened(self.declared, &d, self.paths);
        // Like the name of a union's only use.
        let unnamed = |list: &[Segment<'t>]| -> Vec<Segment<'t>> {
            list.iter().map(|part| Segment { whole: false, ..*part }).collect()
        };
        let lists = alternatives.iter().map(|own| vec![*own]).collect();
        let theirs = if inner.len() == 1 { unnamed(&inner) } else { inner };
        self.best(lists, theirs, false, Manner { missing: false, ..manner }, outcome);
    }

    /// A claimed union against what the library has in its place: each alternative must agree.
    pub(super) fn claimed_union(
        &mut self,
        c: Segment<'t>,
        ours: &mut Vec<Segment<'t>>,
        theirs: &mut Vec<Segment<'t>>,
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        theirs.pop();
        let inner = self.within(&c, ours);
        for claimed in opened(self.claimed, &c, self.paths) {
            let claimed = Segment { whole: false, ..claimed };
            let manner = Manner { missing: false, ..manner };
            self.best(vec![inner.clone()], vec![claimed], true, manner, outcome);
        }
    }

    /// Takes from the list what lies within the bits of `outer`. What reaches past it is opened, or seen as a whole.
    fn within(&mut self, outer: &Segment<'t>, list: &mut Vec<Segment<'t>>) -> Vec<Segment<'t>> {
        let mut inner = Vec::new();
        while let Some(last) = list.last().copied().filter(|last| last.start < outer.end) {
            if last.end > outer.end && last.is_aggregate() && self.spend(1) {
                self.open(&last, list);
            } else {
                list.pop();
                inner.push(last);
            }
        }
        inner
    }

    /// Lays the claimed segments over each list of declared ones and keeps the outcome that agrees best, the first
    /// of those. With `named`, the first list is the one that is meant if it agrees.
    fn best(
        &mut self,
        lists: Vec<Vec<Segment<'t>>>,
        claimed: Vec<Segment<'t>>,
        named: bool,
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        if manner.depth >= DEPTH {
            let first = claimed.first().copied();
            unlike(outcome, Rule::NotKnown, Verdict::Unverified, None, first, None);
            return;
        }
        let manner = Manner { trial: true, union: true, depth: manner.depth + 1, ..manner };
        let mut best: Option<Overlaid<'t>> = None;
        // Alternatives that agree, but point elsewhere: which one is meant is not known.
        let mut agreeing = 0;
        for (index, list) in lists.into_iter().enumerate() {
            let found = self.lay(list, claimed.clone(), manner);
            let agrees = found.unlike.is_empty();
            agreeing += usize::from(agrees && !found.pointers.is_empty());
            let better = best.as_ref().is_none_or(|best| {
                (found.gravest(), found.unlike.len()) < (best.gravest(), best.unlike.len())
            });
            if better {
                best = Some(found);
            }
            if (agrees && named && index == 0) || !self.spend(1) {
                break;
            }
        }
        let Some(mut best) = best else { return };
        if agreeing > 1 {
            best.pointers.clear();
        }
        outcome.append(best);
    }
}
