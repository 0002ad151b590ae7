//! The declarations of a text, and what all parts of the parser use.

use super::attributes::Attributes;
use super::declarator::Naming;
use super::records::DOTS;
use super::same::same;
use super::scope::{Meaning, Scope, Undo};
use super::tokens::{Token, Tokens};
use crate::check::ClaimedTypes;
use crate::ctype::TypeId;
use crate::error::{Error, ErrorKind, Result};

/// A bound on nesting. Each level takes stack space of the calling thread.
const DEPTH: usize = 64;

/// A bound on the comparisons of types and names, for each byte of the text.
const COMPARISONS: usize = 64;

/// Reads a text.
pub(super) struct Parser<'t, 'c> {
    pub(super) tokens: Tokens<'t>,
    pub(super) claimed: &'c mut ClaimedTypes,
    pub(super) scope: &'c mut Scope,
    /// What the text changed in the scope.
    pub(super) undo: Vec<Undo>,
    /// The records that the text defined.
    pub(super) completed: Vec<TypeId>,
    /// How deep the parser is in declarators, records, parameters and expressions.
    pub(super) depth: usize,
    /// How many parameter lists enclose the token.
    pub(super) lists: usize,
    /// How many pairs of types, and members with names, may still be compared.
    pub(super) comparisons: usize,
}

/// See [`Scope::parse`].
pub(super) fn parse(scope: &mut Scope, claimed: &mut ClaimedTypes, text: &str) -> Result<TypeId> {
    let (mark, tokens) = (claimed.mark(), Tokens::new(text)?);
    let mut parser = Parser {
        tokens,
        claimed,
        scope,
        undo: Vec::new(),
        completed: Vec::new(),
        depth: 0,
        lists: 0,
        comparisons: COMPARISONS.saturating_mul(text.len().saturating_add(1024)),
    };
    let result = parser.text();
    if result.is_err() {
        let Parser { claimed, scope, undo, completed, .. } = parser;
        undo.into_iter().rev().for_each(|undo| scope.restore(undo));
        claimed.roll_back(mark, &completed);
    }
    result
}

impl<'t> Parser<'t, '_> {
    fn text(&mut self) -> Result<TypeId> {
        let mut last = None;
        while self.tokens.token != Token::End {
            if !self.accept(";")? && !self.static_assertion()? {
                last = Some(self.declaration()?);
            }
        }
        last.ok_or_else(|| self.error("the text declares nothing"))
    }

    /// Reads one declaration. Returns the type of its last declarator.
    fn declaration(&mut self) -> Result<TypeId> {
        let start = self.tokens.start;
        if self.tokens.token == Token::Mark("...") {
            return Err(self.error(DOTS));
        }
        let specifiers = self.specifiers()?;
        let is_end = matches!(self.tokens.token, Token::Mark(";") | Token::End);
        if is_end {
            if specifiers.typedef {
                return Err(self.unexpected("the name of the typedef"));
            }
            if specifiers.attributes != Attributes::default() {
                let message = "attributes of a record or enumeration stand after its '}'";
                return Err(self.tokens.error(start, message));
            }
            self.end_of_declaration()?;
            return Ok(specifiers.ty);
        }
        loop {
            let declarator = self.declarator(Naming::Optional)?;
            self.assembler_name()?;
            let own = self.attributes()?;
            let attributes = specifiers.attributes.and(own);
            let ty = self.attributed(specifiers.ty, own)?;
            let mut ty = self.derived(ty, &declarator)?;
            if attributes.packed {
                let message = "'packed' has a meaning after '}' of a record, or for a member";
                return Err(self.tokens.error(start, message));
            }
            match declarator.name {
                Some(name) if specifiers.typedef => {
                    let typedef = self.claimed.typedef(name.into(), ty, attributes.aligned);
                    ty = self.placed(typedef)?;
                    ty = self.declare(declarator.start, name, Meaning::Typedef(ty))?;
                }
                Some(name) => {
                    self.declare(declarator.start, name, Meaning::Symbol(ty))?;
                }
                // The name of a type ends the text.
                None if self.tokens.token == Token::End && !specifiers.typedef => {}
                None => return Err(self.unexpected("a name")),
            }
            if !self.accept(",")? {
                self.end_of_declaration()?;
                return Ok(ty);
            }
        }
    }

    fn end_of_declaration(&mut self) -> Result<()> {
        match self.tokens.token {
            Token::End => Ok(()),
            Token::Mark("=") => {
                let message = "values of variables are not read; constants belong in an 'enum'";
                Err(self.error(message))
            }
            Token::Mark("{") => Err(self.error("bodies of functions are not read; end it by ';'")),
            _ => self.expect(";"),
        }
    }

    /// Skips the name that a symbol has in assembly.
    fn assembler_name(&mut self) -> Result<()> {
        if matches!(self.tokens.token, Token::Word("__asm__" | "asm" | "__asm")) {
            self.tokens.advance()?;
            self.skip_parentheses()?;
        }
        Ok(())
    }

    /// Reads a static assertion, which must hold. Returns whether there was one.
    pub(super) fn static_assertion(&mut self) -> Result<bool> {
        if !matches!(self.tokens.token, Token::Word("_Static_assert" | "static_assert")) {
            return Ok(false);
        }
        let start = self.tokens.start;
        self.tokens.advance()?;
        self.expect("(")?;
        let holds = self.constant()?.value != 0;
        if self.accept(",")? {
            while let Token::Text(_) = self.tokens.token {
                self.tokens.advance()?;
            }
        }
        self.expect(")")?;
        self.expect(";")?;
        if holds {
            return Ok(true);
        }
        Err(self.tokens.error(start, "the static assertion does not hold"))
    }

    /// Gives a name a meaning. Returns the type that it has then: of a typedef that is repeated, the first one.
    pub(super) fn declare(&mut self, start: usize, name: &str, meaning: Meaning) -> Result<TypeId> {
        let before = self.scope.ordinary.get(name).copied();
        let id = match meaning {
            Meaning::Typedef(id) | Meaning::Symbol(id) => id,
            Meaning::Constant(_) => TypeId::VOID,
        };
        match (before, meaning) {
            (None, _) | (Some(Meaning::Symbol(_)), Meaning::Symbol(_)) => {}
            (Some(Meaning::Typedef(first)), Meaning::Typedef(id)) => {
                return match same(self.claimed.types(), first, id, &mut self.comparisons) {
                    Some(true) => Ok(first),
                    Some(false) => {
                        let message = format!("'{name}' is the name of another type already");
                        Err(self.tokens.error(start, &message))
                    }
                    None => {
                        let message = "the typedefs that are repeated are too large";
                        Err(self.tokens.error_of(ErrorKind::Limit, start, message))
                    }
                };
            }
            (Some(before), _) => {
                let what = match before {
                    Meaning::Typedef(_) => "a type",
                    Meaning::Constant(_) => "a constant",
                    Meaning::Symbol(_) => "a function or variable",
                };
                let message = format!("'{name}' is the name of {what} already");
                return Err(self.tokens.error(start, &message));
            }
        }
        self.scope.ordinary.insert(name.to_owned(), meaning);
        self.undo.push(Undo::Ordinary(name.to_owned(), before));
        Ok(id)
    }

    /// Goes one level deeper. [`leave`](Parser::leave) comes back; after an error nothing has to.
    pub(super) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth <= DEPTH {
            return Ok(());
        }
        let message = format!("the text nests more than {DEPTH} deep");
        Err(self.tokens.error_of(ErrorKind::Limit, self.tokens.start, &message))
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether the token after this one is that mark.
    pub(super) fn is_ahead(&self, mark: &str) -> Result<bool> {
        let mut ahead = self.tokens;
        ahead.advance()?;
        Ok(ahead.token == Token::Mark(mark))
    }

    /// Reads a mark, if it is there.
    pub(super) fn accept(&mut self, mark: &str) -> Result<bool> {
        let is_there = self.tokens.token == Token::Mark(mark);
        if is_there {
            self.tokens.advance()?;
        }
        Ok(is_there)
    }

    /// Reads a mark that must be there.
    pub(super) fn expect(&mut self, mark: &str) -> Result<()> {
        if self.accept(mark)? {
            return Ok(());
        }
        Err(self.unexpected(&format!("'{mark}'")))
    }

    /// The token is not what must stand there.
    pub(super) fn unexpected(&self, wanted: &str) -> Error {
        let text = match self.tokens.token {
            Token::Word(text) | Token::Number(text) | Token::Mark(text) => format!("'{text}'"),
            Token::Character(_) => "a character constant".to_owned(),
            Token::Text(_) => "a string".to_owned(),
            Token::End => "the end of the text".to_owned(),
        };
        self.error(&format!("{wanted} was expected, not {text}"))
    }

    /// An error at the token.
    pub(super) fn error(&self, message: &str) -> Error {
        self.tokens.error(self.tokens.start, message)
    }

    /// The same with the place of the token in an error of the claim.
    pub(super) fn placed<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| {
            self.tokens.error_of(error.kind(), self.tokens.start, &error.to_string())
        })
    }
}
