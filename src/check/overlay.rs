//! Two types laid over each other in memory: each claimed member against what the library has at its bits.

use super::path::{Path, Paths};
use super::segments::{members, opened, typed, Base, Segment, SegmentForm};
use super::{Rule, RuleSet, Verdict};
use crate::ctype::{Kind, RecordClass, ScalarClass, TypeId, Types};

mod alternatives;
mod leaf;
mod places;

/// So many findings of one verdict say enough of one record.
const ENOUGH: usize = 16;
/// Unions inside unions deeper than this are no compiler's output.
const DEPTH: usize = 32;

/// A difference between two segments, or of one with nothing.
#[derive(Clone, Debug)]
pub(super) struct Unlike<'t> {
    pub(super) rule: Rule,
    pub(super) verdict: Verdict,
    pub(super) declared: Option<Segment<'t>>,
    pub(super) claimed: Option<Segment<'t>>,
    pub(super) note: Option<String>,
}

/// What laying over brought to light.
#[derive(Default)]
pub(super) struct Overlaid<'t> {
    pub(super) unlike: Vec<Unlike<'t>>,
    /// Pairs of pointers, of which the pointees are to be compared.
    pub(super) pointers: Vec<(Segment<'t>, Segment<'t>)>,
    /// Pairs of records at one place and of one size, whose members are to be compared.
    pub(super) records: Vec<(Segment<'t>, Segment<'t>)>,
    /// Pairs of enumerations.
    pub(super) enumerations: Vec<(Segment<'t>, Segment<'t>)>,
    /// The bound on work was reached.
    pub(super) cut: bool,
    /// Rules of which nothing is kept.
    ignored: RuleSet,
    mismatches: usize,
}

impl<'t> Overlaid<'t> {
    pub(super) fn new(ignored: RuleSet) -> Overlaid<'t> {
        Overlaid { ignored, ..Overlaid::default() }
    }

    fn add(&mut self, unlike: Unlike<'t>) {
        let same = self.unlike.iter().filter(|own| own.verdict == unlike.verdict);
        if !self.ignored.contains(unlike.rule) && same.count() < ENOUGH {
            self.mismatches += usize::from(unlike.verdict == Verdict::Mismatch);
            self.unlike.push(unlike);
        }
    }

    fn append(&mut self, other: Overlaid<'t>) {
        self.cut |= other.cut;
        other.unlike.into_iter().for_each(|unlike| self.add(unlike));
        self.pointers.extend(other.pointers);
        self.records.extend(other.records);
        self.enumerations.extend(other.enumerations);
    }

    fn gravest(&self) -> Verdict {
        self.unlike.iter().map(|unlike| unlike.verdict).max().unwrap_or(Verdict::Match)
    }
}

/// How two lists of segments are laid over each other.
#[derive(Clone, Copy)]
struct Manner {
    /// Alternatives of a union are tried: nested records are compared at once, not later.
    trial: bool,
    /// A declared member without a claimed one counts.
    missing: bool,
    /// A union is laid over: where one alternative has nothing, another one may have something.
    union: bool,
    depth: usize,
}

pub(super) struct Overlay<'w, 't> {
    pub(super) declared: &'t Types,
    pub(super) claimed: &'t Types,
    pub(super) paths: &'w mut Paths<'t>,
    /// Steps that may still be taken.
    pub(super) left: &'w mut usize,
    /// The sizes of both in bits.
    pub(super) declared_bits: u64,
    pub(super) claimed_bits: u64,
    pub(super) ignored: RuleSet,
}

impl<'t> Overlay<'_, 't> {
    /// Two records, both laid out from the bit `start` of the outermost one.
    pub(super) fn records(
        &mut self,
        declared: TypeId,
        claimed: TypeId,
        path: Path,
        start: u64,
    ) -> Overlaid<'t> {
        let mut manner = Manner { trial: false, missing: true, union: false, depth: 0 };
        let ours = Base { start, path, outermost: true, declared: true };
        let theirs = Base { declared: false, ..ours };
        let union = |types: &Types, id| matches!(&types.resolved(id).kind, Kind::Record(r) if r.class == RecordClass::Union);
        let unions = union(self.declared, declared) && union(self.claimed, claimed);
        if union(self.declared, declared) || union(self.claimed, claimed) {
            let whole = |types, ty, base| {
                typed(types, Segment::unplaced(ty, base), false).into_iter().collect()
            };
            manner.union = true;
            let ours: Vec<Segment<'t>> = whole(self.declared, declared, ours);
            let theirs: Vec<Segment<'t>> = whole(self.claimed, claimed, theirs);
            // Alternatives are each other's by name whatever the two sizes are.
            if let ([d], [c], true) = (&ours[..], &theirs[..], unions) {
                let mut outcome = Overlaid::new(self.ignored);
                self.alternatives(d, c, manner, &mut outcome);
                return outcome;
            }
            return self.lay(ours, theirs, manner);
        }
        let ours = members(self.declared, declared, ours, self.paths);
        let theirs = members(self.claimed, claimed, theirs, self.paths);
        self.spend(ours.len() + theirs.len());
        let misplaced = self.misplaced((declared, &ours), (claimed, &theirs), start);
        let mut outcome = self.lay(ours, theirs, manner);
        outcome.add_misplaced(misplaced);
        outcome
    }

    fn spend(&mut self, steps: usize) -> bool {
        *self.left = self.left.saturating_sub(steps);
        *self.left > 0
    }

    /// Both lists are ordered by their start.
    fn lay(
        &mut self,
        mut ours: Vec<Segment<'t>>,
        mut theirs: Vec<Segment<'t>>,
        manner: Manner,
    ) -> Overlaid<'t> {
        let mut outcome = Overlaid::new(self.ignored);
        ours.reverse();
        theirs.reverse();
        while outcome.mismatches < ENOUGH {
            if !self.spend(1) {
                outcome.cut = true;
                break;
            }
            let (d, c) = match (ours.last().copied(), theirs.last().copied()) {
                (None, None) => break,
                (Some(d), None) => {
                    ours.pop();
                    self.uncovered(&d, manner, &mut outcome);
                    continue;
                }
                (None, Some(c)) => {
                    theirs.pop();
                    self.unfounded(&c, manner, &mut outcome);
                    continue;
                }
                (Some(d), Some(c)) => (d, c),
            };
            if c.bits() == 0 && d.bits() == 0 && d.start == c.start {
                ours.pop();
                theirs.pop();
                unlike(&mut outcome, Rule::NotKnown, Verdict::Unverified, Some(d), Some(c), None);
            } else if c.bits() == 0 {
                // Nothing is said of what is there.
                theirs.pop();
                unlike(&mut outcome, Rule::NotKnown, Verdict::Unverified, None, Some(c), None);
                if let Some(d) = ours.last_mut().filter(|d| d.start == c.start) {
                    d.touched = true;
                }
            } else if d.bits() == 0 {
                ours.pop();
                unlike(&mut outcome, Rule::NotKnown, Verdict::Unverified, Some(d), None, None);
            } else if d.end <= c.start {
                ours.pop();
                self.uncovered(&d, manner, &mut outcome);
            } else if c.end <= d.start {
                theirs.pop();
                self.unfounded(&c, manner, &mut outcome);
            } else if d.start == c.start && d.end == c.end {
                self.same_bits((d, &mut ours), (c, &mut theirs), manner, &mut outcome);
            } else {
                self.other_bits((d, &mut ours), (c, &mut theirs), manner, &mut outcome);
            }
        }
        outcome
    }

    /// A declared segment that the claim has nothing for.
    fn uncovered(&self, d: &Segment<'t>, manner: Manner, outcome: &mut Overlaid<'t>) {
        // What is left of an array was touched by nothing.
        let touched = d.touched && !matches!(d.form, SegmentForm::Array { .. });
        if touched || d.is_open() || !manner.missing || d.start >= self.claimed_bits {
            return;
        }
        unlike(outcome, Rule::MissingMember, Verdict::Differs, Some(*d), None, None);
    }

    /// A claimed segment where the library has nothing.
    fn unfounded(&self, c: &Segment<'t>, manner: Manner, outcome: &mut Overlaid<'t>) {
        // A bit-field without a name is padding.
        let padding = matches!(c.form, SegmentForm::Bits(_)) && c.name.is_none();
        let touched = c.touched && !matches!(c.form, SegmentForm::Array { .. });
        // What lies behind the library's is told by the sizes.
        if touched || c.is_open() || padding || c.start >= self.declared_bits {
            return;
        }
        let note = match manner.union {
            true => "the library's alternative has nothing there",
            false => "the library has padding there",
        };
        let byte = c.form == SegmentForm::Scalar && self.claimed.is_byte(c.ty);
        if byte || self.claimed.is_byte_array(c) {
            let told = |own: &Unlike<'t>| {
                own.rule == Rule::PointeeBytes && own.claimed.is_some_and(|own| own.path == c.path)
            };
            if !outcome.unlike.iter().any(told) {
                let (rule, note) = (Rule::PointeeBytes, Some(note.to_owned()));
                unlike(outcome, rule, Verdict::Differs, None, Some(*c), note);
            }
            return;
        }
        let (rule, verdict) = (Rule::PointeeMember, Verdict::Mismatch);
        unlike(outcome, rule, verdict, None, Some(*c), Some(note.to_owned()));
    }

    /// Two segments of the same bits.
    fn same_bits(
        &mut self,
        (d, ours): (Segment<'t>, &mut Vec<Segment<'t>>),
        (c, theirs): (Segment<'t>, &mut Vec<Segment<'t>>),
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        match (d.form, c.form) {
            (SegmentForm::Union, SegmentForm::Union) => {
                if self.names(&d, &c, outcome) {
                    self.alternatives(&d, &c, manner, outcome);
                }
            }
            (SegmentForm::Union, SegmentForm::Struct) if self.is_wrapper(&c) => {
                return self.open(&c, theirs)
            }
            (SegmentForm::Struct, SegmentForm::Union) if self.is_wrapper(&d) => {
                return self.open(&d, ours)
            }
            (SegmentForm::Union, _) if c.form != SegmentForm::Unknown => {
                return self.declared_union(d, ours, theirs, manner, outcome);
            }
            (_, SegmentForm::Union) if d.form != SegmentForm::Unknown => {
                return self.claimed_union(c, ours, theirs, manner, outcome);
            }
            (SegmentForm::Struct, SegmentForm::Struct) => match self.names(&d, &c, outcome) {
                true if manner.trial => {
                    self.nested(&d, &c, outcome);
                    self.open(&d, ours);
                    self.open(&c, theirs);
                    return;
                }
                true => outcome.records.push((d, c)),
                false => {}
            },
            (SegmentForm::Array { stride }, SegmentForm::Array { stride: other })
                if stride == other =>
            {
                if self.names(&d, &c, outcome) {
                    self.elements(&d, &c, outcome);
                }
            }
            _ if self.byte_view(&d, &c) => self.bytes(&d, &c, outcome),
            (SegmentForm::Unknown, _) | (_, SegmentForm::Unknown) => self.leaf(&d, &c, outcome),
            (_, SegmentForm::Struct) => return self.open(&c, theirs),
            (SegmentForm::Struct, _) => return self.open(&d, ours),
            (SegmentForm::Array { .. }, SegmentForm::Array { .. }) => {
                return match (self.declared.is_record_array(&d), self.claimed.is_record_array(&c)) {
                    (true, _) => self.open(&d, ours),
                    (false, true) => self.open(&c, theirs),
                    (false, false) => self.conflict((d, ours), (c, theirs), outcome),
                };
            }
            (SegmentForm::Array { .. }, _) => return self.open(&d, ours),
            (_, SegmentForm::Array { .. }) => return self.open(&c, theirs),
            _ => {
                if self.names(&d, &c, outcome) {
                    self.leaf(&d, &c, outcome);
                }
            }
        }
        ours.pop();
        theirs.pop();
    }

    /// Two segments that share some bits, but not all.
    fn other_bits(
        &mut self,
        (d, ours): (Segment<'t>, &mut Vec<Segment<'t>>),
        (c, theirs): (Segment<'t>, &mut Vec<Segment<'t>>),
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        if side_by_side(&d, &c) {
            return self.shared_elements((d, ours), (c, theirs), manner, outcome);
        }
        let (our_bytes, their_bytes) =
            (self.declared.is_byte_array(&d), self.claimed.is_byte_array(&c));
        let within = d.start <= c.start && c.end <= d.end;
        if d.form == SegmentForm::Unknown || c.form == SegmentForm::Unknown {
            return self.conflict((d, ours), (c, theirs), outcome);
        }
        if their_bytes != our_bytes && (their_bytes || within) {
            // An array is cut between two elements only.
            if cuts_an_element(&d, c.end) {
                return self.split(&d, c.end, ours);
            }
            if cuts_an_element(&c, d.end) {
                return self.split(&c, d.end, theirs);
            }
            if !(their_bytes && c.touched) {
                let rule = Rule::PointeeBytes;
                unlike(outcome, rule, Verdict::Differs, Some(d), Some(c), None);
            }
            return step((d, ours), (c, theirs));
        }
        if (d.form, c.form, d.start) == (SegmentForm::Struct, SegmentForm::Struct, c.start) {
            if !self.names(&d, &c, outcome) {
                return step((d, ours), (c, theirs));
            }
            self.nested(&d, &c, outcome);
            self.open(&d, ours);
            return self.open(&c, theirs);
        }
        let (larger_ours, aggregate) = (d.bits() > c.bits(), (d.is_aggregate(), c.is_aggregate()));
        match aggregate {
            (true, false) => self.open_declared(d, ours, theirs, manner, outcome),
            (false, true) => self.open_claimed(c, ours, theirs, manner, outcome),
            (true, true) if larger_ours => self.open_declared(d, ours, theirs, manner, outcome),
            (true, true) => self.open_claimed(c, ours, theirs, manner, outcome),
            (false, false) => self.conflict((d, ours), (c, theirs), outcome),
        }
    }

    /// A struct around one member of its own size.
    fn is_wrapper(&mut self, segment: &Segment<'t>) -> bool {
        let types = if segment.declared { self.declared } else { self.claimed };
        let parts = opened(types, segment, self.paths);
        self.spend(parts.len());
        matches!(parts[..], [part] if part.start == segment.start && part.end == segment.end)
    }

    /// Two nested structs at one place, which are opened and laid over each other.
    fn nested(&mut self, d: &Segment<'t>, c: &Segment<'t>, outcome: &mut Overlaid<'t>) {
        let ours = opened(self.declared, d, self.paths);
        let theirs = opened(self.claimed, c, self.paths);
        outcome.add_misplaced(self.misplaced((d.ty, &ours), (c.ty, &theirs), d.start));
    }

    fn open_declared(
        &mut self,
        d: Segment<'t>,
        ours: &mut Vec<Segment<'t>>,
        theirs: &mut Vec<Segment<'t>>,
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        match d.form {
            SegmentForm::Union => self.declared_union(d, ours, theirs, manner, outcome),
            _ => self.open(&d, ours),
        }
    }

    fn open_claimed(
        &mut self,
        c: Segment<'t>,
        ours: &mut Vec<Segment<'t>>,
        theirs: &mut Vec<Segment<'t>>,
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        match c.form {
            SegmentForm::Union => self.claimed_union(c, ours, theirs, manner, outcome),
            _ => self.open(&c, theirs),
        }
    }

    /// Puts what the last of the list consists of in its place.
    fn open(&mut self, segment: &Segment<'t>, list: &mut Vec<Segment<'t>>) {
        list.pop();
        let types = if segment.declared { self.declared } else { self.claimed };
        let mut parts = opened(types, segment, self.paths);
        self.spend(parts.len());
        // Of a row of elements only those in front were touched.
        let row = matches!(segment.form, SegmentForm::Array { .. });
        let first = usize::from(row && !parts.is_empty());
        parts.iter_mut().skip(first).for_each(|part| part.touched = segment.touched);
        list.extend(parts.into_iter().rev());
    }

    /// Puts two arrays in the place of the last of the list, cut before the element that reaches past `end`; where that is the
    /// first one, it is opened.
    fn split(&mut self, array: &Segment<'t>, end: u64, list: &mut Vec<Segment<'t>>) {
        let SegmentForm::Array { stride } = array.form else { return };
        let cut = end - (end - array.start) % stride;
        if cut == array.start {
            return self.open(array, list);
        }
        list.pop();
        list.push(Segment { start: cut, whole: false, ..*array });
        list.push(Segment { end: cut, whole: false, ..*array });
    }

    /// Compares one of the elements that both have, and goes on behind those.
    fn shared_elements(
        &mut self,
        (d, ours): (Segment<'t>, &mut Vec<Segment<'t>>),
        (c, theirs): (Segment<'t>, &mut Vec<Segment<'t>>),
        manner: Manner,
        outcome: &mut Overlaid<'t>,
    ) {
        if d.start < c.start {
            self.uncovered(&Segment { end: c.start, whole: false, ..d }, manner, outcome);
        }
        let row = matches!(c.form, SegmentForm::Array { .. });
        if c.start < d.start && (row || !c.touched) {
            let note = Some("the library has nothing at its beginning".to_owned());
            let (rule, verdict) = (Rule::PointeeMember, Verdict::Mismatch);
            unlike(outcome, rule, verdict, Some(d), Some(c), note);
        }
        let part = |segment: &Segment<'t>| Segment { whole: false, ..*segment };
        if !(d.touched && c.touched) {
            self.elements(&part(&d), &part(&c), outcome);
        }
        step((d, ours), (c, theirs));
    }

    /// Two scalars of other bits.
    fn conflict(
        &mut self,
        (d, ours): (Segment<'t>, &mut Vec<Segment<'t>>),
        (c, theirs): (Segment<'t>, &mut Vec<Segment<'t>>),
        outcome: &mut Overlaid<'t>,
    ) {
        // What begins before was reported there.
        let reported = c.touched && c.start < d.start;
        let (rule, verdict) = match (d.form, c.form) {
            (SegmentForm::Unknown, _) | (_, SegmentForm::Unknown) => {
                (Rule::NotKnown, Verdict::Unverified)
            }
            // A whole storage unit.
            (SegmentForm::Bits(_), SegmentForm::Scalar)
                if self.is_integer(&c) && c.start <= d.start && d.end <= c.end =>
            {
                (Rule::PointeeBitField, Verdict::Differs)
            }
            (SegmentForm::Bits(_), _) | (_, SegmentForm::Bits(_)) => {
                (Rule::PointeeBitField, Verdict::Mismatch)
            }
            _ => (Rule::PointeeMember, Verdict::Mismatch),
        };
        if !reported {
            unlike(outcome, rule, verdict, Some(d), Some(c), None);
        }
        step((d, ours), (c, theirs));
    }

    fn is_integer(&self, c: &Segment<'t>) -> bool {
        let class = self.claimed.scalar_class(self.claimed.resolve(c.ty));
        class.is_integral() && class != ScalarClass::Pointer
    }
}

/// Whether the bit `end` lies inside an element of an array of more than bytes.
fn cuts_an_element(segment: &Segment<'_>, end: u64) -> bool {
    matches!(segment.form, SegmentForm::Array { stride }
        if segment.start < end && end < segment.end && !(end - segment.start).is_multiple_of(stride))
}

/// Goes on behind the one that ends first, or behind both.
fn step<'t>(
    (d, ours): (Segment<'t>, &mut Vec<Segment<'t>>),
    (c, theirs): (Segment<'t>, &mut Vec<Segment<'t>>),
) {
    let end = d.end.min(c.end);
    for (segment, list) in [(d, ours), (c, theirs)] {
        list.pop();
        if segment.end > end {
            let array = matches!(segment.form, SegmentForm::Array { .. });
            // Only an array goes on as one; anything else keeps its place, so that it is told whole.
            let start = if array { end } else { segment.start };
            list.push(Segment { start, touched: true, whole: segment.whole && !array, ..segment });
        }
    }
}

fn unlike<'t>(
    outcome: &mut Overlaid<'t>,
    rule: Rule,
    verdict: Verdict,
    declared: Option<Segment<'t>>,
    claimed: Option<Segment<'t>>,
    note: Option<String>,
) {
    outcome.add(Unlike { rule, verdict, declared, claimed, note });
}

/// Whether both are rows of elements of one size, the boundaries of the one those of the other.
fn side_by_side(d: &Segment<'_>, c: &Segment<'_>) -> bool {
    let stride = |segment: &Segment<'_>| match segment.form {
        SegmentForm::Array { stride } => Some(stride),
        SegmentForm::Scalar | SegmentForm::Struct | SegmentForm::Union => Some(segment.bits()),
        SegmentForm::Bits(_) | SegmentForm::Unknown => None,
    };
    let rows =
        matches!(d.form, SegmentForm::Array { .. }) || matches!(c.form, SegmentForm::Array { .. });
    match (stride(d), stride(c)) {
        (Some(ours), Some(theirs)) => {
            rows && ours == theirs && d.start.abs_diff(c.start).is_multiple_of(ours)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
