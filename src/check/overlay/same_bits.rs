//! Compares two segments of the same bits.

use super::super::segments::{Segment, SegmentForm};
use super::laying::Laying;
use super::leaf::{byte_view, bytes, elements, leaf};
use super::names::{misplaced_inside, names};
use super::{alternatives, other_bits};

pub(super) fn compare<'t>(at: &mut Laying<'_, '_, 't>, d: &Segment<'t>, c: &Segment<'t>) {
    use SegmentForm::{Array, Struct, Union, Unknown};
    let (declared, claimed) = (at.overlay.declared, at.overlay.claimed);
    match (d.form, c.form) {
        (Union, Union) => {
            at.pass();
            // 29; then 14, 24 to 30 for each alternative
            if names(at, d, c) {
                let found = alternatives::of_both(at.overlay, d, c, at.manner);
                at.outcome.append(found);
            }
        }
        // A struct that contains only the union: its contents are compared.
        (Union, Struct) if is_wrapper(at, c) => at.open(c),
        (Struct, Union) if is_wrapper(at, d) => at.open(d),
        (Union, form) if form != Unknown => alternatives::of_library(at, d),
        (form, Union) if form != Unknown => alternatives::of_caller(at, c),
        (Struct, Struct) if at.manner.trial => {
            // 29, 28
            if names(at, d, c) {
                misplaced_inside(at, d, c);
                at.open(d);
                at.open(c);
            } else {
                at.pass();
            }
        }
        (Struct, Struct) => {
            at.pass();
            // 29; their members later
            if names(at, d, c) {
                at.outcome.records.push((*d, *c));
            }
        }
        (Array { stride }, Array { stride: other }) if stride == other => {
            at.pass();
            // 29; one element represents all
            if names(at, d, c) {
                elements(at, d, c);
            }
        }
        _ if byte_view(at, d, c) => {
            at.pass();
            bytes(at, d, c); // 24, 29, 37
        }
        (Unknown, _) | (_, Unknown) => {
            at.pass();
            leaf(at, d, c); // 37
        }
        // How members are grouped does not count.
        (_, Struct) => at.open(c),
        (Struct, _) => at.open(d),
        (Array { .. }, Array { .. }) if declared.is_record_array(d) => at.open(d),
        (Array { .. }, Array { .. }) if claimed.is_record_array(c) => at.open(c),
        (Array { .. }, Array { .. }) => other_bits::conflict(at, d, c), // 28
        (Array { .. }, _) => at.open(d),
        (_, Array { .. }) => at.open(c),
        _ => {
            at.pass();
            // 29; 12, 24, 25, 28, 30, 38
            if names(at, d, c) {
                leaf(at, d, c);
            }
        }
    }
}

/// Whether it is a struct with one member, which has the size of the struct.
fn is_wrapper<'t>(at: &mut Laying<'_, '_, 't>, segment: &Segment<'t>) -> bool {
    let parts = at.overlay.opened(segment);
    at.overlay.spend(parts.len());
    matches!(parts[..], [part] if part.start == segment.start && part.end == segment.end)
}
