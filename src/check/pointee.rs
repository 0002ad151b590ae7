//! What lies behind two pointers: rules 23 to 33, 37 and 40 of the table.

use super::overlay::{Outcome, Overlay};
use super::path::Step;
use super::segments::{typed, Base, Segment};
use super::value::Role;
use super::walk::{Aspect, Pair, Walk};
use super::{Rule, RuleSet, Verdict};
use crate::ctype::{Kind, ScalarClass, TypeId, Types, Value};

/// What a pointee is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Nothing is known of it on purpose: void, or an incomplete record or enumeration.
    Opaque,
    /// It cannot be told.
    Unknown,
    Function,
    /// An integer of the size of `char`.
    Byte,
    Scalar,
    Record,
}

/// A pointee without its array dimensions.
#[derive(Clone, Copy)]
struct Pointee {
    element: TypeId,
    sort: Sort,
    /// The size of one element in bytes.
    size: u64,
    /// The size of a whole array in bytes, where it is one of known length.
    array: Option<u64>,
}

impl Pointee {
    fn of(types: &Types, id: TypeId) -> Pointee {
        let resolved = types.resolve(id);
        let is_array = matches!(types.get(resolved).kind, Kind::Array { .. });
        let element = if is_array { types.innermost_element(resolved) } else { id };
        let size = types.size_of(element);
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
        let array = types.size_of(resolved).filter(|_| is_array);
        Pointee { element, sort, size: size.unwrap_or(0), array }
    }
}

impl<'t> Walk<'t> {
    pub(super) fn pointee(&mut self, pair: &Pair) {
        use Verdict::{Differs, Unverified};
        let theirs = Pointee::of(self.claimed, pair.claimed);
        // To find what the library has there may take reading all of it.
        if theirs.sort == Sort::Opaque {
            return;
        }
        let ours = Pointee::of(self.declared, pair.declared);
        match (ours.sort, theirs.sort) {
            (Sort::Opaque, _) | (_, Sort::Opaque) => {}
            (Sort::Unknown, _) | (_, Sort::Unknown) => {
                self.about(pair, (Rule::NotKnown, Unverified), None);
            }
            // The library calls what the caller gives it, and the caller what the library gives.
            (Sort::Function, Sort::Function) => self.function(pair, pair.role == Role::Argument),
            (Sort::Function, _) | (_, Sort::Function) => {
                self.about(pair, (Rule::DataAgainstFunction, Differs), None);
            }
            (Sort::Byte, Sort::Byte) => self.array_sizes(pair, ours, theirs),
            (Sort::Byte, _) | (_, Sort::Byte) => self.byte_view(pair, ours, theirs),
            (Sort::Record, Sort::Record) => {
                self.record_sizes(pair, ours.size, theirs.size);
                self.array_sizes(pair, ours, theirs);
                self.elements(pair, ours, theirs);
            }
            (Sort::Scalar, Sort::Scalar) => {
                self.array_sizes(pair, ours, theirs);
                self.scalars(pair, ours, theirs);
            }
            (Sort::Record, Sort::Scalar) | (Sort::Scalar, Sort::Record) => {
                self.record_against_scalar(pair, ours, theirs);
            }
        }
    }

    fn elements(&mut self, pair: &Pair, ours: Pointee, theirs: Pointee) {
        let path = match theirs.array {
            Some(_) => self.paths.behind(pair.path, Step::Element),
            None => pair.path,
        };
        let (declared, claimed) = (ours.element, theirs.element);
        self.later(Pair { declared, claimed, aspect: Aspect::Members, path, ..*pair });
    }

    /// Two records behind pointers, one of another size.
    fn record_sizes(&mut self, pair: &Pair, ours: u64, theirs: u64) {
        let finding = match (theirs.cmp(&ours), pair.role) {
            (std::cmp::Ordering::Equal, _) => return,
            (std::cmp::Ordering::Less, Role::Argument) => {
                let note = "the library may write past the caller's";
                (Rule::PointeeTooSmall, Verdict::Mismatch, note)
            }
            (std::cmp::Ordering::Less, Role::Result) => {
                (Rule::PointeePrefix, Verdict::Differs, "the caller reads the beginning only")
            }
            (std::cmp::Ordering::Greater, Role::Argument) => {
                (Rule::PointeeTooLarge, Verdict::Differs, "the library knows the beginning only")
            }
            (std::cmp::Ordering::Greater, Role::Result)
                if self.declared.has_open_end(pair.declared) =>
            {
                let note = "the library's ends in an array of any length";
                (Rule::PointeeTooLarge, Verdict::Differs, note)
            }
            (std::cmp::Ordering::Greater, Role::Result) => {
                let note = "the caller may read past the library's";
                (Rule::PointeeTooLarge, Verdict::Mismatch, note)
            }
        };
        let (rule, verdict, note) = finding;
        self.about(pair, (rule, verdict), Some(note));
        let sides = ((self.declared, pair.declared), (self.claimed, pair.claimed));
        if let Some(found) = self.findings.last_mut() {
            found.layout = super::side_by_side::layout(sides.0, sides.1);
        }
    }

    /// Two arrays of known length behind pointers. A pointer to one element says nothing of how many there are.
    fn array_sizes(&mut self, pair: &Pair, ours: Pointee, theirs: Pointee) {
        if let (Some(ours), Some(theirs)) = (ours.array, theirs.array) {
            self.record_sizes(pair, ours, theirs);
        }
    }

    /// Bytes on one side, another object on the other.
    fn byte_view(&mut self, pair: &Pair, ours: Pointee, theirs: Pointee) {
        let note = "one side sees bytes only";
        self.about(pair, (Rule::PointeeBytes, Verdict::Differs), Some(note));
        let whole = |side: Pointee| match side.sort {
            Sort::Record | Sort::Scalar => Some(side.array.unwrap_or(side.size)),
            _ => side.array,
        };
        let (Some(declared), Some(claimed)) = (whole(ours), whole(theirs)) else { return };
        // A buffer may be longer than what the library needs of it.
        let buffer = claimed > declared && theirs.sort == Sort::Byte && ours.array.is_none();
        if !(buffer && pair.role == Role::Argument) {
            self.record_sizes(pair, declared, claimed);
        }
    }

    fn scalars(&mut self, pair: &Pair, ours: Pointee, theirs: Pointee) {
        let base = |declared| Base { start: 0, path: pair.path, outermost: false, declared };
        let d = typed(self.declared, Segment::unplaced(ours.element, base(true)), false);
        let c = typed(self.claimed, Segment::unplaced(theirs.element, base(false)), false);
        let (Some(d), Some(c)) = (d, c) else { return };
        if d.bits() != c.bits() {
            let pair = Pair { declared: ours.element, claimed: theirs.element, ..*pair };
            self.about(&pair, (Rule::PointeeScalar, Verdict::Mismatch), None);
            return;
        }
        let mut outcome = Outcome::default();
        let mut left = 1;
        let mut overlay = Overlay {
            declared: self.declared,
            claimed: self.claimed,
            paths: &mut self.paths,
            left: &mut left,
            declared_bits: d.bits(),
            claimed_bits: c.bits(),
            ignored: RuleSet::default(),
        };
        overlay.leaf(&d, &c, &mut outcome);
        for (d, c) in std::mem::take(&mut outcome.pointers) {
            let (declared, claimed, aspect) = (d.ty, c.ty, Aspect::Value);
            self.later(Pair { declared, claimed, aspect, ..*pair });
        }
        for (d, c) in std::mem::take(&mut outcome.enumerations) {
            let (declared, claimed, aspect) = (d.ty, c.ty, Aspect::Enumerators);
            self.later(Pair { declared, claimed, aspect, ..*pair });
        }
        for unlike in outcome.unlike {
            let pair = Pair { declared: ours.element, claimed: theirs.element, ..*pair };
            self.about(&pair, (unlike.rule, unlike.verdict), None);
        }
    }

    /// A record of nothing but such scalars is an array of them.
    fn record_against_scalar(&mut self, pair: &Pair, ours: Pointee, theirs: Pointee) {
        let ((record, types), (scalar, other)) = match ours.sort {
            Sort::Record => ((ours, self.declared), (theirs, self.claimed)),
            _ => ((theirs, self.claimed), (ours, self.declared)),
        };
        let Some(bytes) = types.by_value_members(record.element) else {
            return self.about(pair, (Rule::NotKnown, Verdict::Unverified), None);
        };
        let (class, size) = match other.by_value(scalar.element) {
            Value::Scalar { class, size } => (class, size),
            Value::Complex { part, size } => (part, size / 2),
            _ => (ScalarClass::Unknown, 0),
        };
        let alike = |own: ScalarClass| own == class || (own.is_integral() && class.is_integral());
        let all = !bytes.is_empty()
            && bytes.iter().all(|&(own, own_size)| own_size == size && alike(own));
        let verdict = if all { Verdict::Differs } else { Verdict::Mismatch };
        self.about(pair, (Rule::PointeeScalar, verdict), None);
    }
}

impl Types {
    /// Whether a record's last member is a flexible array, so that its size is not that of the object.
    fn has_open_end(&self, record: TypeId) -> bool {
        let Kind::Record(record) = &self.resolved(record).kind else { return false };
        let last = record.members.last().map(|member| self.resolve(member.ty));
        last.is_some_and(|last| {
            matches!(self.get(last).kind, Kind::Array { .. })
                && self.size_of(last).unwrap_or(0) == 0
        })
    }

    /// Class and size in bytes of each scalar in a record; `None` where not all are known.
    fn by_value_members(&self, id: TypeId) -> Option<Vec<(ScalarClass, u64)>> {
        let Value::Record(bytes) = self.by_value(id) else { return None };
        let leaves = bytes.leaves.iter().map(|leaf| (leaf.class, leaf.size));
        bytes.complete.then(|| leaves.collect())
    }
}
