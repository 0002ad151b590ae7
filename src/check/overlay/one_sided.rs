//! Bits where one side has nothing, or does not say what it has: rows 24, 28, 37 and 39.

use super::super::draft::Draft;
use super::super::segments::{Segment, SegmentForm};
use super::super::{Rule, Verdict};
use super::laying::Laying;

/// A segment of unknown size on one side, or on both (37).
pub(super) fn not_known<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    let (ours, theirs) = match (d.bits(), c.bits()) {
        (0, 0) if d.start == c.start => {
            at.pass();
            (Some(d), Some(c))
        }
        (_, 0) => {
            at.theirs.pop();
            // Do not report what the library has there.
            if let Some(d) = at.ours.last_mut().filter(|d| d.start == c.start) {
                d.touched = true;
            }
            (None, Some(c))
        }
        _ => {
            at.ours.pop();
            (Some(d), None)
        }
    };
    at.outcome.add(Draft::of_parts(Rule::NotKnown, Verdict::Unverified, ours, theirs));
}

/// A declared segment where the claim has nothing (39).
pub(super) fn library_only<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>) {
    let past_the_claim = d.start >= at.overlay.claimed_bits;
    if at.manner.missing && !is_compared(d) && !d.is_open() && !past_the_claim {
        at.outcome.add(Draft::of_parts(Rule::MissingMember, Verdict::Differs, Some(d), None));
    }
}

/// A claimed segment where the library has nothing (28; bytes: 24).
pub(super) fn caller_only<'t>(at: &mut Laying<'_, '_, 't>, c: &Segment<'t>) {
    // A bit-field without a name is padding.
    let padding = matches!(c.form, SegmentForm::Bits(_)) && c.name.is_none();
    // The sizes of the records are reported instead (row 40).
    let past_the_library = c.start >= at.overlay.declared_bits;
    if is_compared(c) || c.is_open() || padding || past_the_library {
        return;
    }
    let claimed = at.overlay.claimed;
    let byte = c.form == SegmentForm::Scalar && claimed.is_byte(c.ty);
    let bytes = byte || claimed.is_byte_array(c);
    let told = |own: &Draft<'t>| {
        own.rule == Rule::PointeeBytes && own.claimed_part().is_some_and(|own| own.path == c.path)
    };
    if bytes && at.outcome.drafts.iter().any(told) {
        return;
    }
    let (rule, verdict) = if bytes {
        (Rule::PointeeBytes, Verdict::Differs)
    } else {
        (Rule::PointeeMember, Verdict::Mismatch)
    };
    let note = if at.manner.union {
        "the library's alternative has nothing there"
    } else {
        "the library has padding there"
    };
    let draft = Draft::of_parts(rule, verdict, None, Some(c));
    at.outcome.add(Draft { note: Some(note.to_owned()), ..draft });
}

/// Whether the segment was compared before. The rest of an array was not.
fn is_compared(segment: &Segment<'_>) -> bool {
    segment.touched && !matches!(segment.form, SegmentForm::Array { .. })
}
