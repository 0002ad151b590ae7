//! Compares the names of members, and finds members of one name at two places: rows 28 and 29.

use std::collections::HashMap;

use super::super::draft::{Draft, ENOUGH};
use super::super::segments::Segment;
use super::super::{Rule, Verdict};
use super::laying::Laying;
use super::{Overlaid, Overlay};
use crate::ctype::{Kind, Member, TypeId, Types};

/// A bound on anonymous records inside each other.
const DEPTH: usize = 8;

/// Compares the names of two whole members at one place. Returns whether they may be the same member. If not, their
/// contents and pointees are not compared.
pub(super) fn names<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) -> bool {
    let (Some(ours), Some(theirs)) = (d.name, c.name) else { return true };
    if ours == theirs || !d.whole || !c.whole {
        return true;
    }
    let theirs_elsewhere = place_of_member(at.overlay.declared, d.record, theirs.as_str());
    let ours_elsewhere = place_of_member(at.overlay.claimed, c.record, ours.as_str());
    at.overlay.spend(16);
    let (rule, verdict, note) = match (theirs_elsewhere, ours_elsewhere) {
        // Swapped: the hint says so. 29
        (Some(one), Some(other)) if one == other => {
            (Rule::PointeeMemberName, Verdict::Mismatch, None)
        }
        (Some(_), Some(_)) => {
            let note = format!(
                "the library's '{theirs}' is at another place, and so is the caller's '{ours}'"
            );
            (Rule::PointeeMemberName, Verdict::Mismatch, Some(note)) // 29
        }
        (Some(bit), None) => {
            let place = d.record_start.saturating_add(bit) / 8;
            let note = format!("the library's '{theirs}' is at offset {place}");
            (Rule::PointeeMember, Verdict::Mismatch, Some(note)) // 28
        }
        (None, _) => (Rule::PointeeMemberName, Verdict::Differs, None), // 29
    };
    if verdict != Verdict::Mismatch || !at.outcome.is_mismatch(c) {
        at.outcome.add(Draft { note, ..Draft::of_parts(rule, verdict, Some(d), Some(c)) });
    }
    verdict != Verdict::Mismatch
}

/// Adds what [`misplaced`] finds in two nested structs at one place. They are opened and compared afterwards.
pub(super) fn misplaced_inside<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    let (ours, theirs) = (at.overlay.opened(d), at.overlay.opened(c));
    let found = misplaced(at.overlay, (d.ty, &ours), (c.ty, &theirs), d.start);
    add_misplaced(&mut at.outcome, found);
}

/// Finds claimed members that the library has at another place, whatever lies at the claimed place. It is row 29 if
/// the claim also has the library's member of the claimed place elsewhere, and row 28 if not. The two records lie at
/// the same place. `ours` and `theirs` are their members.
pub(super) fn misplaced<'t>(
    overlay: &mut Overlay<'_, 't>,
    (declared, ours): (TypeId, &[Segment<'t>]),
    (claimed, theirs): (TypeId, &[Segment<'t>]),
    start: u64,
) -> Vec<Draft<'t>> {
    let same = |(d, c): (&Segment<'t>, &Segment<'t>)| d.name == c.name && d.start == c.start;
    if ours.len() == theirs.len() && ours.iter().zip(theirs).all(same) {
        return Vec::new();
    }
    overlay.spend(ours.len() + theirs.len());
    let our_places = places_of_members(overlay.declared, declared, start);
    let their_places = places_of_members(overlay.claimed, claimed, start);
    let mut found = Vec::new();
    for c in theirs {
        // The members of an anonymous record count as members of the outer one.
        let names = match c.name {
            Some(name) => vec![(name.as_str(), c.start)],
            None => places_of_members(overlay.claimed, c.ty, c.start).into_iter().collect(),
        };
        let place = |(name, start)| our_places.get(name).copied().filter(|own| *own != start);
        let Some(place) = names.into_iter().find_map(place) else { continue };
        let here = ours.iter().find(|d| d.start == c.start);
        let elsewhere = here.and_then(|d| their_places.get(d.name?.as_str()));
        let rule = match elsewhere {
            Some(_) => Rule::PointeeMemberName, // 29
            None => Rule::PointeeMember,        // 28
        };
        let note = match c.name {
            Some(name) => format!("the library's '{name}' is at offset {}", place / 8),
            None => "the library has its members at another place".to_owned(),
        };
        let draft = Draft::of_parts(rule, Verdict::Mismatch, here, Some(c));
        found.push(Draft { note: Some(note), ..draft });
        if found.len() >= ENOUGH {
            break;
        }
    }
    found
}

/// Adds the findings on members that have no mismatch yet.
pub(super) fn add_misplaced<'t>(outcome: &mut Overlaid<'t>, found: Vec<Draft<'t>>) {
    for draft in found {
        if !draft.claimed_part().is_some_and(|claimed| outcome.is_mismatch(claimed)) {
            outcome.add(draft);
        }
    }
}

/// The first bit of each named member of a record that begins at the bit `start`.
fn places_of_members(types: &Types, record: TypeId, start: u64) -> HashMap<&str, u64> {
    let mut places = HashMap::new();
    for (name, place) in named_members(types, record, start) {
        places.entry(name).or_insert(place);
    }
    places
}

/// The number of bits from the start of a record to its member of that name.
fn place_of_member(types: &Types, record: TypeId, name: &str) -> Option<u64> {
    named_members(types, record, 0).find(|(own, _)| *own == name).map(|(_, place)| place)
}

/// The named members of a record that begins at the bit `start`, with their first bits. Includes the members of its
/// anonymous records.
fn named_members(types: &Types, record: TypeId, start: u64) -> impl Iterator<Item = (&str, u64)> {
    let mut records = vec![(record, start, 0)];
    let mut members: std::slice::Iter<'_, Member> = [].iter();
    let (mut base, mut depth) = (start, 0);
    std::iter::from_fn(move || loop {
        let Some(member) = members.next() else {
            let record;
            (record, base, depth) = records.pop()?;
            if let Kind::Record(content) = &types.resolved(record).kind {
                members = content.members.iter();
            }
            continue;
        };
        let place = member.bits.map_or(member.offset.saturating_mul(8), |bits| bits.offset);
        let place = base.saturating_add(place);
        match &member.name {
            Some(name) => return Some((name.as_str(), place)),
            None if depth < DEPTH => records.push((member.ty, place, depth + 1)),
            None => {}
        }
    })
}
