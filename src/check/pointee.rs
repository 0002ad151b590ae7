//! Compares what lies behind two pointers: rules 23 to 33, 37, 40, 42 and 43 of the table.

use std::cmp::Ordering;

use super::direction::{Direction, Role, Side};
use super::memory::{alignments, shortage};
use super::overlay::Overlay;
use super::path::Step;
use super::segments::{typed, Base, Segment};
use super::signature::functions;
use super::walk::{Aspect, Pair, Walk};
use super::{idiom, Rule, RuleSet, Verdict};
use crate::abi::{self, Leaf, ScalarClass, Value};
use crate::ctype::{Kind, TypeId, Types};

/// The kind of a pointee.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A type that is unknown on purpose: `void`, or an incomplete record or enumeration.
    Opaque,
    /// A type whose size or kind is not known.
    Unknown,
    Function,
    /// An integer of the size of `char`.
    Byte,
    Scalar,
    Record,
}

/// A pointee without its array dimensions.
#[derive(Clone, Copy)]
pub(super) struct Pointee {
    element: TypeId,
    sort: Sort,
    /// The size of one element in bytes.
    size: u64,
    /// The size of the whole array in bytes, if it is an array of known length.
    array: Option<u64>,
}

impl Pointee {
    pub(super) fn of(types: &Types, id: TypeId) -> Pointee {
        let resolved = types.resolve(id);
        let is_array = matches!(types.get(resolved).kind, Kind::Array { .. });
        let element = if is_array { types.innermost_element(resolved) } else { id };
        let size = abi::size_of(types, element);
        let sort = match &types.resolved(element).kind {
            Kind::Void => Sort::Opaque,
            Kind::Record(record) if record.incomplete => Sort::Opaque,
            Kind::Enumeration { incomplete: true, .. } if size.is_none() => Sort::Opaque,
            Kind::Function(_) => Sort::Function,
            Kind::Record(_) if size.is_some() => Sort::Record,
            _ if size.is_none() => Sort::Unknown,
            Kind::Base { .. } if types.is_byte(element) => Sort::Byte,
            Kind::Base { .. } | Kind::Pointer { .. } | Kind::Enumeration { .. } => Sort::Scalar,
            _ => Sort::Unknown,
        };
        // An array without elements means an array of unknown length.
        let array = abi::size_of(types, resolved).filter(|size| is_array && *size > 0);
        Pointee { element, sort, size: size.unwrap_or(0), array }
    }

    /// The number of bytes that the library may access at least, if known.
    pub(super) fn least_bytes(&self) -> Option<u64> {
        match self.sort {
            Sort::Opaque | Sort::Unknown | Sort::Function => None,
            Sort::Byte => self.array,
            Sort::Scalar | Sort::Record => Some(self.array.unwrap_or(self.size)),
        }
    }

    /// The alignment of one element in bytes. `None` if it is not known or compilers disagree.
    pub(super) fn alignment(&self, types: &Types) -> Option<u64> {
        let layout = abi::layout_of(types, self.element);
        let known = matches!(self.sort, Sort::Scalar | Sort::Record) && !layout.disputed;
        known.then_some(layout.align)
    }
}

pub(super) fn pointee(walk: &mut Walk<'_>, pair: &Pair) {
    objects(walk, pair);
    let sides = ((walk.declared, pair.declared), (walk.claimed, pair.claimed));
    if let Some(other) = idiom::other_record(sides.0, sides.1) {
        let note = format!("the library's '{other}' is another record");
        walk.about(pair, (Rule::PointeeTag, Verdict::Differs), Some(&note));
    }
}

/// Compares the two objects without regard to the names of their types.
fn objects(walk: &mut Walk<'_>, pair: &Pair) {
    use Verdict::{Differs, Unverified};
    let theirs = Pointee::of(walk.claimed, pair.claimed);
    // Do not read the declared type: to find its definition, the whole library may have to be read.
    if theirs.sort == Sort::Opaque {
        return;
    }
    let ours = Pointee::of(walk.declared, pair.declared);
    match (ours.sort, theirs.sort) {
        (Sort::Opaque, _) | (_, Sort::Opaque) => return,
        (Sort::Unknown, _) | (_, Sort::Unknown) => {
            return walk.about(pair, (Rule::NotKnown, Unverified), None);
        }
        // The library calls functions that the caller passes. The caller calls functions that the library returns.
        (Sort::Function, Sort::Function) => {
            let direction = match pair.role {
                Role::Argument => Direction::Callback,
                Role::Result => Direction::Call,
            };
            return functions(walk, pair, direction);
        }
        (Sort::Function, _) | (_, Sort::Function) => {
            return walk.about(pair, (Rule::DataAgainstFunction, Differs), None);
        }
        (Sort::Byte, Sort::Byte) => array_sizes(walk, pair, ours, theirs),
        (Sort::Byte, _) | (_, Sort::Byte) => byte_view(walk, pair, ours, theirs),
        (Sort::Record, Sort::Record) => records(walk, pair, ours, theirs),
        (Sort::Scalar, Sort::Scalar) => {
            array_sizes(walk, pair, ours, theirs);
            scalars(walk, pair, ours, theirs);
        }
        (Sort::Record, Sort::Scalar) | (Sort::Scalar, Sort::Record) => {
            record_against_scalar(walk, pair, ours, theirs);
        }
    }
    alignments(walk, pair, ours, theirs);
}

fn records(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    let sides = ((walk.declared, ours.element), (walk.claimed, theirs.element));
    let placeholder = idiom::is_placeholder(sides.0, sides.1);
    if placeholder && pair.role == Role::Result {
        return;
    }
    sizes(walk, pair, ours.size, theirs.size);
    array_sizes(walk, pair, ours, theirs);
    if !placeholder {
        elements(walk, pair, ours, theirs);
    }
}

fn elements(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    let path = match theirs.array {
        Some(_) => walk.paths.behind(pair.path, Step::Element),
        None => pair.path,
    };
    let (declared, claimed) = (ours.element, theirs.element);
    walk.later(Pair { declared, claimed, aspect: Aspect::Members, path, ..*pair });
}

/// Compares the sizes of two objects behind pointers.
fn sizes(walk: &mut Walk<'_>, pair: &Pair, ours: u64, theirs: u64) {
    let finding = match (theirs.cmp(&ours), pair.role) {
        (Ordering::Equal, _) => return,
        // The number of bytes in the memory of a call is checked separately.
        (Ordering::Less, Role::Argument) if is_judged(walk, pair) => return,
        (Ordering::Less, Role::Argument) => {
            let (verdict, note) = shortage(walk, pair);
            (Rule::PointeeTooSmall, verdict, note)
        }
        (Ordering::Less, Role::Result) => {
            (Rule::PointeePrefix, Verdict::Differs, "the caller reads only the beginning")
        }
        (Ordering::Greater, Role::Argument) => {
            (Rule::PointeeTooLarge, Verdict::Differs, "the library has only the beginning")
        }
        (Ordering::Greater, Role::Result) => {
            let sides = ((walk.declared, pair.declared), (walk.claimed, pair.claimed));
            let (verdict, note) = if has_open_end(walk.declared, pair.declared) {
                (Verdict::Differs, "the library's ends in an array of any length")
            } else if idiom::is_derived(sides.0, sides.1) {
                (Verdict::Differs, "the caller takes it for a larger one that begins with it")
            } else {
                (Verdict::Mismatch, "the caller may read past the library's")
            };
            (Rule::PointeeTooLarge, verdict, note)
        }
    };
    let (rule, verdict, note) = finding;
    walk.about(pair, (rule, verdict), Some(note));
    walk.show_layout(pair);
}

/// Whether the pair is the memory of one call, of which the number of bytes is known.
fn is_judged(walk: &Walk<'_>, pair: &Pair) -> bool {
    walk.memory.is_some() && walk.paths.is_first(pair.path)
}

/// Compares two arrays of known length behind pointers. A pointer to one element does not say how many there are.
fn array_sizes(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    if let (Some(ours), Some(theirs)) = (ours.array, theirs.array) {
        sizes(walk, pair, ours, theirs);
    }
}

/// Compares bytes on one side with another object on the other.
fn byte_view(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    let whole = |side: Pointee| match side.sort {
        Sort::Record | Sort::Scalar => Some(side.array.unwrap_or(side.size)),
        _ => side.array,
    };
    let (declared, claimed) = (whole(ours), whole(theirs));
    // If the caller has an unknown number of bytes, the call shows how many.
    let open = declared.is_some() && claimed.is_none() && !pair.sure;
    let enough = idiom::is_read_only(walk.declared, pair.declared);
    let verdict = if open && !enough { Verdict::Mismatch } else { Verdict::Differs };
    walk.about(pair, (Rule::PointeeBytes, verdict), Some("one side sees bytes only"));
    let (Some(declared), Some(claimed)) = (declared, claimed) else { return };
    // A buffer may be longer than the library needs.
    let buffer = claimed > declared && theirs.sort == Sort::Byte && ours.array.is_none();
    if !(buffer && pair.role == Role::Argument) {
        sizes(walk, pair, declared, claimed);
    }
}

fn scalars(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    let base = |side| Base { start: 0, path: pair.path, outermost: false, side };
    let d = typed(walk.declared, Segment::unplaced(ours.element, base(Side::Library)), false);
    let c = typed(walk.claimed, Segment::unplaced(theirs.element, base(Side::Caller)), false);
    let (Some(d), Some(c)) = (d, c) else { return };
    if d.bits() != c.bits() {
        let part = is_complex_and_part(walk, ours.element, theirs.element);
        let verdict = if part && pair.sure { Verdict::Differs } else { Verdict::Mismatch };
        let pair = Pair { declared: ours.element, claimed: theirs.element, ..*pair };
        walk.about(&pair, (Rule::PointeeScalar, verdict), None);
        return;
    }
    let mut left = 1;
    let mut overlay = Overlay {
        declared: walk.declared,
        claimed: walk.claimed,
        paths: &mut walk.paths,
        left: &mut left,
        declared_bits: d.bits(),
        claimed_bits: c.bits(),
        by_value: false,
        ignored: RuleSet::default(),
    };
    let outcome = overlay.scalars(&d, &c);
    let lists = [(outcome.pointers, Aspect::Value), (outcome.enumerations, Aspect::Enumerators)];
    for (list, aspect) in lists {
        for (d, c) in list {
            walk.later(Pair { declared: d.ty, claimed: c.ty, aspect, ..*pair });
        }
    }
    for draft in outcome.drafts {
        let pair = Pair { declared: ours.element, claimed: theirs.element, ..*pair };
        walk.about(&pair, (draft.rule, draft.verdict), None);
    }
}

/// Whether one is a complex number and the other has the type of its two parts.
fn is_complex_and_part(walk: &Walk<'_>, declared: TypeId, claimed: TypeId) -> bool {
    let values = (abi::by_value(walk.declared, declared), abi::by_value(walk.claimed, claimed));
    match &values {
        (Value::Complex { part, size }, Value::Scalar { class, size: one })
        | (Value::Scalar { class, size: one }, Value::Complex { part, size }) => {
            part == class && *size == 2 * *one
        }
        _ => false,
    }
}

/// Compares a record with a scalar. A record that consists only of such scalars is seen as an array of them. Handles
/// are often claimed as pointers to a pointer or an int.
fn record_against_scalar(walk: &mut Walk<'_>, pair: &Pair, ours: Pointee, theirs: Pointee) {
    let handle = ours.sort == Sort::Record;
    let (library, caller) = ((ours, walk.declared), (theirs, walk.claimed));
    let ((record, types), (scalar, other)) =
        if handle { (library, caller) } else { (caller, library) };
    let Value::Record(bytes) = abi::by_value(types, record.element) else {
        return walk.about(pair, (Rule::NotKnown, Verdict::Unverified), None);
    };
    if !bytes.complete {
        return walk.about(pair, (Rule::NotKnown, Verdict::Unverified), None);
    }
    let (class, size) = match abi::by_value(other, scalar.element) {
        Value::Scalar { class, size } => (class, size),
        Value::Complex { part, size } => (part, size / 2),
        _ => (ScalarClass::Unknown, 0),
    };
    let alike = |leaf: &Leaf| {
        leaf.size == size
            && (leaf.class == class || (leaf.class.is_integral() && class.is_integral()))
    };
    let all = !bytes.leaves.is_empty() && bytes.leaves.iter().all(alike);
    let integral = bytes.leaves.iter().all(|leaf| leaf.class.is_integral());
    let one = record.size == scalar.size;
    // One integer in place of several, or in place of an alternative of a union.
    let whole = one
        && ((class.is_integral() && integral)
            || bytes.leaves.iter().any(|leaf| leaf.offset == 0 && alike(leaf)));
    let short = handle && theirs.array.unwrap_or(theirs.size) < record.size;
    let agrees = match pair.role {
        Role::Result => all || whole || (handle && class.is_integral()),
        Role::Argument if is_judged(walk, pair) => all || whole || (handle && class.is_integral()),
        // The call shows how many scalars there are.
        Role::Argument if !pair.sure => (all || whole) && !short,
        Role::Argument => all || whole,
    };
    let verdict = if agrees { Verdict::Differs } else { Verdict::Mismatch };
    walk.about(pair, (Rule::PointeeScalar, verdict), None);
}

/// Whether a record's last member is a flexible array, or an array of 0 or 1 elements as written before C99. The size
/// of the record is then not the size of the object.
fn has_open_end(types: &Types, record: TypeId) -> bool {
    let Kind::Record(record) = &types.resolved(record).kind else { return false };
    let last = record.members.last().map(|member| &types.resolved(member.ty).kind);
    matches!(last, Some(Kind::Array { dimensions, vector: false, .. })
        if matches!(dimensions.first(), Some(None | Some(0 | 1))))
}
