//! Compares unions: each alternative of the claim must agree with one of the library's alternatives.

use super::super::draft::Draft;
use super::super::segments::{Segment, SegmentForm};
use super::super::{Rule, Verdict};
use super::laying::{Laying, Manner};
use super::{Overlaid, Overlay};
use crate::check::direction::Side;

/// A bound on unions inside unions. No compiler emits more.
const DEPTH: usize = 32;

/// Compares a claimed union with a union, or with a record as the only alternative. Each claimed alternative is compared
/// with the library's alternative of the same name, or else with the one that fits best. If the library has no
/// alternative of that name and none fits, it belongs to another platform or version (row 29). If no claimed alternative
/// fits at all, the differences of the one that fits best count.
pub(super) fn of_both<'t>(
    overlay: &mut Overlay<'_, 't>,
    d: &Segment<'t>,
    c: &Segment<'t>,
    manner: Manner,
) -> Overlaid<'t> {
    let is_record = d.form == SegmentForm::Struct;
    let ours = if is_record { vec![*d] } else { overlay.opened(d) };
    let theirs = overlay.opened(c);
    let mut outcome = Overlaid::new(overlay.ignored);
    let mut strangers = Vec::new();
    let mut related = false;
    for claimed in theirs {
        let named = |own: &&Segment<'t>| own.name.is_some() && own.name == claimed.name;
        let first = ours.iter().find(named);
        let others = ours.iter().filter(|own| !named(own));
        let lists = if is_record && claimed.form != SegmentForm::Struct {
            vec![overlay.opened(d)]
        } else {
            first.into_iter().chain(others).map(|own| vec![*own]).collect()
        };
        let found = best(overlay, lists, vec![claimed], first.is_some(), manner);
        if found.gravest() == Verdict::Mismatch && first.is_none() && claimed.name.is_some() {
            strangers.push((claimed, found));
            continue;
        }
        related |= found.gravest() < Verdict::Mismatch;
        outcome.append(found);
    }
    let distance = |(_, found): &(_, Overlaid<'t>)| (found.mismatches, found.drafts.len());
    if !related {
        let nearest = strangers.iter().enumerate().min_by_key(|(_, stranger)| distance(stranger));
        if let Some(index) = nearest.map(|(index, _)| index) {
            outcome.append(strangers.remove(index).1);
        }
    }
    for (claimed, _) in strangers {
        let note = Some("the library has no such alternative".to_owned());
        let (rule, verdict) = (Rule::PointeeMemberName, Verdict::Differs); // 29
        let draft = Draft::of_parts(rule, verdict, None, Some(&claimed));
        outcome.add(Draft { note, ..draft });
    }
    outcome
}

/// Compares a declared union with what the claim has in its place. One alternative must agree.
pub(super) fn of_library<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>) {
    at.ours.pop();
    let mut inner = within(at, d, Side::Caller);
    // The name does not count. A binding may name the member after the only use of the union.
    if let [only] = &mut inner[..] {
        only.whole = false;
    }
    let lists = at.overlay.opened(d).into_iter().map(|own| vec![own]).collect();
    let manner = Manner { missing: false, ..at.manner };
    let found = best(at.overlay, lists, inner, false, manner);
    at.outcome.append(found);
}

/// Compares a claimed union with what the library has in its place. Each alternative must agree.
pub(super) fn of_caller<'t>(at: &mut Laying<'_, '_, 't>, c: &Segment<'t>) {
    at.theirs.pop();
    let inner = within(at, c, Side::Library);
    let manner = Manner { missing: false, ..at.manner };
    for claimed in at.overlay.opened(c) {
        let claimed = Segment { whole: false, ..claimed };
        let found = best(at.overlay, vec![inner.clone()], vec![claimed], true, manner);
        at.outcome.append(found);
    }
}

/// Removes the segments that lie within the bits of `outer` from the other side and returns them. A segment that
/// reaches past `outer` is opened, or taken as a whole if it cannot be opened.
fn within<'t>(at: &mut Laying<'_, '_, 't>, outer: &Segment<'t>, side: Side) -> Vec<Segment<'t>> {
    let mut inner = Vec::new();
    while let Some(last) = at.list(side).last().copied().filter(|last| last.start < outer.end) {
        if last.end > outer.end && last.is_aggregate() && at.overlay.spend(1) {
            at.open(&last);
        } else {
            at.list(side).pop();
            inner.push(last);
        }
    }
    inner
}

/// Compares the claimed segments with each list of declared ones. Returns the outcome that agrees best, and of
/// several the first. With `named`, the first list is the alternative of the claimed name; it is used if it agrees.
fn best<'t>(
    overlay: &mut Overlay<'_, 't>,
    lists: Vec<Vec<Segment<'t>>>,
    claimed: Vec<Segment<'t>>,
    named: bool,
    manner: Manner,
) -> Overlaid<'t> {
    let mut best: Option<Overlaid<'t>> = None;
    if manner.depth >= DEPTH {
        let mut outcome = Overlaid::new(overlay.ignored);
        let (rule, verdict) = (Rule::NotKnown, Verdict::Unverified); // 37
        outcome.add(Draft::of_parts(rule, verdict, None, claimed.first()));
        return outcome;
    }
    let manner = Manner { trial: true, union: true, depth: manner.depth + 1, ..manner };
    // If several alternatives agree but have different pointers, it is not known which one is meant.
    let mut agreeing = 0;
    for (index, list) in lists.into_iter().enumerate() {
        let found = Laying::new(overlay, list, claimed.clone(), manner).finish();
        let agrees = found.drafts.is_empty();
        agreeing += usize::from(agrees && !found.pointers.is_empty());
        let better = best.as_ref().is_none_or(|best| {
            (found.gravest(), found.drafts.len()) < (best.gravest(), best.drafts.len())
        });
        if better {
            best = Some(found);
        }
        if (agrees && named && index == 0) || !overlay.spend(1) {
            break;
        }
    }
    let mut best = best.unwrap_or_default();
    if agreeing > 1 {
        best.pointers.clear();
    }
    best
}
