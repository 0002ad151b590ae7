//! What the names in C text mean.

use std::collections::BTreeMap;

use super::constants::Value;
use super::declarations::parse;
use crate::check::ClaimedTypes;
use crate::ctype::{Keyword, TypeId};
use crate::error::Result;

/// The names that C text has declared so far: tags, typedefs, enumeration constants, functions and variables. It
/// belongs to one [`ClaimedTypes`], which has the types. All names are in one scope, as at the top level of a file.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub(super) ordinary: BTreeMap<String, Meaning>,
    pub(super) tags: BTreeMap<String, (Keyword, TypeId)>,
    /// Base types and the typedefs of the system's headers, as far as they were used.
    pub(super) known: BTreeMap<String, TypeId>,
    /// The alignments in bytes of packed records that do not follow from their members' offsets.
    pub(super) alignments: BTreeMap<TypeId, u64>,
}

/// What an identifier means (C17 §6.2.3, "ordinary identifiers").
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    Typedef(TypeId),
    Constant(Value),
    /// A function or variable of that type.
    Symbol(TypeId),
}

/// An entry of a scope as it was before a text that fails.
#[derive(Debug)]
pub(super) enum Undo {
    Ordinary(String, Option<Meaning>),
    Tag(String),
    Known(String),
    Alignment(TypeId),
}

impl Scope {
    /// A scope that has only the types that every text may use, see [the module](super).
    pub fn new() -> Scope {
        Scope::default()
    }

    /// Reads declarations in C, adds their types to `claimed`, and returns the type of the last one: of a function or
    /// variable its type, otherwise the type that is defined. The last one may also be a type without a name, such
    /// as `int (*)(void *)`, and it needs no semicolon. Names of parameters are not kept.
    ///
    /// All calls must use the same `claimed`. Takes time in proportion to the text.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument): the text has no declaration, or one that is not
    /// understood; the message gives the line and the column, both counted from 1.
    /// [`Limit`](crate::ErrorKind::Limit): declarators, records, parameters or expressions nest more than 64 deep, or
    /// the claim would exceed its bounds. After an error, `claimed` and the scope are as they were.
    pub fn parse(&mut self, claimed: &mut ClaimedTypes, text: &str) -> Result<TypeId> {
        parse(self, claimed, text)
    }

    /// The type of a function or variable that a text declared, by its last declaration.
    pub fn symbol(&self, name: &str) -> Option<TypeId> {
        match self.ordinary.get(name) {
            Some(Meaning::Symbol(id)) => Some(*id),
            _ => None,
        }
    }

    pub(super) fn restore(&mut self, undo: Undo) {
        match undo {
            Undo::Ordinary(name, Some(meaning)) => {
                self.ordinary.insert(name, meaning);
            }
            Undo::Ordinary(name, None) => {
                self.ordinary.remove(&name);
            }
            Undo::Tag(name) => {
                self.tags.remove(&name);
            }
            Undo::Known(name) => {
                self.known.remove(&name);
            }
            Undo::Alignment(id) => {
                self.alignments.remove(&id);
            }
        }
    }
}
