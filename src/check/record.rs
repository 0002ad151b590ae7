//! Compares records by their bytes: rows 14 and 15 of the table. A number beside a match arm is the row that it
//! applies.

use std::ops::Range;

use super::direction::Role;
use super::draft::{Draft, ENOUGH};
use super::{scalar, words, Rule, Verdict};
use crate::abi::{Bytes, Leaf, ScalarClass};

/// A row of the table with its verdict. `None` if both sides agree.
type Judged = Option<(Rule, Verdict)>;

/// The bytes are different (row 14).
const BYTES: Judged = Some((Rule::RecordBytes, Verdict::Mismatch));
/// The bytes are the same, but have another meaning (row 15).
const MEANING: Judged = Some((Rule::RecordMeaning, Verdict::Differs));

/// Compares the claimed bytes with the declared ones, without regard to registers.
pub(super) fn compare(declared: &Bytes, claimed: &Bytes, role: Role) -> Vec<Draft<'static>> {
    if declared.size != claimed.size {
        return vec![Draft::new(Rule::RecordBytes, Verdict::Mismatch)]; // 14
    }
    let mut found = Vec::new();
    if !declared.complete {
        let note = "not all of its members are known";
        found.push(Draft::noted(Rule::NotKnown, Verdict::Unverified, note)); // 37
    }
    let ours = Leaves::of(declared);
    let theirs = Leaves::of(claimed);
    for leaf in &claimed.leaves {
        add(&mut found, claimed_leaf(leaf, declared, &ours, role));
    }
    // The claim may have a member of unknown size anywhere.
    let unknown = |leaf: &Leaf| leaf.class == ScalarClass::Unknown;
    let unsure = !claimed.complete && !claimed.leaves.iter().any(unknown);
    for leaf in &declared.leaves {
        add(&mut found, declared_leaf(leaf, &theirs, unsure));
    }
    found
}

/// Keeps a bounded number of findings of each verdict, so that many of one verdict do not keep out another.
fn add(found: &mut Vec<Draft<'static>>, draft: Option<Draft<'static>>) {
    let Some(draft) = draft else { return };
    if found.iter().filter(|own| own.verdict == draft.verdict).count() < ENOUGH {
        found.push(draft);
    }
}

/// The scalars of a record, ordered by offset.
struct Leaves<'a> {
    leaves: &'a [Leaf],
    /// The size of the largest scalar in bytes.
    longest: u64,
    /// Whether there are bit-fields among the scalars.
    has_bits: bool,
}

impl<'a> Leaves<'a> {
    fn of(bytes: &'a Bytes) -> Leaves<'a> {
        let longest = bytes.leaves.iter().map(|leaf| leaf.size).max().unwrap_or(0);
        let has_bits = bytes.leaves.iter().any(Leaf::is_bit_field);
        Leaves { leaves: &bytes.leaves, longest, has_bits }
    }

    /// The scalars that share a bit with `leaf`.
    fn under(&self, leaf: &Leaf) -> impl Iterator<Item = &'a Leaf> + Clone {
        let Range { start, end } = bytes(leaf);
        let own_bits = bits(leaf);
        let first =
            self.leaves.partition_point(|own| own.offset.saturating_add(self.longest) <= start);
        let last = self.leaves.partition_point(|own| own.offset < end);
        let near = self.leaves.get(first..last).unwrap_or(&[]);
        near.iter().filter(move |own| {
            let other = bits(own);
            other.start < own_bits.end && own_bits.start < other.end
        })
    }
}

fn bytes(leaf: &Leaf) -> Range<u64> {
    leaf.offset..leaf.offset.saturating_add(leaf.size)
}

fn bits(leaf: &Leaf) -> Range<u64> {
    let (start, width) = match leaf.bits {
        Some(bits) => (bits.offset, bits.width),
        None => (leaf.offset.saturating_mul(8), leaf.size.saturating_mul(8)),
    };
    start..start.saturating_add(width)
}

/// The width in bits.
fn width(leaf: &Leaf) -> u64 {
    let Range { start, end } = bits(leaf);
    end - start
}

/// The number of bits of `leaf` that the scalars in `under` cover. `under` is ordered by offset.
fn covered<'a>(leaf: &Leaf, under: impl Iterator<Item = &'a Leaf>) -> u64 {
    let whole = bits(leaf);
    let (mut covered, mut done) = (0, whole.start);
    for other in under {
        let other = bits(other);
        let from = other.start.max(done);
        let to = other.end.min(whole.end);
        if from < to {
            covered += to - from;
            done = to;
        }
    }
    covered
}

fn part(leaf: &Leaf, rule: Rule, verdict: Verdict, note: String) -> Option<Draft<'static>> {
    Some(Draft { bytes: Some(bytes(leaf)), ..Draft::noted(rule, verdict, note) })
}

/// Compares a scalar that the caller claims with what the library has there.
fn claimed_leaf(
    leaf: &Leaf,
    declared: &Bytes,
    ours: &Leaves<'_>,
    role: Role,
) -> Option<Draft<'static>> {
    let under = ours.under(leaf);
    let first = under.clone().next();
    if leaf.class == ScalarClass::Unknown {
        first?;
        let note = "the claim does not say what these bytes are".to_owned();
        return part(leaf, Rule::NotKnown, Verdict::Unverified, note); // 37
    }
    if !declared.complete && first.is_none() {
        return None;
    }
    // Uncovered bits are not padding there: a storage unit is wider than its bit-fields, and the members of a union
    // have different sizes.
    let unit = leaf.class.is_integral() && ours.has_bits && !leaf.is_bit_field();
    let loose = unit || under.clone().any(|own| own.in_union);
    let width = width(leaf);
    let over_padding = covered(leaf, under.clone()) < width && !loose;
    let claim = words::leaf(leaf);
    if over_padding && (first.is_none() || role == Role::Result) {
        // 14: the caller reads undefined bits, or passes bits that the library ignores
        let verdict = match role {
            Role::Argument => Verdict::Differs,
            Role::Result => Verdict::Mismatch,
        };
        let note = format!("the caller has {claim} there, the library has padding");
        return part(leaf, Rule::RecordBytes, verdict, note);
    }
    let library = first.map(words::leaf)?;
    let judged = against(leaf, under, declared.size);
    let (rule, verdict) = judged.or(MEANING.filter(|_| over_padding))?; // 14, 15, 17, 37; 15
    let note = format!("the library has {library} there, the caller {claim}");
    part(leaf, rule, verdict, note)
}

/// Compares a claimed scalar with the library's scalars that share its bits.
fn against<'a>(
    leaf: &Leaf,
    under: impl Iterator<Item = &'a Leaf> + Clone,
    declared_size: u64,
) -> Judged {
    let integral = leaf.class.is_integral();
    let exact = |own: &&Leaf| bits(own) == bits(leaf);
    let float = |own: &Leaf| own.class == ScalarClass::Float;
    // Both sides have bit-fields there. A claim without bit-fields has their storage units.
    let both_fields = |own: &Leaf| own.is_bit_field() && leaf.is_bit_field() && !own.in_union;
    let any = |is: &dyn Fn(&Leaf) -> bool| under.clone().any(is);
    let shared = !any(&both_fields) && any(&|own| own.in_union || own.is_bit_field());
    // CPython describes the arrays of large records to libffi as pointers.
    let stand_in = leaf.class == ScalarClass::Pointer
        && declared_size > 16
        && any(&|own| own.in_array && own.class != ScalarClass::Pointer)
        && !any(&|own| exact(&own) && own.class == ScalarClass::Pointer);
    match under.clone().find(exact) {
        _ if any(&|own| !own.class.is_integral() && !float(own)) => {
            Some((Rule::NotExpressible, Verdict::Unverified)) // 17
        }
        _ if stand_in => Some((Rule::NotKnown, Verdict::Unverified)), // 37
        _ if any(&|own| both_fields(own) && !exact(&own)) => BYTES,   // 14
        // In a union or over bit-fields, it is enough that one scalar agrees.
        _ if shared && integral && any(&|own| own.class.is_integral()) => None,
        _ if shared && any(&|own| exact(&own) && own.class == leaf.class) => None,
        _ if shared && (integral || any(&float)) => MEANING, // 15
        _ if shared => BYTES,                                // 14
        // One scalar of the same bits.
        Some(own) if integral && own.class.is_integral() => {
            scalar::meaning(own.class, leaf.class).and(MEANING) // 15
        }
        Some(own) if own.class == leaf.class => None,
        // Integers that are divided differently.
        None if integral && !any(&|own| !own.class.is_integral()) => MEANING, // 15
        _ => BYTES,                                                           // 14
    }
}

/// Checks whether the caller passes or reads all of a scalar that the library has.
fn declared_leaf(leaf: &Leaf, theirs: &Leaves<'_>, unsure: bool) -> Option<Draft<'static>> {
    let under = theirs.under(leaf);
    let covered = covered(leaf, under.clone());
    let units = leaf.is_bit_field() && !under.clone().any(Leaf::is_bit_field);
    if covered >= width(leaf) || ((leaf.in_union || units) && covered > 0) {
        return None;
    }
    if unsure {
        let note = "the claim does not say what these bytes are".to_owned();
        return part(leaf, Rule::NotKnown, Verdict::Unverified, note); // 37
    }
    let note = format!("the library has {} there, the caller has padding", words::leaf(leaf));
    part(leaf, Rule::RecordBytes, Verdict::Mismatch, note) // 14
}
