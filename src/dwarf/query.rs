//! A query for a symbol in the debug information, and its result.

use std::collections::HashSet;

use crate::ctype::{DeclarationKind, Evidence, Name, TypeId};
use crate::image::{Exports, Symbol, SymbolKind};

/// The symbol that is looked for.
pub(crate) struct Query<'a> {
    pub name: &'a str,
    /// Its number in the dynamic symbol table; `None`: it has none.
    pub number: Option<u32>,
    pub value: u64,
    pub kind: SymbolKind,
    /// Whether no other export has this name, or this is the version that the bare name means.
    pub name_decides: bool,
    /// The other exports at the same place.
    pub aliases: Vec<&'a str>,
}

impl<'a> Query<'a> {
    /// For an export, among all of its library.
    pub fn of_export(symbol: &'a Symbol, exports: &'a Exports) -> Query<'a> {
        let mut aliases = Vec::new();
        if symbol.has_address() {
            let others = exports.by_address(symbol.value).filter(|other| other.default_version);
            aliases.extend(others.map(|other| other.name.as_str()));
            let mut seen = HashSet::from([symbol.name.as_str()]);
            aliases.retain(|&name| seen.insert(name));
        }
        let name_decides =
            symbol.default_version || exports.by_name(symbol.name.as_str()).count() == 1;
        Query { name_decides, aliases, ..Query::of_number(symbol) }
    }

    /// For an export that slim type information finds by its number.
    pub fn of_number(symbol: &'a Symbol) -> Query<'a> {
        Query {
            name: symbol.name.as_str(),
            number: Some(symbol.number),
            value: symbol.value,
            kind: symbol.kind,
            name_decides: true,
            aliases: Vec::new(),
        }
    }
}

/// The declaration that was found for a symbol or a type.
#[derive(Clone)]
pub(crate) struct Found {
    pub kind: DeclarationKind,
    pub ty: TypeId,
    pub name: Name,
    pub linkage_name: Option<Name>,
    pub key: Option<u64>,
    pub evidence: Evidence,
}
