//! The names of members: row 29, and where a name of the library's lies elsewhere.

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Member, RecordClass, TypeId};

use super::{Outcome, Reader, Truth};

impl Reader<'_> {
    /// The names in two objects, down to the place where they part. By value another name counts for nothing.
    pub fn names(self, d: TypeId, c: TypeId, by_value: bool) -> Outcome {
        if self.same(d, c) {
            return Outcome::default();
        }
        let (d_element, c_element) = (self.element(d), self.element(c));
        let (Some(declared), Some(claimed)) = (self.record(d_element.0), self.record(c_element.0))
        else {
            return Outcome::default();
        };
        if declared.class == RecordClass::Union || claimed.class == RecordClass::Union {
            return Outcome::default();
        }
        let mut outcome = Outcome::default();
        let strides =
            (abi::size_of(self.types, d_element.0), abi::size_of(self.types, c_element.0));
        if strides.0 != strides.1 && d_element.1 != Some(1) && c_element.1 != Some(1) {
            // Grouping does not count, so that what lies at the bits decides.
            outcome.unseen(Truth::Harmful);
        }
        let (declared, claimed) = (&declared.members, &claimed.members);
        let place = |member: &Member| member.bits.map_or(member.offset * 8, |bits| bits.offset);
        for (index, member) in claimed.iter().enumerate() {
            let at = |other: &&Member| place(other) == place(member);
            let Some(name) = &member.name else {
                // Anonymous: its members are the outer record's.
                let same = |other: &&Member| other.name.is_none() && self.same(other.ty, member.ty);
                // Base classes without members share their place.
                let first = declared.get(index).into_iter().chain(declared.iter());
                match first.filter(at).find(|other| other.name.is_none()) {
                    Some(other) => outcome.join(self.names(other.ty, member.ty, by_value)),
                    None if declared.iter().any(|other| same(&other)) => {
                        moved(&mut outcome, Rule::PointeeMember);
                        moved(&mut outcome, Rule::PointeeMemberName);
                    }
                    None => outcome.join(Outcome::undecided("a new anonymous member")),
                }
                continue;
            };
            let empty = |member: &&Member| {
                member.bits.is_none() && abi::size_of(self.types, member.ty).unwrap_or(0) == 0
            };
            let here = declared.iter().find(at);
            let own = declared.iter().find(|other| other.name.as_ref() == Some(name));
            match (own, here) {
                (Some(own), _)
                    if empty(&own) != empty(&member)
                        || (empty(&own) && place(own) != place(member)) =>
                {
                    outcome.join(Outcome::undecided("a member without size at another place"));
                }
                (Some(own), _) if place(own) == place(member) => {
                    outcome.join(self.names(own.ty, member.ty, by_value));
                }
                (None, _) if empty(&member) => {
                    outcome.join(Outcome::undecided("another name of a member without size"));
                }
                (Some(_), here) => {
                    let elsewhere = here.and_then(|here| here.name.as_ref()).is_some_and(|other| {
                        claimed.iter().any(|member| member.name.as_ref() == Some(other))
                    });
                    match (elsewhere, by_value) {
                        (true, true) => moved(&mut outcome, Rule::PointeeMemberName),
                        (_, false) => {
                            moved(&mut outcome, Rule::PointeeMemberName);
                            moved(&mut outcome, Rule::PointeeMember);
                        }
                        // The bytes decide, and they may agree.
                        (false, true) => outcome.unseen(Truth::Harmful),
                    }
                }
                (None, Some(here))
                    if !self.same(here.ty, member.ty) && self.grouped(here, member) =>
                {
                    outcome.join(Outcome::undecided("a new name over a nested record"));
                }
                (None, Some(_)) if by_value => outcome.unseen(Truth::Harmless),
                (None, Some(_)) => {
                    outcome.add(Verdict::Differs, Rule::PointeeMemberName, Truth::Harmless);
                }
                (None, None) => {}
            }
        }
        outcome
    }

    /// Whether one of two members is a record or an array, so that its parts may agree with what the other is.
    fn grouped(self, d: &Member, c: &Member) -> bool {
        self.scalar(d.ty).is_none() || self.scalar(c.ty).is_none()
    }
}

fn moved(outcome: &mut Outcome, rule: Rule) {
    outcome.add(Verdict::Mismatch, rule, Truth::Harmful);
}
