//! Scalars in memory against each other, and their names.

use super::super::segments::{typed, Segment, SegmentForm};
use super::super::{scalar, Rule, Verdict};
use super::{unlike, Manner, Overlaid, Overlay};
use crate::abi::{self, ScalarClass};
use crate::check::path::Step;
use crate::ctype::{Encoding, Kind, TypeId, Types};

impl<'t> Overlay<'_, 't> {
    /// Two scalars or bit-fields of the same bits.
    pub(in crate::check) fn leaf(
        &mut self,
        d: &Segment<'t>,
        c: &Segment<'t>,
        outcome: &mut Overlaid<'t>,
    ) {
        let mut found = |rule, verdict| unlike(outcome, rule, verdict, Some(*d), Some(*c), None);
        if d.form == SegmentForm::Unknown || c.form == SegmentForm::Unknown {
            return found(Rule::NotKnown, Verdict::Unverified);
        }
        let (ours, theirs) = (self.declared.resolve(d.ty), self.claimed.resolve(c.ty));
        let (ours_class, theirs_class) =
            (abi::scalar_class(self.declared, ours), abi::scalar_class(self.claimed, theirs));
        let swapped = self.declared.is_swapped(ours) != self.claimed.is_swapped(theirs);
        let bits = matches!(d.form, SegmentForm::Bits(_)) || matches!(c.form, SegmentForm::Bits(_));
        if bits && swapped {
            return found(Rule::PointeeBitField, Verdict::Mismatch);
        }
        if ours_class == ScalarClass::Pointer && theirs_class == ScalarClass::Pointer {
            outcome.pointers.push((*d, *c));
            return;
        }
        let bytes = (self.declared.is_byte(ours), self.claimed.is_byte(theirs));
        if bytes == (true, true) && !bits {
            return;
        }
        if ours_class.is_integral() && theirs_class.is_integral() {
            let enumeration = |class| matches!(class, ScalarClass::Enumeration { .. });
            let (ours_enum, theirs_enum) = (enumeration(ours_class), enumeration(theirs_class));
            match scalar::meaning(ours_class, theirs_class) {
                Some(Rule::IntegerSignedness) if !bits && bytes != (false, false) => {
                    found(Rule::PointeeBytes, Verdict::Differs);
                }
                Some(Rule::IntegerSignedness) => found(Rule::PointeeScalar, Verdict::Differs),
                Some(rule) => found(rule, Verdict::Differs),
                // A byte against a boolean; an enumeration is its integer in any size.
                None if !bits && bytes != (false, false) && !(ours_enum || theirs_enum) => {
                    found(Rule::PointeeBytes, Verdict::Differs);
                }
                None => {}
            }
            if swapped && d.bits() > 8 {
                found(Rule::ByteOrder, Verdict::Differs);
            }
            if ours_enum && theirs_enum {
                outcome.enumerations.push((*d, *c));
            }
            return;
        }
        let rule = if c.record == TypeId::VOID { Rule::PointeeScalar } else { Rule::PointeeMember };
        let complex = (self.declared.is_complex(ours), self.claimed.is_complex(theirs));
        if ours_class != theirs_class || complex.0 != complex.1 {
            found(rule, Verdict::Mismatch);
        } else if swapped {
            found(Rule::ByteOrder, Verdict::Differs);
        }
    }

    /// One element of each of two rows; a scalar or record is a row of one.
    pub(super) fn elements(
        &mut self,
        d: &Segment<'t>,
        c: &Segment<'t>,
        outcome: &mut Overlaid<'t>,
    ) {
        let path = match c.form {
            SegmentForm::Array { .. } => self.paths.behind(c.path, Step::Element),
            _ => c.path,
        };
        let start = d.start.max(c.start);
        let element = |types: &Types, row: &Segment<'t>| {
            let of = Segment { start, path, whole: false, name: row.name, ..*row };
            typed(types, of, false)
        };
        let (Some(d), Some(c)) = (element(self.declared, d), element(self.claimed, c)) else {
            return;
        };
        let record = |segment: &Segment<'_>| {
            matches!(segment.form, SegmentForm::Struct | SegmentForm::Union)
        };
        match (record(&d), record(&c)) {
            (true, true) => outcome.records.push((d, c)),
            (false, false) => self.leaf(&d, &c, outcome),
            // A scalar may be all that the other's record consists of.
            _ => {
                let manner = Manner { trial: false, missing: false, union: false, depth: 0 };
                let found = self.lay(vec![d], vec![c], manner);
                outcome.append(found);
            }
        }
    }

    /// Whether exactly one side is an array of bytes: the other is seen as bytes.
    pub(super) fn byte_view(&self, d: &Segment<'t>, c: &Segment<'t>) -> bool {
        let (ours, theirs) = (self.declared.is_byte_array(d), self.claimed.is_byte_array(c));
        let byte = |types: &Types, segment: &Segment<'t>| {
            segment.form == SegmentForm::Scalar && types.is_byte(segment.ty)
        };
        ours != theirs && !byte(self.declared, d) && !byte(self.claimed, c)
    }

    /// An array of bytes against something else of its size, which may be nothing but bytes itself.
    pub(super) fn bytes(&mut self, d: &Segment<'t>, c: &Segment<'t>, outcome: &mut Overlaid<'t>) {
        if d.form == SegmentForm::Unknown || c.form == SegmentForm::Unknown {
            return self.leaf(d, c, outcome);
        }
        let all_bytes = |types: &Types, segment: &Segment<'t>| {
            let value = abi::by_value(types, types.resolve(segment.ty));
            let byte = |class| matches!(class, ScalarClass::Integer { .. });
            let leaves = value.bytes().filter(|bytes| bytes.complete);
            leaves.is_some_and(|bytes| {
                bytes.leaves.iter().all(|leaf| leaf.size == 1 && byte(leaf.class))
            })
        };
        if !self.names(d, c, outcome) {
            return;
        }
        let other =
            if self.declared.is_byte_array(d) { (self.claimed, c) } else { (self.declared, d) };
        let record = matches!(other.1.form, SegmentForm::Struct);
        if !(record && self.spend(other.1.bits() as usize / 8) && all_bytes(other.0, other.1)) {
            unlike(outcome, Rule::PointeeBytes, Verdict::Differs, Some(*d), Some(*c), None);
        }
    }

    /// The names of two whole members at one place. Whether the two are each other's: what two that are not consist of, or
    /// point to, is not worth comparing.
    pub(super) fn names(
        &mut self,
        d: &Segment<'t>,
        c: &Segment<'t>,
        outcome: &mut Overlaid<'t>,
    ) -> bool {
        let (Some(ours), Some(theirs)) = (d.name, c.name) else { return true };
        if ours == theirs || !d.whole || !c.whole {
            return true;
        }
        let theirs_elsewhere = self.declared.place_of_member(d.record, theirs.as_str());
        let ours_elsewhere = self.claimed.place_of_member(c.record, ours.as_str());
        self.spend(16);
        let name = Rule::PointeeMemberName;
        let (rule, verdict, note) = match (theirs_elsewhere, ours_elsewhere) {
            // Swapped: the hint says so.
            (Some(one), Some(other)) if one == other => (name, Verdict::Mismatch, None),
            (Some(_), Some(_)) => {
                let note = format!(
                    "the library's '{theirs}' is at another place, and so is the caller's '{ours}'"
                );
                (name, Verdict::Mismatch, Some(note))
            }
            (Some(bit), None) => {
                let place = d.record_start.saturating_add(bit) / 8;
                let note = format!("the library's '{theirs}' is at offset {place}");
                (Rule::PointeeMember, Verdict::Mismatch, Some(note))
            }
            (None, _) => (name, Verdict::Differs, None),
        };
        if verdict != Verdict::Mismatch || !outcome.is_mismatch(c) {
            unlike(outcome, rule, verdict, Some(*d), Some(*c), note);
        }
        verdict != Verdict::Mismatch
    }
}

impl Types {
    fn is_swapped(&self, id: TypeId) -> bool {
        matches!(self.get(id).kind, Kind::Base { swapped: true, .. })
    }

    fn is_complex(&self, id: TypeId) -> bool {
        use Encoding::{ComplexFloat, ComplexFloat128, ComplexInteger};
        let Kind::Base { encoding, .. } = self.get(id).kind else { return false };
        matches!(encoding, ComplexFloat | ComplexFloat128 | ComplexInteger)
    }

    /// Bits from a record's start to its member of that name, those of its anonymous records included, to a depth of 8.
    fn place_of_member(&self, record: TypeId, name: &str) -> Option<u64> {
        let mut records = vec![(record, 0_u64, 0)];
        while let Some((record, start, depth)) = records.pop() {
            let Kind::Record(content) = &self.resolved(record).kind else { continue };
            for member in &content.members {
                let place = member.bits.map_or(member.offset.saturating_mul(8), |bits| bits.offset);
                let place = start.saturating_add(place);
                match &member.name {
                    Some(own) if own == name => return Some(place),
                    None if depth < 8 => records.push((member.ty, place, depth + 1)),
                    _ => {}
                }
            }
        }
        None
    }
}
