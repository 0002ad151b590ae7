//! The way through the bits of both sides, from the first to the last.

use super::super::direction::Side;
use super::super::draft::Draft;
use super::super::segments::{Segment, SegmentForm};
use super::super::{Rule, Verdict};
use super::{one_sided, other_bits, same_bits, Overlaid, Overlay, ENOUGH};

/// How two lists of segments are laid over each other.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Alternatives of a union are tried: nested records are compared at once, not later.
    pub(super) trial: bool,
    /// A declared member without a claimed one counts (39).
    pub(super) missing: bool,
    /// A union is laid over: where one alternative has nothing, another one may have something.
    pub(super) union: bool,
    pub(super) depth: usize,
}

impl Manner {
    /// The members of two structs.
    pub(super) const MEMBERS: Manner =
        Manner { trial: false, missing: true, union: false, depth: 0 };
}

/// Two lists of segments while they are laid over each other.
pub(super) struct Laying<'o, 'w, 't> {
    pub(super) overlay: &'o mut Overlay<'w, 't>,
    pub(super) manner: Manner,
    pub(super) outcome: Overlaid<'t>,
    /// What is left of the library's, the first one last.
    pub(super) ours: Vec<Segment<'t>>,
    /// What is left of the caller's, the first one last.
    pub(super) theirs: Vec<Segment<'t>>,
}

impl<'o, 'w, 't> Laying<'o, 'w, 't> {
    /// Both lists are ordered by their start.
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

    /// Lays what is left over each other.
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

    /// A finding about two parts.
    pub(super) fn found(&mut self, rule: Rule, verdict: Verdict, d: &Segment<'t>, c: &Segment<'t>) {
        self.outcome.add(Draft::of_parts(rule, verdict, Some(d), Some(c)));
    }

    /// Goes on behind both, which end together.
    pub(super) fn pass(&mut self) {
        self.ours.pop();
        self.theirs.pop();
    }

    /// Goes on behind the one that ends first, or behind both.
    pub(super) fn step(&mut self, d: &Segment<'t>, c: &Segment<'t>) {
        let end = d.end.min(c.end);
        for segment in [d, c] {
            let list = self.list(segment.side);
            list.pop();
            if segment.end > end {
                let array = matches!(segment.form, SegmentForm::Array { .. });
                // Only an array goes on as one; anything else keeps its place, so that it is told whole.
                let start = if array { end } else { segment.start };
                let whole = segment.whole && !array;
                list.push(Segment { start, touched: true, whole, ..*segment });
            }
        }
    }

    /// Puts what the next segment of its side consists of in its place.
    pub(super) fn open(&mut self, segment: &Segment<'t>) {
        let mut parts = self.overlay.opened(segment);
        self.overlay.spend(parts.len());
        // Of a row of elements only those in front were touched.
        let row = matches!(segment.form, SegmentForm::Array { .. });
        let first = usize::from(row && !parts.is_empty());
        parts.iter_mut().skip(first).for_each(|part| part.touched = segment.touched);
        let list = self.list(segment.side);
        list.pop();
        list.extend(parts.into_iter().rev());
    }

    /// Puts two arrays in the place of the next one of its side, cut before the element that reaches past `end`. If that is the
    /// first element, the array is opened.
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

    /// What is left of one side.
    pub(super) fn list(&mut self, side: Side) -> &mut Vec<Segment<'t>> {
        match side {
            Side::Library => &mut self.ours,
            Side::Caller => &mut self.theirs,
        }
    }
}
