//! `__attribute__` and `_Alignas`.

use super::declarations::Parser;
use super::tokens::Token;
use crate::abi;
use crate::ctype::TypeId;
use crate::error::Result;

/// The attributes that change a type or its layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) packed: bool,
    /// The alignment in bytes.
    pub(super) aligned: Option<u64>,
    /// The size of the vector in bytes.
    pub(super) vector: Option<u64>,
}

impl Attributes {
    /// Both together. Of two alignments the larger one counts.
    pub(super) fn and(self, other: Attributes) -> Attributes {
        Attributes {
            packed: self.packed || other.packed,
            aligned: self.aligned.max(other.aligned),
            vector: other.vector.or(self.vector),
        }
    }
}

/// The attributes that do not change types, layouts or how values are passed.
const HARMLESS: [&str; 49] = [
    "access",
    "alias",
    "alloc_align",
    "alloc_size",
    "always_inline",
    "artificial",
    "assume_aligned",
    "cdecl",
    "cold",
    "const",
    "constructor",
    "copy",
    "deprecated",
    "designated_init",
    "destructor",
    "error",
    "externally_visible",
    "flag_enum",
    "flatten",
    "format",
    "format_arg",
    "gnu_inline",
    "hot",
    "leaf",
    "malloc",
    "may_alias",
    "noinline",
    "nonnull",
    "nonstring",
    "noreturn",
    "nothrow",
    "no_instrument_function",
    "no_sanitize",
    "null_terminated_string_arg",
    "pure",
    "returns_nonnull",
    "returns_twice",
    "section",
    "sentinel",
    "unavailable",
    "unused",
    "used",
    "visibility",
    "warn_unused_result",
    "warning",
    "weak",
    "fd_arg",
    "nodiscard",
    "enum_extensibility",
];

impl Parser<'_, '_> {
    /// Reads any number of `__attribute__((…))` and `_Alignas(…)`.
    pub(super) fn attributes(&mut self) -> Result<Attributes> {
        let mut all = Attributes::default();
        while let Token::Word(word) = self.tokens.token {
            let more = match word {
                "__attribute__" | "__attribute" => self.attribute_list()?,
                "_Alignas" | "alignas" => self.alignas()?,
                _ => break,
            };
            all = all.and(more);
        }
        Ok(all)
    }

    /// Reads attributes where only those without effect may stand.
    pub(super) fn attributes_without_effect(&mut self) -> Result<()> {
        let start = self.tokens.start;
        if self.attributes()? == Attributes::default() {
            return Ok(());
        }
        Err(self.tokens.error(start, "an attribute of a type has no meaning here"))
    }

    fn attribute_list(&mut self) -> Result<Attributes> {
        let mut all = Attributes::default();
        self.tokens.advance()?;
        self.expect("(")?;
        self.expect("(")?;
        loop {
            if let Token::Word(word) = self.tokens.token {
                all = all.and(self.attribute(word)?);
            }
            if !self.accept(",")? {
                break;
            }
        }
        self.expect(")")?;
        self.expect(")")?;
        Ok(all)
    }

    fn attribute(&mut self, word: &str) -> Result<Attributes> {
        let start = self.tokens.start;
        self.tokens.advance()?;
        let name = word.strip_prefix("__").and_then(|word| word.strip_suffix("__")).unwrap_or(word);
        let none = Attributes::default();
        match name {
            "packed" => Ok(Attributes { packed: true, ..none }),
            "aligned" => {
                if self.tokens.token != Token::Mark("(") {
                    let message = "'aligned' without a number depends on the compiler's options";
                    return Err(self.tokens.error(start, message));
                }
                Ok(Attributes { aligned: Some(self.alignment()?), ..none })
            }
            "vector_size" => {
                self.expect("(")?;
                let size = self.count("the size of the vector")?;
                self.expect(")")?;
                Ok(Attributes { vector: Some(size), ..none })
            }
            _ if HARMLESS.contains(&name) => {
                if self.tokens.token == Token::Mark("(") {
                    self.skip_parentheses()?;
                }
                Ok(none)
            }
            _ => {
                let message = format!("the attribute '{name}' is not supported");
                Err(self.tokens.error(start, &message))
            }
        }
    }

    fn alignas(&mut self) -> Result<Attributes> {
        self.tokens.advance()?;
        let mut ahead = self.tokens;
        ahead.advance()?;
        let opening = std::mem::replace(&mut self.tokens, ahead);
        let aligned = if self.is_type_start() {
            let ty = self.type_name()?;
            self.expect(")")?;
            self.align_of(ty)
        } else {
            self.tokens = opening;
            self.alignment()?
        };
        // `_Alignas(0)` has no effect (C17 §6.7.5 ¶6).
        Ok(Attributes {
            aligned: Some(aligned).filter(|&align| align > 0),
            ..Attributes::default()
        })
    }

    fn alignment(&mut self) -> Result<u64> {
        self.expect("(")?;
        let start = self.tokens.start;
        let align = self.count("the alignment")?;
        self.expect(")")?;
        if align != 0 && !align.is_power_of_two() || align > 1 << 28 {
            let message = format!("the alignment {align} is not a power of two up to 2^28");
            return Err(self.tokens.error(start, &message));
        }
        Ok(align)
    }

    /// The type under its attributes: perhaps a vector of it.
    pub(super) fn attributed(&mut self, ty: TypeId, attributes: Attributes) -> Result<TypeId> {
        let Some(size) = attributes.vector else { return Ok(ty) };
        let element = abi::size_of(self.claimed.types(), ty).filter(|&element| element > 0);
        match element.filter(|element| size.is_multiple_of(*element)) {
            Some(element) => {
                let vector = self.claimed.vector(ty, size / element);
                self.placed(vector)
            }
            None => Err(self.error("the size of the vector is not a multiple of its element's")),
        }
    }

    /// Skips text in parentheses.
    pub(super) fn skip_parentheses(&mut self) -> Result<()> {
        let mut open = 0_usize;
        loop {
            match self.tokens.token {
                Token::Mark("(") => open += 1,
                Token::Mark(")") => open = open.saturating_sub(1),
                Token::End => return Err(self.unexpected("')'")),
                _ => {}
            }
            self.tokens.advance()?;
            if open == 0 {
                return Ok(());
            }
        }
    }
}
