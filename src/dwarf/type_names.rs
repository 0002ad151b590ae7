//! Which types the units define, by name.

use std::collections::{BTreeSet, HashSet};

use foldhash::HashMap;

use gimli::constants as dw;

use super::die::{Die, DieRef, Next, Reference};
use super::index::NAMESPACE_DEPTH;
use super::scope::is_scope;
use super::space::{unit_start, Space, Unit};
use super::types::{base_encoding, has_scopes};
use super::{DwarfFile, Slice, SUPPLEMENTARY};
use crate::ctype::{canonical_name, is_of_c, Keyword, Name, Target, TypeName, Types};
use crate::error::Error;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Struct,
    Union,
    Enum,
    Typedef,
    Base,
}

/// A type DIE with a name, in a unit, a namespace or a class.
pub(super) struct TypeEntry {
    pub at: DieRef,
    pub named: Named,
    /// Only declared here.
    pub declaration: bool,
    /// In this language, a record or enumeration is also called by its bare name. `None`: a unit without language.
    bare: Option<bool>,
    name: Option<Slice>,
    /// Of a base type: the name that it shares with those that C takes for the same.
    shared: Option<&'static str>,
    scope: u32,
    /// The entry of the same name before this one.
    before: u32,
}

/// A namespace or class.
struct NameScope {
    name: Option<Slice>,
    /// What is inside is also called as if it were outside: an inline namespace, one without a name, an anonymous union.
    transparent: bool,
    parent: u32,
}

/// What the types of a unit have in common.
#[derive(Clone, Copy)]
struct UnitKind {
    bare: Option<bool>,
    is_type_unit: bool,
    target: Target,
}

/// A DIE that has its name elsewhere: where it was declared (DWARF 5 §2.13.2), or in another type unit.
struct Completion {
    entry: Option<u32>,
    /// What it opens for its own members.
    scope: Option<u32>,
    declared_at: DieRef,
}

const NONE: u32 = u32::MAX;
/// What is kept of an entry or a scope.
const PER_ENTRY: u64 = 96;

/// The named types of all units.
#[derive(Default)]
pub(super) struct TypeNames {
    entries: Vec<TypeEntry>,
    scopes: Vec<NameScope>,
    /// The last entry of a name without its scopes, and how many there are; of base types by the name that they share.
    last: HashMap<&'static [u8], (u32, u32)>,
    /// The tags, without their scopes, that some unit does not only declare.
    defined: HashSet<(Keyword, &'static [u8])>,
    /// Some unit's language has bare names of records.
    bare: bool,
    /// What kept the rest of a unit from being read.
    pub fault: Option<Error>,
}

/// What is only needed while the units are read.
#[derive(Default)]
struct Reading {
    index: TypeNames,
    /// The names that others may refer to, and the scopes around them.
    declared: HashMap<DieRef, (Slice, u32)>,
    scopes: HashMap<(u32, Option<&'static [u8]>), u32>,
    completions: Vec<Completion>,
    /// The units of the supplementary file that this library imports: others are of other libraries.
    imported: Vec<usize>,
    known: HashSet<usize>,
}

impl DwarfFile {
    /// The named types, read on first use: in units of the library itself, those of its split units, the type units beside
    /// them, and what it imports of its supplementary file.
    pub(super) fn type_names(&self) -> &TypeNames {
        self.type_names.get_or_init(|| {
            let mut reading = Reading::default();
            for number in 0..self.main().units().len() {
                match self.split_unit(number) {
                    None => self.read_names(&mut reading, self.main(), number),
                    Some(Ok((space, _))) => {
                        for number in 0..space.units().len() {
                            self.read_names(&mut reading, space, number);
                        }
                    }
                    // Told by SplitUnits::first_error.
                    Some(Err(_)) => {}
                }
            }
            for space in self.split.type_units(self.main()) {
                for number in 0..space.units().len() {
                    self.read_names(&mut reading, space, number);
                }
            }
            let mut next = 0;
            while let (Some(space), Some(&number)) =
                (self.supplementary.as_ref(), reading.imported.get(next))
            {
                next += 1;
                self.read_names(&mut reading, space, number);
            }
            reading.finish()
        })
    }

    fn read_names(&self, reading: &mut Reading, space: &Space, number: usize) {
        let read = space.unit(number).and_then(|unit| {
            let start = unit_start(&unit.unit.header);
            self.read_unit(reading, space, unit).map_err(|error| space.error(error, start))
        });
        if let Err(error) = read {
            reading.index.fault.get_or_insert(error);
        }
    }

    fn read_unit(&self, reading: &mut Reading, space: &Space, unit: &Unit) -> gimli::Result<()> {
        let context = space.context(unit);
        let language = unit.root.language;
        let classes = has_scopes(language);
        let is_type_unit = matches!(
            unit.unit.header.type_(),
            gimli::UnitType::Type { .. } | gimli::UnitType::SplitType { .. }
        );
        let bare = language.map(|_| classes);
        let kind = UnitKind { bare, is_type_unit, target: self.target };
        reading.index.bare |= kind.bare == Some(true);
        let mut entries = unit.unit.entries_raw(None)?;
        let Some(mut die) = context.read(&mut entries)? else { return Ok(()) };
        let mut open = Vec::new();
        open.extend(die.has_children.then_some(NONE));
        while let (Some(&scope), false) = (open.last(), entries.is_empty()) {
            match context.read_some(&mut entries, is_named, &mut die)? {
                Next::End => {
                    open.pop();
                    continue;
                }
                Next::Passed => continue,
                Next::Die => {}
            }
            if die.tag == dw::DW_TAG_imported_unit {
                self.import(reading, &die);
            }
            let entry = reading.add(space, &die, scope, kind);
            let namespace = matches!(die.tag, dw::DW_TAG_namespace | dw::DW_TAG_module);
            let opens = is_scope(&die) && (namespace || classes) && open.len() <= NAMESPACE_DEPTH;
            // One without members still says whether it is inline.
            let inside = if opens && (namespace || die.has_children) {
                Some(reading.open(space, &die, scope))
            } else {
                None
            };
            if let Some(declared_at) = self.named_elsewhere(&die) {
                if entry.is_some() || inside.is_some() {
                    reading.completions.push(Completion { entry, scope: inside, declared_at });
                }
            }
            match inside {
                _ if !die.has_children => {}
                Some(inside) => open.push(inside),
                None => context.skip_children(&mut entries, die.sibling)?,
            }
        }
        Ok(())
    }

    /// The DIE with the name of one that has none itself.
    fn named_elsewhere(&self, die: &Die) -> Option<DieRef> {
        let signature = die.signature.filter(|_| die.name.is_none());
        self.follow(die.at.space, die.specification.or(signature)?)
    }

    fn import(&self, reading: &mut Reading, die: &Die) {
        let Some(Reference::Die(at)) = die.import else { return };
        if at.space != SUPPLEMENTARY {
            return;
        }
        let unit = self.supplementary.as_ref().and_then(|space| space.unit_at(at).ok());
        if let Some((number, _)) = unit {
            if reading.known.insert(number) {
                reading.imported.push(number);
            }
        }
    }
}

impl Reading {
    fn add(&mut self, space: &Space, die: &Die, scope: u32, unit: UnitKind) -> Option<u32> {
        let named = named(die)?;
        let completes = die.specification.is_some();
        if die.name.is_none() && !completes {
            return None;
        }
        // Storage in another order has the names of the native types.
        let little_endian = space.is_little_endian();
        if named == Named::Base && die.big_endian.is_some_and(|big| big == little_endian) {
            return None;
        }
        let shared = if named == Named::Base { shared_name(die) } else { None };
        if named == Named::Base && !is_base_of_c(die, shared, unit.target) {
            return None;
        }
        let number = u32::try_from(self.index.entries.len()).ok().filter(|&n| n != NONE)?;
        space.work().spend(PER_ENTRY);
        let entry = TypeEntry {
            at: die.at,
            named,
            declaration: die.declaration,
            bare: unit.bare,
            name: die.name,
            shared,
            scope,
            before: NONE,
        };
        self.index.entries.push(entry);
        if die.declaration || unit.is_type_unit {
            self.declared.extend(die.name.map(|name| (die.at, (name, scope))));
        }
        if !completes {
            self.index.link(number);
        }
        Some(number)
    }

    /// The number of a scope: one for each name in its own scope. Of the units that know a namespace, not all say that it is
    /// inline (gcc's type units).
    fn open(&mut self, space: &Space, die: &Die, parent: u32) -> u32 {
        let Ok(next) = u32::try_from(self.index.scopes.len()) else { return parent };
        space.work().spend(PER_ENTRY);
        let number = match (die.specification, die.name, die.signature) {
            // It is named at the end.
            (Some(_), _, _) | (_, None, Some(_)) => next,
            _ => *self.scopes.entry((parent, die.name.map(|name| name.slice()))).or_insert(next),
        };
        let transparent = die.name.is_none() || die.export_symbols;
        match self.index.scopes.get_mut(number as usize) {
            Some(scope) => scope.transparent |= transparent,
            None => self.index.scopes.push(NameScope { name: die.name, transparent, parent }),
        }
        number
    }

    /// Names what was declared elsewhere, now that all units are read.
    fn finish(self) -> TypeNames {
        let mut index = self.index;
        for Completion { entry, scope, declared_at } in self.completions {
            let declared = self.declared.get(&declared_at).copied();
            if let (Some(scope), Some((name, parent))) = (scope, declared) {
                if let Some(scope) = index.scopes.get_mut(scope as usize) {
                    *scope = NameScope { name: Some(name), transparent: false, parent };
                }
            }
            let Some(number) = entry else { continue };
            if let Some(entry) = index.entries.get_mut(number as usize) {
                entry.name = declared.map(|(name, _)| name).or(entry.name);
                entry.scope = declared.map_or(entry.scope, |(_, scope)| scope);
            }
            index.link(number);
        }
        let definitions = index.entries.iter().filter(|entry| !entry.declaration);
        let tag = |entry: &TypeEntry| Some((keyword_of(entry.named)?, entry.name?.slice()));
        index.defined = definitions.filter_map(tag).collect();
        index
    }
}

impl TypeNames {
    /// Finds the entry under its name from now on.
    fn link(&mut self, number: u32) {
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        let Some(name) = entry.name else { return };
        let name = name.slice();
        let key = match entry.named {
            Named::Base => entry.shared.map_or(name, str::as_bytes),
            _ => name,
        };
        let last = self.last.entry(key).or_insert((NONE, 0));
        entry.before = last.0;
        *last = (number, last.1.saturating_add(1));
    }

    /// Whether some unit defines the tag, in whatever scope.
    pub fn defines(&self, keyword: Keyword, name: &str) -> bool {
        self.defined.contains(&(keyword, name.as_bytes()))
    }

    /// How many entries of its last part a name is held against.
    pub fn candidates(&self, name: &TypeName) -> usize {
        self.last.get(name.last.as_bytes()).map_or(0, |(_, count)| *count as usize)
    }

    /// The types that a name stands for, in order of their units.
    pub fn find(&self, name: &TypeName) -> Vec<&TypeEntry> {
        let mut found: Vec<(u32, &TypeEntry)> = Vec::new();
        if let Some(base) = name.base() {
            let bases = self.called(base.as_bytes());
            found.extend(bases.filter(|(_, entry)| entry.named == Named::Base));
        }
        let others = self.called(name.last.as_bytes()).filter(|(_, entry)| {
            let kind = match name.keyword {
                Some(keyword) => keyword_of(entry.named) == Some(keyword),
                None => match entry.named {
                    Named::Typedef => true,
                    Named::Base => name.base().is_none() && name.scopes.is_empty(),
                    Named::Struct | Named::Union | Named::Enum => {
                        entry.bare.unwrap_or(self.bare) || entry.scope != NONE
                    }
                },
            };
            kind && self.is_in(entry, &name.scopes)
        });
        found.extend(others);
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    /// What the struct or union is called that has the name (`struct s`, `union u`), or a typedef of one; for slim type information, which
    /// has names whole with their scopes, and nothing but what the exports reach.
    pub fn record_named(&self, types: &Types, name: &str) -> Option<Name> {
        let (wanted, bare) = match name.split_once(' ') {
            Some(("struct", rest)) => (Named::Struct, rest),
            Some(("union", rest)) => (Named::Union, rest),
            _ => (Named::Typedef, name),
        };
        let entries = self.called(bare.as_bytes()).map(|(_, entry)| entry);
        let entries = entries.filter(|entry| entry.named == wanted);
        let names = entries.filter_map(|entry| types.record_name(types.id_of(entry.at.key()?)));
        names.min().cloned()
    }

    /// What else has the name itself, as C writes it, each once; no more than a few.
    pub fn namesakes(&self, name: &TypeName) -> Vec<String> {
        let mut words = BTreeSet::new();
        for (_, entry) in self.called(name.last.as_bytes()).take(NAMESAKES) {
            let word = match entry.named {
                Named::Struct => "struct ",
                Named::Union => "union ",
                Named::Enum => "enum ",
                Named::Typedef => "typedef ",
                Named::Base => continue,
            };
            words.insert(format!("{word}{}", self.scoped(entry)));
        }
        words.into_iter().take(3).collect()
    }

    fn scoped(&self, entry: &TypeEntry) -> String {
        let mut parts = vec![entry.name];
        let mut next = entry.scope;
        while let Some(scope) = self.scopes.get(next as usize).filter(|_| parts.len() < 8) {
            parts.push(scope.name);
            next = scope.parent;
        }
        let text = |part: &Option<Slice>| match part {
            Some(name) => Name::from_bytes(name).to_string(),
            None => "(anonymous)".to_owned(),
        };
        parts.iter().rev().map(text).collect::<Vec<_>>().join("::")
    }

    /// The entries of a name, the last first.
    fn called(&self, name: &[u8]) -> impl Iterator<Item = (u32, &TypeEntry)> {
        let first = self.last.get(name).map(|(last, _)| *last);
        let entry = |number: u32| Some((number, self.entries.get(number as usize)?));
        std::iter::successors(first.and_then(entry), move |(_, last)| entry(last.before))
    }

    /// Whether these are the scopes around the entry, where inline namespaces and those without a name may be left out.
    fn is_in(&self, entry: &TypeEntry, scopes: &[String]) -> bool {
        let mut wanted = scopes.iter().rev().peekable();
        let mut next = entry.scope;
        while let Some(scope) = self.scopes.get(next as usize) {
            let same = |wanted: &&String| match scope.name {
                Some(name) => name.slice() == wanted.as_bytes(),
                None => matches!(wanted.as_str(), "(anonymous)" | "(anonymous namespace)"),
            };
            if wanted.next_if(same).is_none() && !scope.transparent {
                return false;
            }
            next = scope.parent;
        }
        wanted.next().is_none()
    }
}

/// How many entries of a name are looked at for what else it stands for.
const NAMESAKES: usize = 4096;

/// clang 14 calls every complex type `complex`.
fn shared_name(die: &Die) -> Option<&'static str> {
    let complex_float = die.encoding == Some(dw::DW_ATE_complex_float);
    match (die.name?.slice(), die.byte_size) {
        (b"complex", Some(8)) if complex_float => Some("_Complex float"),
        (b"complex", Some(16)) if complex_float => Some("_Complex double"),
        (b"complex", Some(32)) if complex_float => Some("_Complex long double"),
        (name, _) => canonical_name(std::str::from_utf8(name).ok()?),
    }
}

fn is_base_of_c(die: &Die, shared: Option<&str>, target: Target) -> bool {
    let own = die.name.map_or(&b""[..], |name| name.slice());
    let size = die.byte_size.or_else(|| Some(die.bit_size?.div_ceil(8)));
    let encoding = base_encoding(die.encoding, own, size);
    let name = shared.or_else(|| std::str::from_utf8(own).ok());
    match (name, encoding, size) {
        (Some(name), Some(encoding), Some(size)) => is_of_c(target, name, encoding, size),
        _ => false,
    }
}

fn keyword_of(named: Named) -> Option<Keyword> {
    match named {
        Named::Struct => Some(Keyword::Struct),
        Named::Union => Some(Keyword::Union),
        Named::Enum => Some(Keyword::Enum),
        Named::Typedef | Named::Base => None,
    }
}

fn named(die: &Die) -> Option<Named> {
    kind_of_name(die.tag)
}

/// Whether an entry without children may have a name that is looked for, or lead to one.
fn is_named(tag: gimli::DwTag) -> bool {
    kind_of_name(tag).is_some()
        || matches!(tag, dw::DW_TAG_namespace | dw::DW_TAG_module | dw::DW_TAG_imported_unit)
}

fn kind_of_name(tag: gimli::DwTag) -> Option<Named> {
    match tag {
        dw::DW_TAG_structure_type | dw::DW_TAG_class_type | dw::DW_TAG_interface_type => {
            Some(Named::Struct)
        }
        dw::DW_TAG_union_type => Some(Named::Union),
        dw::DW_TAG_enumeration_type => Some(Named::Enum),
        dw::DW_TAG_typedef | dw::DW_TAG_template_alias => Some(Named::Typedef),
        dw::DW_TAG_base_type => Some(Named::Base),
        _ => None,
    }
}
