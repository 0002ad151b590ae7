//! Unions and bit-fields by value, where the claim says them: their bits are held as in memory (rows 14 and 15).

use super::overlay::{Overlay, Unlike};
use super::path::{Path, Paths};
use super::segments::{Segment, SegmentForm};
use super::value::Difference;
use super::{words, Rule, RuleSet, Verdict};
use crate::abi::{self, Bytes, Leaf, Value};
use crate::ctype::{TypeId, Types};

/// Steps within records for each pair that is compared.
const STEPS: usize = 1 << 16;
/// So many findings say enough of one value.
const ENOUGH: usize = 16;

/// What is otherwise than in the library in the claim's unions, and bit-fields in the other byte order. Nothing for a claim that has
/// neither: an `ffi_type` has no words for them.
pub(super) fn compare(
    (declared, ours): (&Types, TypeId),
    (claimed, theirs): (&Types, TypeId),
) -> Vec<Difference> {
    let Value::Record(bytes) = abi::by_value(claimed, theirs) else { return Vec::new() };
    if !bytes.leaves.iter().any(|leaf| leaf.in_union || leaf.is_bit_field()) {
        return Vec::new();
    }
    let mut paths = Paths::default();
    let mut left = STEPS;
    let mut found = Vec::new();
    // Nested records, and the bits before them.
    let mut pairs = vec![(ours, theirs, 0_u64)];
    while let Some((d, c, start)) = pairs.pop() {
        if found.len() >= ENOUGH || left == 0 {
            break;
        }
        let bits = |types: &Types, id| abi::size_of(types, id).unwrap_or(0).saturating_mul(8);
        let mut overlay = Overlay {
            declared,
            claimed,
            paths: &mut paths,
            left: &mut left,
            declared_bits: start.saturating_add(bits(declared, d)),
            claimed_bits: start.saturating_add(bits(claimed, c)),
            ignored: RuleSet::default(),
        };
        let outcome = overlay.records(d, c, Path::ROOT, start);
        for unlike in outcome.unlike {
            if counts(&unlike, &bytes) {
                found.push(difference((declared, claimed), &unlike));
            }
        }
        pairs.extend(outcome.records.iter().map(|(d, c)| (d.ty, c.ty, c.start)));
    }
    found
}

/// Whether what is otherwise in memory is so by value: other pieces of the same bytes count where the claim has a
/// union, and of bit-fields those that lie alike but in the other byte order.
fn counts(unlike: &Unlike<'_>, claimed: &Bytes) -> bool {
    let Some(place) = unlike.claimed.as_ref().or(unlike.declared.as_ref()) else { return false };
    let is_field = |segment: &Segment<'_>| matches!(segment.form, SegmentForm::Bits(_));
    let both = [&unlike.claimed, &unlike.declared].map(|side| side.as_ref().is_some_and(is_field));
    match unlike.rule {
        Rule::PointeeBitField if both == [true, true] => return true,
        // An alternative that the library's union has not.
        Rule::PointeeMemberName if unlike.declared.is_none() => return true,
        // Counted where those of all values are; what is not known is told of the whole.
        Rule::PointeeMemberName | Rule::ByteOrder | Rule::NotKnown => return false,
        _ => {}
    }
    let (start, end) = (place.start / 8, place.end.div_ceil(8));
    let here = |leaf: &&Leaf| leaf.offset < end && leaf.offset.saturating_add(leaf.size) > start;
    claimed.leaves.iter().filter(here).any(|leaf| leaf.in_union)
}

fn difference((declared, claimed): (&Types, &Types), unlike: &Unlike<'_>) -> Difference {
    let side = |types: &Types, segment: &Option<Segment<'_>>| match segment {
        Some(segment) => words::segment(types, segment),
        None => "nothing there".to_owned(),
    };
    let (ours, theirs) = (side(declared, &unlike.declared), side(claimed, &unlike.claimed));
    let place = unlike.claimed.as_ref().or(unlike.declared.as_ref());
    let bytes = place.map(|own| own.start / 8..own.end.div_ceil(8));
    let note = Some(format!("the library has {ours}, the caller {theirs}"));
    let rule = match unlike.verdict {
        Verdict::Mismatch => Rule::RecordBytes,
        _ => Rule::RecordMeaning,
    };
    Difference { rule, verdict: unlike.verdict, bytes, note }
}
