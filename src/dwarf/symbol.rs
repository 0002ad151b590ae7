//! Finds the DIE of an ELF symbol.

use std::collections::HashSet;
use std::sync::Arc;

use super::exported::Exported;
use super::index::{AtAddress, TopLevelDie};
use super::query::{Found, Query};
use super::slim::indexed;
use super::types::Source;
use super::DwarfFile;
use crate::ctype::{DeclarationKind, Evidence, Kind, Name, TypeId, Types};
use crate::error::{Error, ErrorKind, Result};
use crate::identity::{difference_within, Sameness};
use crate::image::SymbolKind;
use crate::spell;

/// The rule by which two declarations of one symbol agree.
const SAMENESS: Sameness = Sameness {
    parameter_names: false,
    incomplete_is_equal: true,
    through_typedefs: true,
    pointees_by_name: false,
};

/// The limit on the comparisons that check whether all declarations of a symbol agree, in bytes.
pub(super) const AGREEMENT: usize = 1 << 28;

impl DwarfFile {
    /// A table of types that reads from this file. If `exported` is given, types that some units only declare are
    /// completed.
    pub fn types(self: &Arc<DwarfFile>, exported: Option<&Arc<Exported>>) -> Types {
        let source = Source { dwarf: Arc::clone(self), exported: exported.cloned() };
        Types::from_source(self.target, Box::new(source))
    }

    /// The declaration of a symbol of this library.
    ///
    /// The definition at the symbol's address decides. If the compiler left none there, a definition with the
    /// symbol's name but without an address decides. If the definition is assembly, a declaration in C decides.
    pub fn find_symbol(&self, types: &Types, query: &Query<'_>) -> Result<Found> {
        self.begin_question()?;
        self.find(types, query, &mut { AGREEMENT })
    }

    /// See [`DwarfFile::find_symbol`]. The cost of comparisons is subtracted from `left`.
    pub(super) fn find(&self, types: &Types, query: &Query<'_>, left: &mut usize) -> Result<Found> {
        let kinds: &[DeclarationKind] = match query.kind {
            SymbolKind::Function | SymbolKind::Ifunc => &[DeclarationKind::Function],
            SymbolKind::Object | SymbolKind::Tls => &[DeclarationKind::Variable],
            SymbolKind::Untyped => &[DeclarationKind::Function, DeclarationKind::Variable],
        };
        if let Some(index) = &self.slim {
            return indexed(self, types, index, query);
        }
        let mut silent = None;
        for &kind in kinds {
            let place = match (kind, query.kind) {
                (DeclarationKind::Function, _) => AtAddress::Code(query.value),
                (_, SymbolKind::Tls) => AtAddress::ThreadLocal(query.value),
                _ => AtAddress::Data(query.value),
            };
            let (there, silently) = self.of_kind(self.entries_at(place), kind);
            silent = silent.or(silently);
            let by_address = self.by_address(types, query, &there, kind, left)?;
            if query.kind == SymbolKind::Ifunc {
                if let Some(found) = by_address.and_then(|found| resolved_by(types, found)) {
                    return Ok(found);
                }
            } else if let Some(found) = by_address {
                return Ok(found);
            }
            if let Some(found) = self.by_name(types, query, kind, left)? {
                return Ok(found);
            }
        }
        if self.work.has_ended() {
            return Err(self.work.refusal());
        }
        // The declaration may be in a part that is missing or damaged.
        let missing = self.split.first_error().or_else(|| self.first_fault());
        Err(missing.unwrap_or_else(|| no_type(query, silent)))
    }

    /// The declaration of the function that begins at an address, whether it is exported or not.
    pub fn function_at(&self, types: &Types, address: u64) -> Result<Found> {
        self.begin_question()?;
        let (there, silent) =
            self.of_kind(self.entries_at(AtAddress::Code(address)), DeclarationKind::Function);
        let query = Query {
            name: "",
            number: None,
            value: address,
            kind: SymbolKind::Function,
            name_decides: false,
            aliases: Vec::new(),
        };
        let kind = DeclarationKind::Function;
        match self.by_address(types, &query, &there, kind, &mut { AGREEMENT })? {
            Some(found) => Ok(found),
            None => Err(no_type(&Query { name: "the function", ..query }, silent)),
        }
    }

    /// The entries of this kind that have types; and the reason why one of the others has none.
    pub(super) fn of_kind<'a>(
        &self,
        entries: Vec<&'a TopLevelDie>,
        kind: DeclarationKind,
    ) -> (Vec<&'a TopLevelDie>, Option<String>) {
        let (silent, rest): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .filter(|entry| entry.function == (kind == DeclarationKind::Function))
            .partition(|entry| entry.assembly || self.is_untyped(entry));
        let why = silent.first().and_then(|entry| {
            // The unit with the source. A unit of link-time optimization refers to it.
            let opened = self.chain(self.die(entry.at).ok()?).pop()?;
            let source = String::from_utf8_lossy(&opened.unit.root.name?).into_owned();
            Some(if entry.assembly {
                format!("is written in assembly ({source}), which has no types")
            } else {
                format!("is in {source}, which was compiled without types, as by -g1")
            })
        });
        (rest, why)
    }

    /// Whether neither the entry's unit nor the units that it refers to have types.
    fn is_untyped(&self, entry: &TopLevelDie) -> bool {
        let chain = || Some(self.chain(self.die(entry.at).ok()?));
        entry.untyped && chain().is_some_and(|chain| chain.iter().all(|opened| !opened.unit.typed))
    }

    /// The declaration among the definitions at the symbol's address. The first group that is not empty decides: the
    /// definitions with the symbol's name; those with the name of another symbol at this address; the external ones;
    /// all. The group must agree on one type. If no definition here has the symbol's name, folding matters in two
    /// cases. A definition with the symbol's name that was folded onto another one decides instead. If the symbol may
    /// be an alias of a folded function, that function must agree too.
    fn by_address(
        &self,
        types: &Types,
        query: &Query<'_>,
        entries: &[&TopLevelDie],
        kind: DeclarationKind,
        left: &mut usize,
    ) -> Result<Option<Found>> {
        if entries.is_empty() {
            return Ok(None);
        }
        let names: Vec<Vec<String>> = entries.iter().map(|entry| self.names(entry)).collect();
        let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<&TopLevelDie> {
            let matches = names.iter().map(|names| names.iter().any(|name| wanted(name)));
            entries
                .iter()
                .zip(matches)
                .filter(|(_, matches)| *matches)
                .map(|(entry, _)| *entry)
                .collect()
        };
        let mut choice = named(&|name| name == query.name);
        let own = !choice.is_empty();
        if choice.is_empty() && query.kind != SymbolKind::Ifunc && query.name_decides {
            let mut folded = self.definitions_elsewhere(query.name, kind);
            folded.retain(|entry| entry.folded);
            if !folded.is_empty() {
                return self.agree(types, query, &folded, (kind, Evidence::Name), left).map(Some);
            }
        }
        if choice.is_empty() {
            let aliases: HashSet<&str> = query.aliases.iter().copied().collect();
            choice = named(&|name| aliases.contains(name));
        }
        // A function that the compiler folded into an exported definition may be static, so external ones are
        // preferred.
        if choice.is_empty() {
            choice = entries.iter().filter(|entry| self.is_external(entry)).copied().collect();
        }
        if choice.is_empty() {
            choice = entries.to_vec();
        }
        if !own && query.kind == SymbolKind::Function && !query.name.is_empty() {
            let here: HashSet<&str> = names.iter().flatten().map(String::as_str).collect();
            choice.extend(self.folded.at(self, query.value, &here));
        }
        self.agree(types, query, &choice, (kind, Evidence::Address), left).map(Some)
    }

    /// The external definitions of a name that have no address of their own.
    fn definitions_elsewhere(&self, name: &str, kind: DeclarationKind) -> Vec<&TopLevelDie> {
        let (mut entries, _) = self.of_kind(self.entries_named(name), kind);
        entries.retain(|entry| !entry.declaration && entry.places.is_empty());
        entries
    }

    /// The declaration by name, if no definition is at the symbol's address. These are tried in order: a definition
    /// without an address that has the symbol's name; one with another name that the static symbol table has for this
    /// address; and, for the symbol's name and then for each alias, a definition without an address or a declaration
    /// in C.
    fn by_name(
        &self,
        types: &Types,
        query: &Query<'_>,
        kind: DeclarationKind,
        left: &mut usize,
    ) -> Result<Option<Found>> {
        let by_name = (kind, Evidence::Name);
        // Another version of the symbol may have another type, and a name does not distinguish them.
        let own = if query.name_decides {
            self.definitions_elsewhere(query.name, kind)
        } else {
            Vec::new()
        };
        if !own.is_empty() {
            return self.agree(types, query, &own, by_name, left).map(Some);
        }
        if query.kind == SymbolKind::Function {
            let mut folded = self.folded.at(self, query.value, &HashSet::new());
            if !folded.is_empty() {
                let aliases = query.aliases.iter();
                folded.extend(aliases.flat_map(|name| self.definitions_elsewhere(name, kind)));
                return self.agree(types, query, &folded, by_name, left).map(Some);
            }
        }
        if !query.name_decides {
            return Ok(None);
        }
        for name in std::iter::once(&query.name).chain(&query.aliases) {
            let definitions = self.definitions_elsewhere(name, kind);
            if !definitions.is_empty() {
                return self.agree(types, query, &definitions, by_name, left).map(Some);
            }
            let (mut uses, _) = self.of_kind(self.entries_named(name), kind);
            uses.retain(|entry| is_use(entry));
            if !uses.is_empty() {
                return self.agree(types, query, &uses, (kind, Evidence::Use), left).map(Some);
            }
        }
        Ok(None)
    }

    /// The declaration that all of these entries agree on. They still agree if a record is complete in only some of
    /// them, or if one has a typedef and another the type that it names.
    fn agree(
        &self,
        types: &Types,
        query: &Query<'_>,
        entries: &[&TopLevelDie],
        (kind, evidence): (DeclarationKind, Evidence),
        left: &mut usize,
    ) -> Result<Found> {
        let mut found: Option<Found> = None;
        for entry in entries {
            let next = self.found(types, entry, kind, evidence)?;
            match &found {
                None => found = Some(next),
                Some(first) if first.ty == next.ty => {}
                Some(first) => {
                    let (a, b) = (first.ty, next.ty);
                    let differ = difference_within(left, types, a, types, b, SAMENESS);
                    if *left == 0 {
                        let message = "too many declarations fit the symbol to compare them all";
                        return Err(Error::new(ErrorKind::Limit, message));
                    }
                    if differ.is_some() {
                        return Err(ambiguous(query, types, first, &next));
                    }
                }
            }
        }
        found.ok_or_else(|| no_type(query, None))
    }

    fn found(
        &self,
        types: &Types,
        entry: &TopLevelDie,
        kind: DeclarationKind,
        evidence: Evidence,
    ) -> Result<Found> {
        let chain = self.chain(self.die(entry.at)?);
        let name = chain.iter().find_map(|opened| self.scoped_name(opened));
        let linkage_name = chain.iter().find_map(|opened| opened.die.linkage_name);
        let ty = chain.iter().find_map(|opened| Some((opened.die.at.space, opened.die.ty?)));
        let key = entry.at.key();
        let ty = match (kind, ty) {
            (DeclarationKind::Function | DeclarationKind::Type, _) => {
                key.map_or(TypeId::VOID, |key| types.id_of(key))
            }
            (DeclarationKind::Variable, Some((space, ty))) => self.type_id(types, space, Some(ty)),
            (DeclarationKind::Variable, None) => {
                return Err(Error::new(
                    ErrorKind::NoType,
                    "the variable is declared without a type",
                )
                .at(".debug_info", entry.at.offset));
            }
        };
        let linkage_name = linkage_name.map(|name| Name::from_bytes(&name));
        if self.work.has_ended() {
            return Err(self.work.refusal());
        }
        Ok(Found {
            kind,
            ty,
            name: name.or_else(|| linkage_name.clone()).unwrap_or_else(|| Name::new("")),
            linkage_name,
            key,
            evidence,
        })
    }

    fn is_external(&self, entry: &TopLevelDie) -> bool {
        let Ok(opened) = self.die(entry.at) else { return false };
        self.chain(opened).iter().any(|opened| opened.die.external)
    }

    /// The names of an entry. If it has none itself, those of its origin.
    fn names(&self, entry: &TopLevelDie) -> Vec<String> {
        let text = |name: super::Slice| String::from_utf8_lossy(&name).into_owned();
        let names = |names: [Option<super::Slice>; 2]| -> Vec<String> {
            names.into_iter().flatten().map(text).collect()
        };
        let own = names([entry.linkage_name, entry.name]);
        let Some(opened) = self.die(entry.at).ok().filter(|_| own.is_empty()) else { return own };
        let chain = self.chain(opened);
        let named = chain.iter().map(|opened| names([opened.die.linkage_name, opened.die.name]));
        named.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
    }
}

/// Whether a declaration has a type. GCC declares built-in functions without one.
fn is_use(entry: &TopLevelDie) -> bool {
    let builtin = entry.name.is_some_and(|name| name.starts_with(b"__builtin_"));
    entry.declaration && !builtin
}

/// The function whose address an IFUNC's resolver returns: the pointee of its result.
fn resolved_by(types: &Types, found: Found) -> Option<Found> {
    let Kind::Function(resolver) = &types.get(found.ty).kind else { return None };
    let Kind::Pointer { target, .. } = types.resolved(resolver.result).kind else { return None };
    let ty = types.resolve(target);
    matches!(types.get(ty).kind, Kind::Function(_)).then_some(Found {
        ty,
        evidence: Evidence::Resolver,
        ..found
    })
}

fn no_type(query: &Query<'_>, silent: Option<String>) -> Error {
    let name = query.name;
    let message = match silent {
        Some(why) => format!("'{name}' {why}, and no C unit declares it"),
        None => format!("no unit of the debug information declares '{name}'"),
    };
    Error::new(ErrorKind::NoType, message)
}

fn ambiguous(query: &Query<'_>, types: &Types, first: &Found, next: &Found) -> Error {
    let spell = |found: &Found| spell::declaration_of(types, found.ty, found.name.as_str());
    Error::new(
        ErrorKind::Ambiguous,
        format!(
            "'{}' may be '{}' or '{}', and nothing decides between them",
            query.name,
            spell(first),
            spell(next)
        ),
    )
}
