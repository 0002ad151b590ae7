//! Records against records by their bytes: rows 14 and 15 of the table.

use std::ops::Range;

use super::scalar;
use super::value::{Difference, Role};
use super::words;
use super::{Rule, Verdict};
use crate::abi::{Bytes, Leaf, ScalarClass};

/// So many findings of one verdict say enough of a record.
const ENOUGH: usize = 16;

/// The claimed bytes against the declared ones, without regard to registers.
pub(super) fn compare(declared: &Bytes, claimed: &Bytes, role: Role) -> Vec<Difference> {
    if declared.size != claimed.size {
        return vec![Difference::of(Rule::RecordBytes, Verdict::Mismatch)];
    }
    let mut found = Vec::new();
    if !declared.complete {
        let note = "not all of its members are known";
        found.push(Difference::noted(Rule::NotKnown, Verdict::Unverified, note));
    }
    let ours = Leaves::of(declared);
    let theirs = Leaves::of(claimed);
    for leaf in &claimed.leaves {
        add(&mut found, claimed_leaf(leaf, declared, &ours, role));
    }
    // A member of unknown size may be there.
    let unknown = |leaf: &Leaf| leaf.class == ScalarClass::Unknown;
    let unsure = !claimed.complete && !claimed.leaves.iter().any(unknown);
    for leaf in &declared.leaves {
        add(&mut found, declared_leaf(leaf, &theirs, unsure));
    }
    found
}

/// Many of one verdict do not keep out those of another.
fn add(found: &mut Vec<Difference>, difference: Option<Difference>) {
    let Some(difference) = difference else { return };
    if found.iter().filter(|own| own.verdict == difference.verdict).count() < ENOUGH {
        found.push(difference);
    }
}

/// A record's leaves by offset.
struct Leaves<'a> {
    leaves: &'a [Leaf],
    /// In bytes.
    longest: u64,
    /// Whether there are bit-fields among them.
    has_bits: bool,
}

impl<'a> Leaves<'a> {
    fn of(bytes: &'a Bytes) -> Leaves<'a> {
        let longest = bytes.leaves.iter().map(|leaf| leaf.size).max().unwrap_or(0);
        let has_bits = bytes.leaves.iter().any(Leaf::is_bit_field);
        Leaves { leaves: &bytes.leaves, longest, has_bits }
    }

    /// Those that share a bit with `leaf`.
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

/// How many bits of `leaf` the leaves `under` it cover; those come by offset.
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

fn part(leaf: &Leaf, rule: Rule, verdict: Verdict, note: String) -> Option<Difference> {
    Some(Difference { rule, verdict, bytes: Some(bytes(leaf)), note: Some(note) })
}

/// Data that the caller claims: what has the library there?
fn claimed_leaf(
    leaf: &Leaf,
    declared: &Bytes,
    ours: &Leaves<'_>,
    role: Role,
) -> Option<Difference> {
    let under = ours.under(leaf);
    let first = under.clone().next();
    if leaf.class == ScalarClass::Unknown {
        first?;
        let note = "the claim does not say what these bytes are".to_owned();
        return part(leaf, Rule::NotKnown, Verdict::Unverified, note);
    }
    if !declared.complete && first.is_none() {
        return None;
    }
    let claim = words::leaf(leaf);
    // The storage unit of a bit-field is wider than its bits, and a union's members than each other.
    let unit = leaf.class.is_integral() && ours.has_bits && !leaf.is_bit_field();
    let loose = unit || under.clone().any(|own| own.in_union);
    let width = bits(leaf).end - bits(leaf).start;
    let missing = width - covered(leaf, under.clone()).min(width);
    if missing > 0 && !loose && (first.is_none() || role == Role::Result) {
        let verdict = match role {
            Role::Argument => Verdict::Differs,
            Role::Result => Verdict::Mismatch,
        };
        let note = format!("the caller has {claim} there, the library has padding");
        return part(leaf, Rule::RecordBytes, verdict, note);
    }
    let library = first.map(words::leaf)?;
    let (rule, verdict) = match against(leaf, under.clone(), declared.size) {
        Some(found) => found,
        None if missing > 0 && !loose => (Rule::RecordMeaning, Verdict::Differs),
        None => return None,
    };
    let note = format!("the library has {library} there, the caller {claim}");
    part(leaf, rule, verdict, note)
}

/// A claimed scalar against those that share its bytes.
fn against<'a>(
    leaf: &Leaf,
    mut under: impl Iterator<Item = &'a Leaf> + Clone,
    size: u64,
) -> Option<(Rule, Verdict)> {
    let all = under.clone();
    let exact = |own: &&Leaf| bits(own) == bits(leaf);
    let unsure = |own: &Leaf| !own.class.is_integral() && own.class != ScalarClass::Float;
    if all.clone().any(unsure) {
        return Some((Rule::NotExpressible, Verdict::Unverified));
    }
    // CPython hands libffi the arrays of large records as pointers.
    let pointer = leaf.class == ScalarClass::Pointer && size > 16;
    let array = |own: &Leaf| own.in_array && own.class != ScalarClass::Pointer;
    let own_pointer = |own: &Leaf| exact(&own) && own.class == ScalarClass::Pointer;
    if pointer && all.clone().any(array) && !all.clone().any(own_pointer) {
        return Some((Rule::NotKnown, Verdict::Unverified));
    }
    // A claim that has bit-fields knows where they lie; another one has storage units.
    let fields = |own: &Leaf| own.is_bit_field() && leaf.is_bit_field() && !own.in_union;
    if all.clone().any(|own| fields(own) && !exact(&own)) {
        return Some((Rule::RecordBytes, Verdict::Mismatch));
    }
    let field = all.clone().find(|own| fields(own));
    let shared = field.is_none() && all.clone().any(|own| own.in_union || own.is_bit_field());
    let integral = all.clone().all(|own| own.class.is_integral());
    if shared {
        let integer = leaf.class.is_integral() && all.clone().any(|own| own.class.is_integral());
        let float = |own: &Leaf| own.class == ScalarClass::Float;
        return match () {
            () if integer || all.clone().filter(exact).any(|own| own.class == leaf.class) => None,
            () if leaf.class.is_integral() || all.clone().any(float) => {
                Some((Rule::RecordMeaning, Verdict::Differs))
            }
            () => Some((Rule::RecordBytes, Verdict::Mismatch)),
        };
    }
    match (under.find(exact), leaf.class.is_integral()) {
        (Some(own), true) if own.class.is_integral() => {
            scalar::meaning(own.class, leaf.class).map(|_| (Rule::RecordMeaning, Verdict::Differs))
        }
        (Some(own), _) if own.class == leaf.class => None,
        (None, true) if integral => Some((Rule::RecordMeaning, Verdict::Differs)),
        _ => Some((Rule::RecordBytes, Verdict::Mismatch)),
    }
}

/// Data that the library has: does the caller pass or read all of it?
fn declared_leaf(leaf: &Leaf, theirs: &Leaves<'_>, unsure: bool) -> Option<Difference> {
    let under = theirs.under(leaf);
    let width = bits(leaf).end - bits(leaf).start;
    let covered = covered(leaf, under.clone());
    let units = leaf.is_bit_field() && !under.clone().any(Leaf::is_bit_field);
    if covered >= width || ((leaf.in_union || units) && covered > 0) {
        return None;
    }
    if unsure {
        let note = "the claim does not say what these bytes are".to_owned();
        return part(leaf, Rule::NotKnown, Verdict::Unverified, note);
    }
    let note = format!("the library has {} there, the caller has padding", words::leaf(leaf));
    part(leaf, Rule::RecordBytes, Verdict::Mismatch, note)
}
