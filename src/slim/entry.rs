//! A unit of DWARF before it is encoded: entries, their attributes, and the references between entries.

use gimli::constants::{DwAt, DwTag};

use crate::ctype::Name;

/// A debugging information entry (DIE). An entry that others refer to is at the top of the unit, and is identified by
/// its number there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct DieEntry<'t> {
    pub tag: DwTag,
    pub attributes: Vec<(DwAt, AttributeValue<'t>)>,
    pub children: Vec<DieEntry<'t>>,
}

/// The value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum AttributeValue<'t> {
    Flag,
    Number(u64),
    /// A number that may be negative.
    Signed(i64),
    /// A constant that fits in neither.
    Wide(i128),
    Text(&'t str),
    /// A source file, by its number.
    SourceFile(u32),
    /// A reference to a top-level entry, by its number.
    DieEntry(u32),
    /// An offset in another section.
    SectionHeader(u32),
    /// An address in the file, before relocation.
    Address(u64),
    /// An expression for such an address (DW_OP_addr).
    At(u64),
}

impl<'t> DieEntry<'t> {
    pub fn new(tag: DwTag) -> DieEntry<'t> {
        DieEntry { tag, attributes: Vec::new(), children: Vec::new() }
    }

    pub fn with(mut self, name: DwAt, value: AttributeValue<'t>) -> DieEntry<'t> {
        self.attributes.push((name, value));
        self
    }

    /// Adds the attribute if it has a value.
    pub fn with_some(self, name: DwAt, value: Option<AttributeValue<'t>>) -> DieEntry<'t> {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub fn with_number(self, name: DwAt, number: Option<u64>) -> DieEntry<'t> {
        self.with_some(name, number.map(AttributeValue::Number))
    }

    pub fn with_flag(self, name: DwAt, flag: bool) -> DieEntry<'t> {
        self.with_some(name, flag.then_some(AttributeValue::Flag))
    }

    /// Calls `visit` with the entry and all entries below it, in the order of the unit.
    pub fn each(&self, visit: &mut dyn FnMut(&DieEntry<'t>)) {
        visit(self);
        self.children.iter().for_each(|child| child.each(visit));
    }
}

pub(super) fn text(name: &Name) -> AttributeValue<'_> {
    AttributeValue::Text(name.as_str())
}

pub(super) fn constant(value: i128) -> AttributeValue<'static> {
    match (u64::try_from(value), i64::try_from(value)) {
        (Ok(number), _) => AttributeValue::Number(number),
        (_, Ok(number)) => AttributeValue::Signed(number),
        _ => AttributeValue::Wide(value),
    }
}
