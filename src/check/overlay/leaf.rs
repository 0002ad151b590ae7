//! Compares scalars in memory, and bytes with anything: rows 12, 24, 25, 28, 30, 37 and 38.

use super::super::path::Step;
use super::super::segments::{typed, Segment, SegmentForm};
use super::super::{scalar, Rule, Verdict};
use super::laying::{Laying, Manner};
use super::names::names;
use crate::abi::{self, Leaf, ScalarClass};
use crate::ctype::{Encoding, Kind, TypeId, Types};

/// Compares two scalars or bit-fields of the same bits.
pub(super) fn leaf<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    use Verdict::{Differs, Mismatch, Unverified};
    if d.form == SegmentForm::Unknown || c.form == SegmentForm::Unknown {
        return at.found(Rule::NotKnown, Unverified, d, c); // 37
    }
    let (declared, claimed) = (at.overlay.declared, at.overlay.claimed);
    let (ours, theirs) = (declared.resolve(d.ty), claimed.resolve(c.ty));
    let (our_class, their_class) =
        (abi::scalar_class(declared, ours), abi::scalar_class(claimed, theirs));
    let swapped = is_swapped(declared, ours) != is_swapped(claimed, theirs);
    let bits = matches!(d.form, SegmentForm::Bits(_)) || matches!(c.form, SegmentForm::Bits(_));
    if bits && swapped {
        return at.found(Rule::PointeeBitField, Mismatch, d, c); // 30
    }
    if our_class == ScalarClass::Pointer && their_class == ScalarClass::Pointer {
        return at.outcome.pointers.push((*d, *c)); // 31
    }
    let bytes = (declared.is_byte(ours), claimed.is_byte(theirs));
    if bytes == (true, true) && !bits {
        return;
    }
    if our_class.is_integral() && their_class.is_integral() {
        let is_enum = |class| matches!(class, ScalarClass::Enumeration { .. });
        let enums = (is_enum(our_class), is_enum(their_class));
        let one_byte = !bits && bytes != (false, false);
        match scalar::meaning(our_class, their_class) {
            Some(Rule::IntegerSignedness) if one_byte => {
                at.found(Rule::PointeeBytes, Differs, d, c)
            } // 24
            Some(Rule::IntegerSignedness) => at.found(Rule::PointeeScalar, Differs, d, c), // 25
            Some(rule) => at.found(rule, Differs, d, c),                                   // 12
            // A byte and a boolean. An enumeration of any size agrees with its integer.
            None if one_byte && enums == (false, false) => {
                at.found(Rule::PointeeBytes, Differs, d, c); // 24
            }
            None => {}
        }
        if swapped && d.bits() > 8 {
            at.found(Rule::ByteOrder, Differs, d, c); // 38
        }
        if enums == (true, true) {
            at.outcome.enumerations.push((*d, *c)); // 41
        }
        return;
    }
    let complex = is_complex(declared, ours) != is_complex(claimed, theirs);
    if our_class != their_class || complex {
        let is_member = c.record != TypeId::VOID;
        let rule = if is_member { Rule::PointeeMember } else { Rule::PointeeScalar };
        at.found(rule, Mismatch, d, c); // 28, 25
    } else if swapped {
        at.found(Rule::ByteOrder, Differs, d, c); // 38
    }
}

/// Compares one element of each of two arrays. A scalar or record counts as an array of one element.
pub(super) fn elements<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    let path = match c.form {
        SegmentForm::Array { .. } => at.overlay.paths.behind(c.path, Step::Element),
        _ => c.path,
    };
    let start = d.start.max(c.start);
    let element = |types: &Types, row: &Segment<'t>| {
        let of = Segment { start, path, whole: false, name: row.name, ..*row };
        typed(types, of, false)
    };
    let (declared, claimed) = (at.overlay.declared, at.overlay.claimed);
    let (Some(d), Some(c)) = (element(declared, d), element(claimed, c)) else { return };
    let is_record =
        |segment: &Segment<'_>| matches!(segment.form, SegmentForm::Struct | SegmentForm::Union);
    match (is_record(&d), is_record(&c)) {
        (true, true) => at.outcome.records.push((d, c)),
        (false, false) => leaf(at, &d, &c),
        // The record may consist of nothing but the scalar.
        _ => {
            let manner = Manner { missing: false, ..Manner::MEMBERS };
            let found = Laying::new(at.overlay, vec![d], vec![c], manner).finish();
            at.outcome.append(found);
        }
    }
}

/// Whether exactly one side is an array of bytes and neither is a single byte. The other side is then seen as bytes.
pub(super) fn byte_view<'t>(at: &Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) -> bool {
    let (declared, claimed) = (at.overlay.declared, at.overlay.claimed);
    let byte = |types: &Types, segment: &Segment<'t>| {
        segment.form == SegmentForm::Scalar && types.is_byte(segment.ty)
    };
    let arrays = (declared.is_byte_array(d), claimed.is_byte_array(c));
    arrays.0 != arrays.1 && !byte(declared, d) && !byte(claimed, c)
}

/// Compares an array of bytes with something else of its size, which may also consist of bytes.
pub(super) fn bytes<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    if d.form == SegmentForm::Unknown || c.form == SegmentForm::Unknown {
        return leaf(at, d, c); // 37
    }
    // 29
    if !names(at, d, c) {
        return;
    }
    let (declared, claimed) = (at.overlay.declared, at.overlay.claimed);
    let (types, other) = if declared.is_byte_array(d) { (claimed, c) } else { (declared, d) };
    let is_struct = matches!(other.form, SegmentForm::Struct);
    let only_bytes =
        is_struct && at.overlay.spend(other.bits() as usize / 8) && has_only_bytes(types, other);
    if !only_bytes {
        at.found(Rule::PointeeBytes, Verdict::Differs, d, c); // 24
    }
}

fn has_only_bytes(types: &Types, segment: &Segment<'_>) -> bool {
    let value = abi::by_value(types, types.resolve(segment.ty));
    let is_byte = |leaf: &Leaf| leaf.size == 1 && matches!(leaf.class, ScalarClass::Integer { .. });
    let bytes = value.bytes().filter(|bytes| bytes.complete);
    bytes.is_some_and(|bytes| bytes.leaves.iter().all(is_byte))
}

fn is_swapped(types: &Types, id: TypeId) -> bool {
    matches!(types.get(id).kind, Kind::Base { swapped: true, .. })
}

fn is_complex(types: &Types, id: TypeId) -> bool {
    use Encoding::{ComplexFloat, ComplexFloat128, ComplexInteger};
    let Kind::Base { encoding, .. } = types.get(id).kind else { return false };
    matches!(encoding, ComplexFloat | ComplexFloat128 | ComplexInteger)
}
