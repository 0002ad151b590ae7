//! Declarators (C17 §6.7.6): `*name[3]`, `(*)(int)`.

use super::declarations::Parser;
use super::specifiers::{is_keyword, Qualifiers};
use super::tokens::Token;
use crate::check::FunctionForm;
use crate::ctype::{Kind, TypeId};
use crate::error::{ErrorKind, Result};

/// Whether a declarator has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// It may have one: a declaration, a parameter.
    Optional,
    /// The name of a type.
    Never,
}

/// A declarator without the type before it.
#[derive(Debug, Default)]
pub(super) struct Declarator<'t> {
    pub(super) name: Option<&'t str>,
    /// The offset of the name in the text, or of the declarator's end.
    pub(super) start: usize,
    /// The parts from the name outwards: of `*a[3]` first the array, then the pointer.
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Pointer(Qualifiers),
    Array(Option<u64>),
    Function(Vec<TypeId>, FunctionForm),
}

/// A bound on the pointers, arrays and functions of one declarator.
const PARTS: usize = 256;

impl<'t> Parser<'t, '_> {
    pub(super) fn declarator(&mut self, naming: Naming) -> Result<Declarator<'t>> {
        let mut declarator = Declarator::default();
        self.declarator_into(&mut declarator, naming)?;
        Ok(declarator)
    }

    fn declarator_into(&mut self, declarator: &mut Declarator<'t>, naming: Naming) -> Result<()> {
        self.enter()?;
        self.attributes_without_effect()?;
        let mut pointers = Vec::new();
        while self.accept("*")? {
            pointers.push(self.qualifiers()?);
            self.attributes_without_effect()?;
            self.is_within(pointers.len())?;
        }
        if self.is_nested(naming)? {
            self.expect("(")?;
            self.declarator_into(declarator, naming)?;
            self.expect(")")?;
        } else {
            declarator.start = self.tokens.start;
            if let (Token::Word(word), Naming::Optional) = (self.tokens.token, naming) {
                if !is_keyword(word) && word != "__asm__" && word != "asm" {
                    declarator.name = Some(word);
                    self.tokens.advance()?;
                }
            }
        }
        loop {
            let part = match self.tokens.token {
                Token::Mark("[") => Part::Array(self.length(declarator.parts.is_empty())?),
                Token::Mark("(") => self.parameters()?,
                _ => break,
            };
            declarator.parts.push(part);
            self.is_within(declarator.parts.len())?;
        }
        declarator.parts.extend(pointers.into_iter().rev().map(Part::Pointer));
        self.is_within(declarator.parts.len())?;
        self.leave();
        Ok(())
    }

    fn is_within(&self, parts: usize) -> Result<()> {
        if parts <= PARTS {
            return Ok(());
        }
        let message = format!("a declarator has at most {PARTS} pointers, arrays and functions");
        Err(self.tokens.error_of(ErrorKind::Limit, self.tokens.start, &message))
    }

    /// Whether the parenthesis encloses a declarator, not parameters.
    fn is_nested(&self, naming: Naming) -> Result<bool> {
        if self.tokens.token != Token::Mark("(") {
            return Ok(false);
        }
        let mut ahead = self.tokens;
        ahead.advance()?;
        Ok(match ahead.token {
            Token::Mark(mark) => matches!(mark, "*" | "(" | "["),
            Token::Word("__attribute__" | "__attribute") => true,
            Token::Word(word) => {
                naming == Naming::Optional && !is_keyword(word) && !self.is_typedef(word)
            }
            _ => false,
        })
    }

    /// Reads the length of an array. `None`: it has none, or it is the outermost length of a parameter, which has no
    /// meaning (C17 §6.7.6.3 ¶7), and is not constant.
    fn length(&mut self, is_outermost: bool) -> Result<Option<u64>> {
        self.expect("[")?;
        loop {
            self.qualifiers()?;
            if self.tokens.token != Token::Word("static") {
                break;
            }
            self.tokens.advance()?;
        }
        if self.accept("]")? {
            return Ok(None);
        }
        if self.tokens.token == Token::Mark("*") && self.is_ahead("]")? {
            self.tokens.advance()?;
            self.expect("]")?;
            return Ok(None);
        }
        let (opening, depth) = (self.tokens, self.depth);
        let length = self.count("the length of the array").and_then(|length| {
            self.expect("]")?;
            Ok(Some(length))
        });
        match length {
            Err(error) if error.kind() == ErrorKind::InvalidArgument && self.lists > 0 => {
                if !is_outermost {
                    return Err(error);
                }
                (self.tokens, self.depth) = (opening, depth);
                self.skip_length().map_err(|_| error)?;
                Ok(None)
            }
            length => length,
        }
    }

    /// Skips the rest of a length up to its bracket.
    fn skip_length(&mut self) -> Result<()> {
        let mut open = 1_usize;
        while open > 0 {
            match self.tokens.token {
                Token::Mark("[") => open += 1,
                Token::Mark("]") => open -= 1,
                Token::Mark(";" | "{" | "}") | Token::End => return Err(self.unexpected("']'")),
                _ => {}
            }
            self.tokens.advance()?;
        }
        Ok(())
    }

    /// Reads the parameters of a function.
    fn parameters(&mut self) -> Result<Part> {
        self.enter()?;
        self.lists += 1;
        self.expect("(")?;
        let (mut parameters, mut form) = (Vec::new(), FunctionForm::Prototyped);
        if self.tokens.token == Token::Mark(")") {
            form = FunctionForm::Unprototyped;
        } else {
            loop {
                if self.accept("...")? {
                    form = FunctionForm::Variadic;
                    break;
                }
                let start = self.tokens.start;
                let specifiers = self.specifiers()?;
                if specifiers.typedef {
                    return Err(self.tokens.error(start, "a parameter cannot be a typedef"));
                }
                let declarator = self.declarator(Naming::Optional)?;
                self.attributes_without_effect()?;
                let is_bare = declarator.name.is_none() && declarator.parts.is_empty();
                let ty = self.derived(specifiers.ty, &declarator)?;
                let is_void = matches!(self.claimed.types().resolved(ty).kind, Kind::Void);
                let is_last = self.tokens.token == Token::Mark(")");
                if is_void && is_bare && is_last && parameters.is_empty() {
                    break;
                }
                if is_void {
                    return Err(self.tokens.error(start, "a parameter cannot be void"));
                }
                parameters.push(ty);
                if !self.accept(",")? {
                    break;
                }
            }
        }
        self.expect(")")?;
        self.lists -= 1;
        self.leave();
        Ok(Part::Function(parameters, form))
    }

    /// The type that a declarator makes of the type before it.
    pub(super) fn derived(&mut self, ty: TypeId, declarator: &Declarator) -> Result<TypeId> {
        declarator.parts.iter().rev().try_fold(ty, |ty, part| {
            let made = match part {
                Part::Pointer(qualifiers) => {
                    let pointer = self.claimed.pointer(ty);
                    let pointer = self.placed(pointer)?;
                    return self.qualified(pointer, *qualifiers);
                }
                Part::Array(length) => self.claimed.array(ty, *length),
                Part::Function(parameters, form) => self.claimed.function(ty, parameters, *form),
            };
            made.map_err(|error| {
                self.tokens.error_of(error.kind(), declarator.start, &error.to_string())
            })
        })
    }

    /// Reads the name of a type (C17 §6.7.7).
    pub(super) fn type_name(&mut self) -> Result<TypeId> {
        self.enter()?;
        let start = self.tokens.start;
        let specifiers = self.specifiers()?;
        if specifiers.typedef {
            return Err(self.tokens.error(start, "a typedef cannot stand here"));
        }
        let declarator = self.declarator(Naming::Never)?;
        let attributes = self.attributes()?;
        let ty = self.attributed(specifiers.ty, attributes)?;
        let ty = self.derived(ty, &declarator)?;
        self.leave();
        Ok(ty)
    }
}
