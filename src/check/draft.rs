//! A finding under construction.

use std::ops::Range;

use super::segments::Segment;
use super::{words, Finding, Position, Rule, Verdict};
use crate::ctype::{Function, Name, Types};

/// The number of findings of one verdict that are kept for one record.
pub(super) const ENOUGH: usize = 16;

/// A finding whose place is not known yet. [`Draft::finding`] makes it a [`Finding`].
#[derive(Clone, Debug)]
pub(super) struct Draft<'t> {
    pub(super) rule: Rule,
    pub(super) verdict: Verdict,
    /// The position in the function that is compared. [`Position::Call`] means all of what is compared.
    pub(super) position: Position,
    /// The bytes, if the finding is about a part only.
    pub(super) bytes: Option<Range<u64>>,
    pub(super) sides: Sides<'t>,
    /// The text after the sentence about the two sides, or the whole sentence if it is not about two sides.
    pub(super) note: Option<String>,
    pub(super) hint: Option<String>,
}

/// What the library and the caller have.
#[derive(Clone, Debug)]
pub(super) enum Sides<'t> {
    /// They are not described, or not yet.
    None,
    /// Parts of two types in memory.
    Parts(Parts<'t>),
    /// Both sides in words, and the whole sentence.
    Words { declared: String, claimed: String, text: String },
}

/// Parts of two types in memory. A side that has nothing there is `None`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'t> {
    pub(super) declared: Option<Segment<'t>>,
    pub(super) claimed: Option<Segment<'t>>,
}

impl<'t> Parts<'t> {
    /// The part that the finding's place is taken from: the caller's, or else the library's.
    pub(super) fn place(&self) -> Option<&Segment<'t>> {
        self.claimed.as_ref().or(self.declared.as_ref())
    }

    /// The bytes of that part, counted from the start of the outermost record.
    pub(super) fn bytes(&self) -> Option<Range<u64>> {
        self.place().map(|place| place.start / 8..place.end.div_ceil(8))
    }

    /// The library's part in words, the caller's part in words, and the sentence about them.
    pub(super) fn words(&self, declared: &Types, claimed: &Types) -> [String; 3] {
        let side = |types: &Types, part: Option<Segment<'t>>| match part {
            Some(part) => words::segment(types, &part),
            None => "nothing there".to_owned(),
        };
        let (ours, theirs) = (side(declared, self.declared), side(claimed, self.claimed));
        let sentence = format!("the library has {ours}, the caller {theirs}");
        [ours, theirs, sentence]
    }
}

impl<'t> Draft<'t> {
    pub(super) fn new(rule: Rule, verdict: Verdict) -> Draft<'t> {
        let (position, sides) = (Position::Call, Sides::None);
        Draft { rule, verdict, position, bytes: None, sides, note: None, hint: None }
    }

    pub(super) fn noted(rule: Rule, verdict: Verdict, note: impl Into<String>) -> Draft<'t> {
        Draft { note: Some(note.into()), ..Draft::new(rule, verdict) }
    }

    /// Makes a finding about a part of the library's type, of the caller's type, or of both.
    pub(super) fn of_parts(
        rule: Rule,
        verdict: Verdict,
        declared: Option<&Segment<'t>>,
        claimed: Option<&Segment<'t>>,
    ) -> Draft<'t> {
        let parts = Parts { declared: declared.copied(), claimed: claimed.copied() };
        Draft { sides: Sides::Parts(parts), ..Draft::new(rule, verdict) }
    }

    /// The two parts in memory, if the finding is about parts.
    pub(super) fn parts(&self) -> Option<&Parts<'t>> {
        match &self.sides {
            Sides::Parts(parts) => Some(parts),
            Sides::None | Sides::Words { .. } => None,
        }
    }

    /// The claimed part in memory.
    pub(super) fn claimed_part(&self) -> Option<&Segment<'t>> {
        self.parts().and_then(|parts| parts.claimed.as_ref())
    }

    /// Adds both sides in words and a sentence about them. The bytes and the note are appended to the sentence.
    pub(super) fn in_words(self, declared: &str, claimed: &str, sentence: &str) -> Draft<'t> {
        let mut text = sentence.to_owned();
        if let Some(bytes) = &self.bytes {
            text.push_str(&format!("; bytes {}..{}", bytes.start, bytes.end));
        }
        if let Some(note) = &self.note {
            text.push_str(if self.bytes.is_some() { ": " } else { "; " });
            text.push_str(note);
        }
        let (declared, claimed) = (declared.to_owned(), claimed.to_owned());
        Draft { sides: Sides::Words { declared, claimed, text }, ..self }
    }

    /// Makes the finding, with a sentence such as `sqlite3_open: argument 2 ('ppDb') → pointee: …`.
    pub(super) fn finding(
        self,
        symbol: &Name,
        function: Option<&Function>,
        position: Position,
        path: &str,
    ) -> Finding {
        let (declared, claimed, text) = match self.sides {
            Sides::Words { declared, claimed, text } => (declared, claimed, text),
            Sides::None | Sides::Parts(_) => Default::default(),
        };
        let text = if text.is_empty() { self.note.unwrap_or_default() } else { text };
        let mut sentence = symbol.to_string();
        match position {
            Position::Call | Position::Type | Position::Variable => {}
            Position::Result => sentence.push_str(": result"),
            Position::Argument(number) => {
                sentence.push_str(&format!(": argument {number}"));
                let parameter = function.and_then(|own| own.parameters.get(number - 1));
                if let Some(name) = parameter.and_then(|parameter| parameter.name.as_ref()) {
                    sentence.push_str(&format!(" ('{name}')"));
                }
            }
        }
        let apart = if path.starts_with(['.', '[']) || path.is_empty() { "" } else { " " };
        sentence.push_str(&format!("{apart}{path}: {text}"));
        Finding {
            rule: self.rule,
            verdict: self.verdict,
            at_call: false,
            position,
            path: Name::new(path),
            bytes: self.bytes,
            declared: Name::new(&declared),
            claimed: Name::new(&claimed),
            sentence: Name::new(&sentence),
            hint: self.hint.as_deref().map(Name::new),
            layout: None,
        }
    }
}
