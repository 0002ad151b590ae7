//! Declaration specifiers (C17 §6.7): `static const unsigned long`, `typedef struct s { … }`.

use super::attributes::Attributes;
use super::declarations::Parser;
use super::names::{predefined, va_list};
use super::scope::{Meaning, Undo};
use super::tokens::{Token, Tokens};
use crate::ctype::{Keyword, Qualifier, RecordClass, TypeId};
use crate::error::Result;

/// What stands before a declarator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Specifiers {
    pub(super) ty: TypeId,
    pub(super) typedef: bool,
    pub(super) attributes: Attributes,
    /// A struct or union that is defined here without a tag. In a record it may be an anonymous member.
    pub(super) untagged: bool,
    /// A struct, union or enumeration that is named or defined here.
    pub(super) tagged: bool,
}

/// A set of qualifiers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Qualifiers([bool; 4]);

const QUALIFIERS: [Qualifier; 4] =
    [Qualifier::Atomic, Qualifier::Restrict, Qualifier::Volatile, Qualifier::Const];

impl Qualifiers {
    fn add(&mut self, qualifier: Qualifier) {
        for (has, own) in self.0.iter_mut().zip(QUALIFIERS) {
            *has |= own == qualifier;
        }
    }

    fn each(self) -> impl Iterator<Item = Qualifier> {
        self.0.into_iter().zip(QUALIFIERS).filter_map(|(has, own)| has.then_some(own))
    }
}

fn qualifier(word: &str) -> Option<Qualifier> {
    Some(match word {
        "const" | "__const" | "__const__" => Qualifier::Const,
        "volatile" | "__volatile" | "__volatile__" => Qualifier::Volatile,
        "restrict" | "__restrict" | "__restrict__" => Qualifier::Restrict,
        "_Atomic" => Qualifier::Atomic,
        _ => return None,
    })
}

/// Words that say nothing of a type.
fn is_storage(word: &str) -> bool {
    matches!(
        word,
        "extern"
            | "static"
            | "register"
            | "inline"
            | "__inline"
            | "__inline__"
            | "_Noreturn"
            | "_Thread_local"
            | "__thread"
            | "__extension__"
    )
}

/// The word of a base type's name as `spell` knows it.
fn base_word(word: &str) -> Option<&str> {
    match word {
        "__signed" | "__signed__" => Some("signed"),
        "char" | "short" | "int" | "long" | "float" | "double" | "signed" | "unsigned"
        | "_Bool" | "_Complex" | "__complex__" | "__int128" | "_Float16" | "_Float32"
        | "_Float64" | "_Float128" | "_Float32x" | "_Float64x" | "__float128" | "__float80"
        | "_Decimal32" | "_Decimal64" | "_Decimal128" => Some(word),
        _ => None,
    }
}

pub(super) fn is_keyword(word: &str) -> bool {
    is_storage(word)
        || base_word(word).is_some()
        || qualifier(word).is_some()
        || matches!(
            word,
            "void"
                | "struct"
                | "union"
                | "enum"
                | "typedef"
                | "sizeof"
                | "typeof"
                | "__typeof__"
                | "__attribute__"
                | "__attribute"
                | "_Alignas"
                | "_Static_assert"
        )
}

impl<'t> Parser<'t, '_> {
    /// Whether the token may begin a type.
    pub(super) fn is_type_start(&self) -> bool {
        let Token::Word(word) = self.tokens.token else { return false };
        is_keyword(word) && word != "sizeof" || self.is_typedef(word)
    }

    /// Whether the word is the name of a type here. A function or variable of the same name hides one of the system.
    pub(super) fn is_typedef(&self, word: &str) -> bool {
        match self.scope.ordinary.get(word) {
            Some(meaning) => matches!(meaning, Meaning::Typedef(_)),
            None => predefined(word).is_some(),
        }
    }

    pub(super) fn specifiers(&mut self) -> Result<Specifiers> {
        let start = self.tokens.start;
        let mut found = None;
        let (mut words, mut qualifiers) = (String::new(), Qualifiers::default());
        let (mut typedef, mut untagged, mut tagged) = (false, false, false);
        let mut attributes = Attributes::default();
        loop {
            attributes = attributes.and(self.attributes()?);
            let Token::Word(word) = self.tokens.token else { break };
            let is_named = found.is_some() || !words.is_empty();
            let at = self.tokens.start;
            if let Some(base) = base_word(word) {
                if found.is_some() {
                    return Err(self.tokens.error(at, &format!("'{word}' follows another type")));
                }
                // The longest name of a base type has five words.
                if words.len() > 64 {
                    return Err(self.tokens.error(at, "the name of the type has too many words"));
                }
                words.push_str(base);
                words.push(' ');
                self.tokens.advance()?;
            } else if word == "_Atomic" && self.is_ahead("(")? {
                self.tokens.advance()?;
                self.tokens.advance()?;
                let inner = self.type_name()?;
                self.expect(")")?;
                if is_named {
                    return Err(self.tokens.error(at, "two types stand here"));
                }
                qualifiers.add(Qualifier::Atomic);
                found = Some(inner);
            } else if let Some(qualifier) = qualifier(word) {
                qualifiers.add(qualifier);
                self.tokens.advance()?;
            } else if is_storage(word) {
                self.tokens.advance()?;
                if let Token::Text(_) = self.tokens.token {
                    let message =
                        "a language after 'extern' is not C; write the declarations alone";
                    return Err(self.tokens.error(at, message));
                }
            } else if word == "typedef" {
                typedef = true;
                self.tokens.advance()?;
            } else if is_named {
                if matches!(word, "void" | "struct" | "union" | "enum") {
                    return Err(self.tokens.error(at, &format!("'{word}' follows another type")));
                }
                break;
            } else {
                (found, tagged) = match word {
                    "void" => {
                        self.tokens.advance()?;
                        (Some(TypeId::VOID), false)
                    }
                    "struct" | "union" => {
                        let class =
                            if word == "struct" { RecordClass::Struct } else { RecordClass::Union };
                        let (record, anonymous) = self.record(class)?;
                        untagged = anonymous;
                        (Some(record), true)
                    }
                    "enum" => (Some(self.enumeration()?), true),
                    "typeof" | "__typeof__" | "__typeof" => {
                        return Err(self.tokens.error(at, "'typeof' is not supported"));
                    }
                    _ => (Some(self.named_type(word)?), false),
                };
            }
        }
        let ty = match found {
            Some(ty) => ty,
            None if words.is_empty() => return Err(self.unexpected("a type")),
            None => self.base(start, words.trim_end())?,
        };
        let ty = self.attributed(ty, attributes)?;
        let ty = self.qualified(ty, qualifiers)?;
        attributes.vector = None;
        Ok(Specifiers { ty, typedef, attributes, untagged, tagged })
    }

    /// Reads qualifiers alone, as after a star.
    pub(super) fn qualifiers(&mut self) -> Result<Qualifiers> {
        let mut qualifiers = Qualifiers::default();
        while let Token::Word(word) = self.tokens.token {
            match qualifier(word) {
                Some(qualifier) => qualifiers.add(qualifier),
                None => break,
            }
            self.tokens.advance()?;
        }
        Ok(qualifiers)
    }

    pub(super) fn qualified(&mut self, ty: TypeId, qualifiers: Qualifiers) -> Result<TypeId> {
        qualifiers.each().try_fold(ty, |ty, qualifier| {
            let qualified = self.claimed.qualified(qualifier, ty);
            self.placed(qualified)
        })
    }

    /// The base type of this name, which is added once.
    pub(super) fn base(&mut self, start: usize, words: &str) -> Result<TypeId> {
        if let Some(&id) = self.scope.known.get(words) {
            return Ok(id);
        }
        let base = self.claimed.base_named(words);
        let id =
            base.map_err(|error| self.tokens.error_of(error.kind(), start, &error.to_string()))?;
        self.know(words, id);
        Ok(id)
    }

    fn know(&mut self, name: &str, id: TypeId) {
        self.scope.known.insert(name.to_owned(), id);
        self.undo.push(Undo::Known(name.to_owned()));
    }

    /// The type of a typedef's name, which is the token.
    fn named_type(&mut self, word: &'t str) -> Result<TypeId> {
        let start = self.tokens.start;
        let own = match self.scope.ordinary.get(word) {
            Some(Meaning::Typedef(id)) => Some(*id),
            Some(_) => None,
            None => self.predefined(word)?,
        };
        if let Some(id) = own {
            self.tokens.advance()?;
            return Ok(id);
        }
        let hint = match self.scope.tags.get(word) {
            Some((Keyword::Struct, _)) => format!("; write 'struct {word}'"),
            Some((Keyword::Union, _)) => format!("; write 'union {word}'"),
            Some((Keyword::Enum, _)) => format!("; write 'enum {word}'"),
            None => String::new(),
        };
        Err(self.tokens.error(start, &format!("'{word}' is not a known type{hint}")))
    }

    /// A type of the system's headers, which is added when it is first used.
    fn predefined(&mut self, name: &str) -> Result<Option<TypeId>> {
        if let Some(&id) = self.scope.known.get(name) {
            return Ok(Some(id));
        }
        let Some(text) = predefined(name) else { return Ok(None) };
        let target = if text.is_empty() {
            let list = va_list(self.claimed);
            self.placed(list)?
        } else {
            let inner = Tokens::new(text)?;
            let outer = std::mem::replace(&mut self.tokens, inner);
            let target = self.type_name();
            self.tokens = outer;
            target?
        };
        let id = match name {
            "bool" => target,
            _ => {
                let typedef = self.claimed.typedef(name.into(), target, None);
                self.placed(typedef)?
            }
        };
        self.know(name, id);
        Ok(Some(id))
    }
}
