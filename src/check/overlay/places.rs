//! Members of one name at two places.

use std::collections::HashMap;

use super::super::segments::Segment;
use super::super::{Rule, Verdict};
use super::{Overlaid, Overlay, Unlike, ENOUGH};
use crate::ctype::{Kind, TypeId, Types};

/// Anonymous records inside each other.
const DEPTH: usize = 8;

impl<'t> Overlay<'_, 't> {
    /// Claimed members that the library has at another place, whatever lies at the claimed one: two records that lie at
    /// the same place, and their members.
    pub(super) fn misplaced(
        &mut self,
        (declared, ours): (TypeId, &[Segment<'t>]),
        (claimed, theirs): (TypeId, &[Segment<'t>]),
        start: u64,
    ) -> Vec<Unlike<'t>> {
        let same = |(d, c): (&Segment<'t>, &Segment<'t>)| d.name == c.name && d.start == c.start;
        if ours.len() == theirs.len() && ours.iter().zip(theirs).all(same) {
            return Vec::new();
        }
        self.spend(ours.len() + theirs.len());
        let our_places = self.declared.places_of_members(declared, start);
        let their_places = self.claimed.places_of_members(claimed, start);
        let mut found = Vec::new();
        for c in theirs {
            // The members of an anonymous record are the outer one's.
            let names = match c.name {
                Some(name) => vec![(name.as_str(), c.start)],
                None => self.claimed.places_of_members(c.ty, c.start).into_iter().collect(),
            };
            let place = |(name, start)| our_places.get(name).copied().filter(|own| *own != start);
            let Some(place) = names.into_iter().find_map(place) else { continue };
            let here = ours.iter().find(|d| d.start == c.start);
            let elsewhere = here.and_then(|d| their_places.get(d.name?.as_str()));
            let rule = match elsewhere {
                Some(_) => Rule::PointeeMemberName,
                None => Rule::PointeeMember,
            };
            let note = match c.name {
                Some(name) => format!("the library's '{name}' is at offset {}", place / 8),
                None => "the library has its members at another place".to_owned(),
            };
            let (declared, claimed, verdict) = (here.copied(), Some(*c), Verdict::Mismatch);
            found.push(Unlike { rule, verdict, declared, claimed, note: Some(note) });
            if found.len() >= ENOUGH {
                break;
            }
        }
        found
    }
}

impl<'t> Overlaid<'t> {
    /// Adds those of members of which nothing as grave is known yet.
    pub(super) fn add_misplaced(&mut self, found: Vec<Unlike<'t>>) {
        for unlike in found {
            if !unlike.claimed.is_some_and(|claimed| self.is_mismatch(&claimed)) {
                self.add(unlike);
            }
        }
    }

    /// Whether a mismatch of this claimed member is known.
    pub(super) fn is_mismatch(&self, claimed: &Segment<'t>) -> bool {
        let key = |segment: &Segment<'t>| (segment.record, segment.name, segment.start);
        let same = |own: &Unlike<'t>| {
            own.verdict == Verdict::Mismatch
                && own.claimed.is_some_and(|own| key(&own) == key(claimed))
        };
        self.unlike.iter().any(same)
    }
}

impl Types {
    /// The first bit of each named member of a record that begins at the bit `start`, those of its anonymous records
    /// included.
    fn places_of_members(&self, record: TypeId, start: u64) -> HashMap<&str, u64> {
        let mut places = HashMap::new();
        let mut records = vec![(record, start, 0)];
        while let Some((record, start, depth)) = records.pop() {
            let Kind::Record(content) = &self.resolved(record).kind else { continue };
            for member in &content.members {
                let place = member.bits.map_or(member.offset.saturating_mul(8), |bits| bits.offset);
                let place = start.saturating_add(place);
                match &member.name {
                    Some(name) => {
                        places.entry(name.as_str()).or_insert(place);
                    }
                    None if depth < DEPTH => records.push((member.ty, place, depth + 1)),
                    None => {}
                }
            }
        }
        places
    }
}
