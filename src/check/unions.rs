//! Compares unions and bit-fields that are passed by value, if the claim describes them. Their bits are compared as
//! in memory (rows 14 and 15).

use super::draft::{Draft, Parts, ENOUGH};
use super::overlay::Overlay;
use super::path::{Path, Paths};
use super::segments::{Segment, SegmentForm};
use super::{Rule, RuleSet, Verdict};
use crate::abi::{self, Bytes, Leaf, Value};
use crate::ctype::{TypeId, Types};

/// A bound on the steps within records for each pair that is compared.
const STEPS: usize = 1 << 16;

/// Finds differences in the claim's unions, and bit-fields in the other byte order. Finds nothing for a claim without
/// unions and bit-fields, such as an `ffi_type`, which cannot express them.
pub(super) fn compare(
    (declared, ours): (&Types, TypeId),
    (claimed, theirs): (&Types, TypeId),
) -> Vec<Draft<'static>> {
    let Value::Record(bytes) = abi::by_value(claimed, theirs) else { return Vec::new() };
    if !bytes.leaves.iter().any(|leaf| leaf.in_union || leaf.is_bit_field()) {
        return Vec::new();
    }
    let mut paths = Paths::default();
    let mut left = STEPS;
    let mut found = Vec::new();
    // Nested records, and the number of bits before them.
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
            by_value: true,
            ignored: RuleSet::default(),
        };
        let outcome = overlay.records(d, c, Path::ROOT, start);
        for draft in outcome.drafts {
            if let Some(parts) = draft.parts().filter(|parts| counts(draft.rule, parts, &bytes)) {
                let (rule, bytes) = (by_value(draft.verdict), parts.bytes());
                let [_, _, note] = parts.words(declared, claimed);
                found.push(Draft { bytes, ..Draft::noted(rule, draft.verdict, note) });
            }
        }
        pairs.extend(outcome.records.iter().map(|(d, c)| (d.ty, c.ty, c.start)));
    }
    found
}

/// Whether a difference in memory is also a difference by value. If the claim has a union there, bytes that are
/// divided differently count. Bit-fields count if they have the same bits in the other byte order.
fn counts(rule: Rule, parts: &Parts<'_>, claimed: &Bytes) -> bool {
    let Some(place) = parts.place() else { return false };
    let is_field = |segment: Segment<'_>| matches!(segment.form, SegmentForm::Bits(_));
    match rule {
        Rule::PointeeBitField
            if parts.claimed.is_some_and(is_field) && parts.declared.is_some_and(is_field) =>
        {
            return true;
        }
        // The library's union does not have this alternative.
        Rule::PointeeMemberName if parts.declared.is_none() => return true,
        // Names and byte order are checked with those of all values. Unknown parts are reported for the whole value.
        Rule::PointeeMemberName | Rule::ByteOrder | Rule::NotKnown => return false,
        _ => {}
    }
    let (start, end) = (place.start / 8, place.end.div_ceil(8));
    let here = |leaf: &&Leaf| leaf.offset < end && leaf.offset.saturating_add(leaf.size) > start;
    claimed.leaves.iter().filter(here).any(|leaf| leaf.in_union)
}

/// The row for values that corresponds to the rows 24 to 30 for memory.
fn by_value(verdict: Verdict) -> Rule {
    match verdict {
        Verdict::Mismatch => Rule::RecordBytes, // 14
        _ => Rule::RecordMeaning,               // 15
    }
}
