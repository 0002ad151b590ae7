//! Walks through the bits of both sides, from the first to the last.

use super::super::direction::Side;
use super::super::draft::Draft;
use super::super::segments::{Segment, SegmentForm};
use super::super::{Rule, Verdict};
use super::{one_sided, other_bits, same_bits, Overlaid, Overlay, ENOUGH};

/// How two lists of segments are compared.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Whether alternatives of a union are tried. Then nested records are compared at once, not later.
    pub(super) trial: bool,
    /// Whether a declared member that the claim does not have counts (row 39).
    pub(super) missing: bool,
    /// Whether one side is a union. Where one alternative has nothing, another one may have something.
    pub(super) union: bool,
    pub(super) depth: usize,
}

impl Manner {
    /// For the members of two structs.
    pub(super) const MEMBERS: Manner =
        Manner { trial: false, missing: true, union: false, depth: 0 };
}

/// Two lists of segments while they are compared.
pub(super) struct Laying<'o, 'w, 't> {
    pub(super) overlay: &'o mut Overlay<'w, 't>,
    pub(super) manner: Manner,
    pub(super) outcome: Overlaid<'t>,
    /// The remaining segments of the library, in reverse order.
    pub(super) ours: Vec<Segment<'t>>,
    /// The remaining segments of the caller, in reverse order.
    pub(super) theirs: Vec<Segment<'t>>,
}

impl<'o, 'w, 't> Laying<'o, 'w, 't> {
    /// Both lists must be ordered by their start.
    pub(super) fn new(
        overlay: &'o mut Overlay<'w, 't>,
        mut ours: Vec<Segment<'t>>,
        mut theirs: Vec<Segment<'t>>,
        manner: Manner,
    ) -> Laying<'o, 'w, 't> {
        ours.reverse();
        theirs.reverse();
        let outcome = Overlaid::new(overlay.ignored);
        Laying { overlay, manner, outcome, ours, theirs }
    }

    /// Compares the remaining segments.
    pub(super) fn finish(mut self) -> Overlaid<'t> {
        while self.outcome.mismatches < ENOUGH {
            if !self.overlay.spend(1) {
                self.outcome.cut = true;
                break;
            }
            match (self.ours.last().copied(), self.theirs.last().copied()) {
                (None, None) => break,
                (Some(d), None) => self.library_only(&d),
                (None, Some(c)) => self.caller_only(&c),
                (Some(d), Some(c)) if d.bits() == 0 || c.bits() == 0 => {
                    one_sided::not_known(&mut self, &d, &c);
                }
                (Some(d), Some(c)) if d.end <= c.start => self.library_only(&d),
                (Some(d), Some(c)) if c.end <= d.start => self.caller_only(&c),
                (Some(d), Some(c)) if d.start == c.start && d.end == c.end => {
                    same_bits::compare(&mut self, &d, &c);
                }
                (Some(d), Some(c)) => other_bits::compare(&mut self, &d, &c),
            }
        }
        self.outcome
    }

    fn library_only(&mut self, d: &Segment<'t>) {
        self.ours.pop();
        one_sided::library_only(self, d);
    }

    fn caller_only(&mut self, c: &Segment<'t>) {
        self.theirs.pop();
        one_sided::caller_only(self, c);
    }

    /// Adds a finding about two parts.
    pub(super) fn found(&mut self, rule: Rule, verdict: Verdict, d: &Segment<'t>, c: &Segment<'t>) {
        self.outcome.add(Draft::of_parts(rule, verdict, Some(d), Some(c)));
    }

    /// Removes both segments, which end at the same bit.
    pub(super) fn pass(&mut self) {
        self.ours.pop();
        self.theirs.pop();
    }

    /// Removes the segment that ends first, or both if they end at the same bit.
    pub(super) fn step(&mut self, d: &Segment<'t>, c: &Segment<'t>) {
        let end = d.end.min(c.end);
        for segment in [d, c] {
            let list = self.list(segment.side);
            list.pop();
            if segment.end > end {
                let array = matches!(segment.form, SegmentForm::Array { .. });
                // Only an array is shortened. Any other segment keeps its start, so that findings describe all of it.
                let start = if array { end } else { segment.start };
                let whole = segment.whole && !array;
                list.push(Segment { start, touched: true, whole, ..*segment });
            }
        }
    }

    /// Replaces the next segment of its side by its parts.
    pub(super) fn open(&mut self, segment: &Segment<'t>) {
        let mut parts = self.overlay.opened(segment);
        self.overlay.spend(parts.len());
        // If an array was touched, that was in elements that are gone already. Its first remaining element is
        // untouched.
        let row = matches!(segment.form, SegmentForm::Array { .. });
        let first = usize::from(row && !parts.is_empty());
        parts.iter_mut().skip(first).for_each(|part| part.touched = segment.touched);
        let list = self.list(segment.side);
        list.pop();
        list.extend(parts.into_iter().rev());
    }

    /// Splits the next segment of its side, an array, before the element that reaches past the bit `end`. If that is
    /// the first element, the array is opened.
    pub(super) fn split(&mut self, array: &Segment<'t>, end: u64) {
        let SegmentForm::Array { stride } = array.form else { return };
        let cut = end - (end - array.start) % stride;
        if cut == array.start {
            return self.open(array);
        }
        let list = self.list(array.side);
        list.pop();
        list.push(Segment { start: cut, whole: false, ..*array });
        list.push(Segment { end: cut, whole: false, ..*array });
    }

    /// The remaining segments of one side.
    pub(super) fn list(&mut self, side: Side) -> &mut Vec<Segment<'t>> {
        match side {
            Side::Library => &mut self.ours,
            Side::Caller => &mut self.theirs,
        }
    }
}
