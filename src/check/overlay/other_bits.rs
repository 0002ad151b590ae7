//! Compares two segments that share some bits, but not all.

use super::super::direction::Side;
use super::super::draft::Draft;
use super::super::segments::{Segment, SegmentForm};
use super::super::{Rule, Verdict};
use super::laying::Laying;
use super::leaf::elements;
use super::names::{misplaced_inside, names};
use super::{alternatives, one_sided};
use crate::abi::{self, ScalarClass};

pub(super) fn compare<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    use SegmentForm::{Struct, Unknown};
    match (d.form, c.form) {
        _ if side_by_side(d, c) => shared_elements(at, d, c), // 28, 39; then as elements
        (Unknown, _) | (_, Unknown) => conflict(at, d, c),    // 37
        _ if is_byte_part(at, d, c) => byte_part(at, d, c),   // 24
        (Struct, Struct) if d.start == c.start => {
            // 29, 28; then member by member
            if names(at, d, c) {
                misplaced_inside(at, d, c);
                at.open(d);
                at.open(c);
            } else {
                at.step(d, c);
            }
        }
        // How members are grouped does not count. Of two aggregates the larger one is opened.
        _ if d.is_aggregate() && (d.bits() > c.bits() || !c.is_aggregate()) => open(at, d),
        _ if c.is_aggregate() => open(at, c),
        _ => conflict(at, d, c), // 28, 30
    }
}

/// Two segments that cannot agree: scalars of other bits, arrays of other elements, or an unknown segment.
pub(super) fn conflict<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    use SegmentForm::{Bits, Scalar, Unknown};
    let (rule, verdict) = match (d.form, c.form) {
        (Unknown, _) | (_, Unknown) => (Rule::NotKnown, Verdict::Unverified), // 37
        // A claimed integer covers the whole storage unit.
        (Bits(_), Scalar) if is_integer(at, c) && c.start <= d.start && d.end <= c.end => {
            (Rule::PointeeBitField, Verdict::Differs) // 30
        }
        (Bits(_), _) | (_, Bits(_)) => (Rule::PointeeBitField, Verdict::Mismatch), // 30
        _ => (Rule::PointeeMember, Verdict::Mismatch),                             // 28
    };
    // A claimed segment that begins earlier was already reported.
    if !(c.touched && c.start < d.start) {
        at.found(rule, verdict, d, c);
    }
    at.step(d, c);
}

fn is_integer<'t>(at: &Laying<'_, '_, 't>, c: &Segment<'t>) -> bool {
    let claimed = at.overlay.claimed;
    let class = abi::scalar_class(claimed, claimed.resolve(c.ty));
    class.is_integral() && class != ScalarClass::Pointer
}

fn open<'t>(at: &mut Laying<'_, '_, 't>, segment: &Segment<'t>) {
    match (segment.form, segment.side) {
        (SegmentForm::Union, Side::Library) => alternatives::of_library(at, segment),
        (SegmentForm::Union, Side::Caller) => alternatives::of_caller(at, segment),
        _ => at.open(segment),
    }
}

/// Whether the claim has an array of bytes over something else, or something else within an array of bytes of the
/// library.
fn is_byte_part<'t>(at: &Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) -> bool {
    let ours = at.overlay.declared.is_byte_array(d);
    let theirs = at.overlay.claimed.is_byte_array(c);
    let within = d.start <= c.start && c.end <= d.end;
    theirs != ours && (theirs || within)
}

/// Compares an array of bytes with a part of something else, or the reverse (row 24).
fn byte_part<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    // An array can only be cut between two elements.
    if cuts_an_element(d, c.end) {
        return at.split(d, c.end);
    }
    if cuts_an_element(c, d.end) {
        return at.split(c, d.end);
    }
    let reported = c.touched && at.overlay.claimed.is_byte_array(c);
    if !reported {
        at.found(Rule::PointeeBytes, Verdict::Differs, d, c);
    }
    at.step(d, c);
}

/// Whether the bit `end` lies inside an element of the array, so that the array cannot be cut there.
fn cuts_an_element(segment: &Segment<'_>, end: u64) -> bool {
    matches!(segment.form, SegmentForm::Array { stride }
        if segment.start < end && end < segment.end && !(end - segment.start).is_multiple_of(stride))
}

/// Whether one is an array, and both have elements of one size with common boundaries. Anything else counts as one
/// element.
fn side_by_side(d: &Segment<'_>, c: &Segment<'_>) -> bool {
    use SegmentForm::{Array, Bits, Scalar, Struct, Union, Unknown};
    let stride = |segment: &Segment<'_>| match segment.form {
        Array { stride } => Some(stride),
        Scalar | Struct | Union => Some(segment.bits()),
        Bits(_) | Unknown => None,
    };
    let rows = [d.form, c.form].iter().any(|form| matches!(form, Array { .. }));
    match (stride(d), stride(c)) {
        (Some(ours), Some(theirs)) => {
            rows && ours == theirs && d.start.abs_diff(c.start).is_multiple_of(ours)
        }
        _ => false,
    }
}

/// Compares one of the elements that both sides have, and continues after these elements. Elements before them, which
/// only one side has, are rows 28 and 39.
fn shared_elements<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    if d.start < c.start {
        one_sided::library_only(at, &Segment { end: c.start, whole: false, ..*d });
    }
    let row = matches!(c.form, SegmentForm::Array { .. });
    if c.start < d.start && (row || !c.touched) {
        let draft = Draft::of_parts(Rule::PointeeMember, Verdict::Mismatch, Some(d), Some(c));
        let note = Some("the library has nothing at its beginning".to_owned());
        at.outcome.add(Draft { note, ..draft });
    }
    if !(d.touched && c.touched) {
        let part = |segment: &Segment<'t>| Segment { whole: false, ..*segment };
        elements(at, &part(d), &part(c));
    }
    at.step(d, c);
}
