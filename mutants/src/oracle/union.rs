//! Unions: a claimed alternative must agree with the library's of that name, or with one that fits.

use ffitypecheck::abi;
use ffitypecheck::check::{Rule, Verdict};
use ffitypecheck::ctype::{Member, RecordClass, TypeId};

use super::{Outcome, Reader, Role, Truth};

impl Reader<'_> {
    pub fn union(self, role: Role, d: TypeId, c: TypeId) -> Outcome {
        let (Some(declared), Some(claimed)) = (self.record(d), self.record(c)) else {
            return Outcome::undecided("an incomplete union");
        };
        let ends = (abi::size_of(self.types, d), abi::size_of(self.types, c));
        let mut outcome = Outcome::default();
        let mut strangers = Vec::new();
        let mut related = false;
        for alternative in claimed.members.iter() {
            let twin = |other: &Member| {
                other.name == alternative.name
                    && other.bits == alternative.bits
                    && self.same(other.ty, alternative.ty)
            };
            if declared.members.iter().any(twin) {
                related = true;
                continue;
            }
            if alternative.bits.is_some() {
                return Outcome::undecided("a bit-field in a union");
            }
            if alternative.name.is_none() {
                return Outcome::undecided("an anonymous alternative");
            }
            let has = |members: &[Member], name| members.iter().any(|member| &member.name == name);
            let known = has(&declared.members, &alternative.name);
            // The one of its name is meant if they agree but for what lies behind pointers.
            let own = declared.members.iter().find(|other| other.name == alternative.name);
            let own_rule = (Verdict::Match, Rule::PointeeMemberName);
            if let Some(own) = own {
                let shallow = Reader { shallow: true, ..self };
                let found = shallow.alternative(role, own, alternative, own_rule, ends);
                if found.undecided.is_none() && found.verdict() == Verdict::Match {
                    let found = self.alternative(role, own, alternative, own_rule, ends);
                    related |= found.verdict() != Verdict::Mismatch;
                    outcome.join(found);
                    continue;
                }
            }
            // What one of them that does not count compared is not done.
            let done = self.done.borrow().clone();
            let against = declared.members.iter().map(|other| {
                self.done.borrow_mut().clone_from(&done);
                // The name of another alternative, and whether that one's is claimed too.
                let name_rule = match (known, has(&claimed.members, &other.name)) {
                    (false, _) => (Verdict::Differs, Rule::PointeeMemberName),
                    (true, true) => (Verdict::Mismatch, Rule::PointeeMemberName),
                    (true, false) => (Verdict::Mismatch, Rule::PointeeMember),
                };
                self.alternative(role, other, alternative, name_rule, ends)
            });
            // Where several agree and point elsewhere, their pointers are not followed.
            let found = mildest(against.collect());
            match found.verdict() {
                Verdict::Mismatch if !known => strangers.push(found),
                Verdict::Mismatch => outcome.join(found),
                _ => {
                    related |= found.undecided.is_none();
                    outcome.join(found);
                }
            }
        }
        for found in strangers {
            if related {
                // Of another platform or version: this library never has it there.
                outcome.add(Verdict::Differs, Rule::PointeeMemberName, Truth::Meaning)
            } else {
                outcome.join(found)
            }
        }
        outcome
    }

    /// A claimed alternative against one of the library's. Where both have the same bits, their names count.
    fn alternative(
        self,
        role: Role,
        d: &Member,
        c: &Member,
        (verdict, rule): (Verdict, Rule),
        ends: (Option<u64>, Option<u64>),
    ) -> Outcome {
        if d.bits.is_some() {
            return Outcome::undecided("a bit-field in a union");
        }
        let own = d.name == c.name;
        let sizes = (abi::size_of(self.types, d.ty), abi::size_of(self.types, c.ty));
        let mut outcome = match (self.scalar(d.ty), self.scalar(c.ty)) {
            (Some(a), Some(b)) if a.size == b.size => {
                self.scalar_in_memory(role, a, b, Rule::PointeeMember)
            }
            _ => self.object_within(role, (d.ty, ends.0), (c.ty, ends.1)),
        };
        let form = |id| std::mem::discriminant(self.kind(id));
        let is_union = |id| self.record(id).is_some_and(|r| r.class == RecordClass::Union);
        let is_struct = |id| self.record(id).is_some() && !is_union(id);
        let alike = form(d.ty) == form(c.ty) && is_union(d.ty) == is_union(c.ty);
        if !own && !alike {
            outcome.join(Outcome::undecided("an alternative against another one of other parts"));
        } else if !own && (sizes.0 == sizes.1 || is_struct(d.ty)) {
            outcome.add(verdict, rule, Truth::Meaning);
        } else if !own && outcome.verdict() == Verdict::Match {
            outcome.join(Outcome::undecided("an alternative that fits another one"));
        }
        outcome
    }
}

/// The mildest of several outcomes; undecided where one that is not decided might be milder.
fn mildest(outcomes: Vec<Outcome>) -> Outcome {
    let unsure = outcomes
        .iter()
        .find(|outcome| outcome.undecided.is_some() && outcome.verdict() != Verdict::Mismatch);
    let unsure = unsure.and_then(|outcome| outcome.undecided);
    let verdict = outcomes.iter().map(|outcome| outcome.verdict()).min();
    let mut mildest = outcomes.into_iter().filter(|outcome| Some(outcome.verdict()) == verdict);
    let best = mildest.next().map(|mut best| {
        // Any of those that are equally mild may be the one that is told.
        best.found.extend(mildest.flat_map(|other| other.found));
        best
    });
    match (best, unsure) {
        (Some(best), Some(why)) if best.verdict() != Verdict::Match => Outcome::undecided(why),
        (Some(best), _) => best,
        (None, _) => Outcome::undecided("a union without alternatives"),
    }
}
