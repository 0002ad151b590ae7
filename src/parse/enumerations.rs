//! Enumerations.

use super::attributes::Attributes;
use super::constants::Value;
use super::declarations::Parser;
use super::records::DOTS;
use super::scope::Meaning;
use super::tokens::Token;
use crate::abi;
use crate::ctype::{Enumerator, Keyword, Target, TypeId};
use crate::error::Result;

impl Parser<'_, '_> {
    /// Reads an enumeration from its keyword on.
    pub(super) fn enumeration(&mut self) -> Result<TypeId> {
        self.enter()?;
        self.tokens.advance()?;
        let before = self.attributes()?;
        let start = self.tokens.start;
        let tag = self.tag()?;
        let fixed = self.fixed_type()?;
        if self.tokens.token != Token::Mark("{") {
            let Some(tag) = tag else { return Err(self.unexpected("a tag or '{'")) };
            self.leave();
            return self
                .known_tag(start, tag, Keyword::Enum)?
                .ok_or_else(|| self.tokens.error(start, &format!("'enum {tag}' is not defined")));
        }
        if let Some(tag) = tag {
            if self.known_tag(start, tag, Keyword::Enum)?.is_some() {
                let message = format!("'enum {tag}' is defined already");
                return Err(self.tokens.error(start, &message));
            }
        }
        let enumerators = self.enumerators()?;
        let end = self.tokens.end_of_last;
        let attributes = before.and(self.attributes()?);
        if attributes.vector.is_some() || attributes.aligned.is_some() {
            return Err(self.tokens.error(end, "only 'packed' has a meaning for an enumeration"));
        }
        let underlying = match fixed {
            Some(fixed) => fixed,
            None => {
                let name = underlying(&enumerators, attributes);
                self.base(end, name)?
            }
        };
        let constants: Vec<(String, Value)> = enumerators
            .iter()
            .map(|Enumerator { name, value }| (name.to_string(), Value::of(*value)))
            .collect();
        let id = self.claimed.enumeration(tag.map(Into::into), underlying, enumerators);
        let id = id.map_err(|error| self.tokens.error_of(error.kind(), end, &error.to_string()))?;
        // A constant that does not fit `int` has the type of the enumeration (gcc's manual, "Structures unions
        // enumerations and bit-fields implementation").
        let bits = abi::size_of(self.claimed.types(), underlying).map_or(32, |size| 8 * size);
        for (name, value) in constants {
            self.scope.ordinary.insert(name, Meaning::Constant(value.widened(bits)));
        }
        if let Some(tag) = tag {
            self.define_tag(tag, Keyword::Enum, id);
        }
        self.leave();
        Ok(id)
    }

    /// Reads the underlying type of C23 and clang: `enum e : unsigned char`.
    fn fixed_type(&mut self) -> Result<Option<TypeId>> {
        if self.tokens.token != Token::Mark(":") {
            return Ok(None);
        }
        let mut ahead = self.tokens;
        ahead.advance()?;
        let colon = std::mem::replace(&mut self.tokens, ahead);
        if !self.is_type_start() {
            // It is a bit-field without a name.
            self.tokens = colon;
            return Ok(None);
        }
        Ok(Some(self.specifiers()?.ty))
    }

    /// Reads the constants and declares them.
    fn enumerators(&mut self) -> Result<Vec<Enumerator>> {
        let mut enumerators = Vec::new();
        let mut next = 0_i128;
        self.expect("{")?;
        loop {
            let start = self.tokens.start;
            let name = match self.tokens.token {
                Token::Word(word) => word,
                Token::Mark("...") => return Err(self.error(DOTS)),
                _ => return Err(self.unexpected("the name of a constant")),
            };
            self.tokens.advance()?;
            self.attributes_without_effect()?;
            let value = if self.accept("=")? { self.constant()?.value } else { next };
            if i64::try_from(value).is_err() && u64::try_from(value).is_err() {
                return Err(self.tokens.error(start, "the value does not fit 64 bits"));
            }
            next = value + 1;
            self.declare(start, name, Meaning::Constant(Value::of(value)))?;
            enumerators.push(Enumerator { name: name.into(), value });
            let is_more = self.accept(",")?;
            if self.accept("}")? {
                return Ok(enumerators);
            }
            if !is_more {
                return Err(self.unexpected("',' or '}'"));
            }
        }
    }
}

/// The type that gcc and clang choose: `unsigned int` if no value is negative, else `int`; a larger type if the values
/// need one, and the smallest one for a packed enumeration.
fn underlying(enumerators: &[Enumerator], attributes: Attributes) -> &'static str {
    let fits = |low: i128, high: i128| {
        enumerators.iter().all(|Enumerator { value, .. }| (low..=high).contains(value))
    };
    let is_negative = !fits(0, i128::MAX);
    let bits = [8_u32, 16, 32].into_iter().find(|bits| {
        let wide = *bits == 32 || attributes.packed;
        wide && if is_negative {
            fits(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        } else {
            fits(0, (1 << bits) - 1)
        }
    });
    let is_long_64 = Target::HOST.pointer_size == 8;
    match (bits, is_negative) {
        (Some(8), true) => "signed char",
        (Some(8), false) => "unsigned char",
        (Some(16), true) => "short",
        (Some(16), false) => "unsigned short",
        (Some(_), true) => "int",
        (Some(_), false) => "unsigned int",
        (None, true) if is_long_64 => "long",
        (None, false) if is_long_64 => "unsigned long",
        (None, true) => "long long",
        (None, false) => "unsigned long long",
    }
}
