//! Structs and unions.

use super::attributes::Attributes;
use super::declarations::Parser;
use super::declarator::Naming;
use super::layout::{MemberType, RecordLayout};
use super::scope::Undo;
use super::specifiers::is_keyword;
use super::tokens::Token;
use crate::abi;
use crate::ctype::{BitField, Encoding, Keyword, Kind, Name, RecordClass, Type, TypeId};
use crate::error::{Error, ErrorKind, Result};

/// A member as it is declared.
struct Field {
    name: Option<Name>,
    ty: TypeId,
    /// The width of a bit-field.
    width: Option<u64>,
    attributes: Attributes,
    /// The place of its declaration.
    start: usize,
}

/// Why `...` in a struct or an enumeration is refused.
pub(super) const DOTS: &str = "'...' leaves the rest to a C compiler, as cffi's API mode does; \
    nothing is compiled here, so declare everything, or only 'struct s;' to keep it opaque";

impl<'t> Parser<'t, '_> {
    /// Reads a struct or union from its keyword on. Also returns whether it is defined without a tag.
    pub(super) fn record(&mut self, class: RecordClass) -> Result<(TypeId, bool)> {
        self.enter()?;
        self.tokens.advance()?;
        let before = self.attributes()?;
        let keyword = if class == RecordClass::Union { Keyword::Union } else { Keyword::Struct };
        let start = self.tokens.start;
        let tag = self.tag()?;
        let is_definition = self.tokens.token == Token::Mark("{");
        let record = match tag {
            Some(tag) => self.tagged_record(start, tag, keyword, class)?,
            None if is_definition => {
                let record = self.claimed.record(class, None);
                self.placed(record)?
            }
            None => return Err(self.unexpected("a tag or '{'")),
        };
        if is_definition {
            if !self.claimed.is_opaque(record) {
                let what = format!("{} {}", keyword.as_str(), tag.unwrap_or_default());
                return Err(self.tokens.error(start, &format!("'{what}' is defined already")));
            }
            self.body(record, class, before)?;
        } else if before != Attributes::default() {
            return Err(self.tokens.error(start, "attributes belong to a record's definition"));
        }
        self.leave();
        Ok((record, is_definition && tag.is_none()))
    }

    /// Reads a tag, if there is one.
    pub(super) fn tag(&mut self) -> Result<Option<&'t str>> {
        let Token::Word(word) = self.tokens.token else { return Ok(None) };
        if is_keyword(word) {
            return Err(self.unexpected("a tag"));
        }
        self.tokens.advance()?;
        Ok(Some(word))
    }

    fn tagged_record(
        &mut self,
        start: usize,
        tag: &str,
        keyword: Keyword,
        class: RecordClass,
    ) -> Result<TypeId> {
        if let Some(id) = self.known_tag(start, tag, keyword)? {
            return Ok(id);
        }
        let record = self.claimed.record(class, Some(tag.into()));
        let id = self.placed(record)?;
        self.define_tag(tag, keyword, id);
        Ok(id)
    }

    /// The type with that tag. All tags are in one name space (C17 §6.2.3).
    pub(super) fn known_tag(
        &self,
        start: usize,
        tag: &str,
        keyword: Keyword,
    ) -> Result<Option<TypeId>> {
        match self.scope.tags.get(tag) {
            Some((own, id)) if *own == keyword => Ok(Some(*id)),
            Some((own, _)) => {
                let message = format!("'{tag}' is the tag of '{} {tag}' already", own.as_str());
                Err(self.tokens.error(start, &message))
            }
            None => Ok(None),
        }
    }

    pub(super) fn define_tag(&mut self, tag: &str, keyword: Keyword, id: TypeId) {
        self.scope.tags.insert(tag.to_owned(), (keyword, id));
        self.undo.push(Undo::Tag(tag.to_owned()));
    }

    /// Reads the members and completes the record.
    fn body(&mut self, record: TypeId, class: RecordClass, before: Attributes) -> Result<()> {
        let mut fields = Vec::new();
        self.expect("{")?;
        while !self.accept("}")? {
            self.members(&mut fields)?;
        }
        let end = self.tokens.end_of_last;
        let attributes = before.and(self.attributes()?);
        if attributes.vector.is_some() {
            return Err(self.tokens.error(end, "a record cannot be a vector"));
        }
        if !self.claimed.is_opaque(record) {
            return Err(self.tokens.error(end, "the record is defined inside itself"));
        }
        self.completed.push(record);
        let is_union = class == RecordClass::Union;
        let mut layout = RecordLayout::new(is_union, attributes.packed);
        let mut states_alignment = attributes.packed || attributes.aligned.is_some();
        let count = fields.len();
        for (index, field) in fields.into_iter().enumerate() {
            let is_padding = field.width.is_some() && field.name.is_none();
            states_alignment |= field.attributes.packed || is_padding;
            let start = field.start;
            let is_last = index + 1 == count;
            self.place(record, field, &mut layout, is_last)
                .map_err(|error| self.tokens.error_of(error.kind(), start, &error.to_string()))?;
        }
        let size = layout.finish(attributes.aligned);
        // The alignment of other records follows from their members.
        let align = states_alignment.then_some(layout.align);
        let completed = self.claimed.complete(record, size, align);
        completed.map_err(|error| self.tokens.error_of(error.kind(), end, &error.to_string()))?;
        if abi::align_of(self.claimed.types(), record) != layout.align {
            self.scope.alignments.insert(record, layout.align);
            self.undo.push(Undo::Alignment(record));
        }
        Ok(())
    }

    /// The alignment in bytes. Debug information does not say whether a record is packed, so `abi` may take a packed
    /// record for another one.
    pub(super) fn align_of(&self, id: TypeId) -> u64 {
        let types = self.claimed.types();
        let mut current = id;
        while let Type { align: None, kind, .. } = types.get(current) {
            match kind {
                Kind::Typedef { target } | Kind::Qualified { target, .. } => current = *target,
                Kind::Array { element, vector: false, .. } => current = *element,
                _ => break,
            }
        }
        let own = self.scope.alignments.get(&current).copied();
        own.unwrap_or_else(|| abi::align_of(types, id))
    }

    /// Reads the members of one declaration.
    fn members(&mut self, fields: &mut Vec<Field>) -> Result<()> {
        if self.accept(";")? || self.static_assertion()? {
            return Ok(());
        }
        let start = self.tokens.start;
        if self.tokens.token == Token::Mark("...") {
            return Err(self.error(DOTS));
        }
        let specifiers = self.specifiers()?;
        if specifiers.typedef {
            return Err(self.tokens.error(start, "a typedef cannot stand in a record"));
        }
        if self.tokens.token == Token::Mark(";") {
            self.tokens.advance()?;
            if specifiers.untagged {
                let (ty, attributes) = (specifiers.ty, specifiers.attributes);
                fields.push(Field { name: None, ty, width: None, attributes, start });
            } else if !specifiers.tagged {
                return Err(self.tokens.error(start, "the member has no name"));
            }
            return Ok(());
        }
        loop {
            let start = self.tokens.start;
            let declarator = self.declarator(Naming::Optional)?;
            let width = if self.accept(":")? {
                Some(self.count("the width of the bit-field")?)
            } else {
                None
            };
            let own = self.attributes()?;
            let ty = self.attributed(specifiers.ty, own)?;
            let ty = self.derived(ty, &declarator)?;
            if declarator.name.is_none() && width.is_none() {
                return Err(self.unexpected("the name of a member"));
            }
            let name = declarator.name.map(Name::new);
            let attributes = specifiers.attributes.and(own);
            fields.push(Field { name, ty, width, attributes, start });
            if !self.accept(",")? {
                break;
            }
        }
        if self.tokens.token == Token::Mark("...") {
            return Err(self.error(DOTS));
        }
        self.expect(";")
    }

    /// Places a member and adds it to the record. Bit-fields without a name are padding, as in debug information.
    fn place(
        &mut self,
        record: TypeId,
        field: Field,
        layout: &mut RecordLayout,
        is_last: bool,
    ) -> Result<()> {
        let Field { name, ty, width, attributes, .. } = field;
        let types = self.claimed.types();
        let size = abi::size_of(types, ty).unwrap_or(0);
        let is_open = matches!(&types.resolved(ty).kind,
            Kind::Array { dimensions, .. } if dimensions.first() == Some(&None));
        let member_type = MemberType { size, align: self.align_of(ty) };
        let Some(width) = width else {
            if is_open && !is_last {
                return Err(invalid("only the last member can be an array of unknown length"));
            }
            let offset = layout.member(member_type, attributes);
            return self.claimed.aligned_member(record, name, ty, offset, attributes.aligned);
        };
        let is_bool =
            matches!(types.resolved(ty).kind, Kind::Base { encoding: Encoding::Boolean, .. });
        let most = if is_bool { 1 } else { size.saturating_mul(8) };
        if width > most {
            let message = format!("a bit-field of this type has at most {most} bits, not {width}");
            return Err(invalid(&message));
        }
        if width == 0 && name.is_some() {
            return Err(invalid("a bit-field of width 0 has no name"));
        }
        let offset = layout.bit_field(member_type, width, name.is_some(), attributes);
        if name.is_none() {
            return Ok(());
        }
        self.claimed.bit_field(record, name, ty, BitField { offset, width })
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}
