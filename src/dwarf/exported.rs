//! The types that the exports of a library reach. A record or enumeration that some units only declare and others
//! define is treated as one type of the library.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use foldhash::{HashSet, HashSetExt};

use super::query::{Found, Query};
use super::symbol::AGREEMENT;
use super::DwarfFile;
use crate::ctype::{Keyword, Kind, Name, TypeId, Types};
use crate::image::{Exports, Symbol};
use crate::spell::TypeName;

/// The exports of a library that has its full debug information.
pub(crate) struct Exported {
    dwarf: Arc<DwarfFile>,
    exports: Arc<Exports>,
    /// The types as their units have them: incomplete types are not replaced by their definitions. Symbols and names
    /// are looked up with this table.
    declared: Arc<Types>,
    all: OnceLock<Vec<(usize, Found)>>,
    reached: OnceLock<HashSet<TypeId>>,
    /// The name of each record that the exports reach. The keys are its name in C and the names of typedefs for it.
    records: OnceLock<BTreeMap<String, Name>>,
    definitions: OnceLock<Definitions>,
}

/// The definitions of the tags that some unit only declares. The ids are those of the table of declared types.
type Definitions = BTreeMap<(Keyword, Name), TypeId>;

/// What each export, and each further name of it, takes from the limit on comparisons.
const PER_EXPORT: usize = 64;
const PER_ALIAS: usize = 16;

impl Exported {
    pub fn new(dwarf: &Arc<DwarfFile>, exports: Arc<Exports>) -> Exported {
        let declared = Arc::new(dwarf.types(None));
        Exported {
            dwarf: Arc::clone(dwarf),
            exports,
            declared,
            all: OnceLock::new(),
            reached: OnceLock::new(),
            records: OnceLock::new(),
            definitions: OnceLock::new(),
        }
    }

    /// The table of types that the ids in [`Found`] refer to.
    pub fn declared(&self) -> &Arc<Types> {
        &self.declared
    }

    /// The query for an export.
    pub fn query<'a>(&'a self, symbol: &'a Symbol) -> Query<'a> {
        Query::of_export(symbol, &self.exports)
    }

    /// The declarations of all exports that have one, each with the index of its symbol.
    pub fn all(&self) -> &[(usize, Found)] {
        self.all.get_or_init(|| {
            let mut left = self.dwarf.comparisons().saturating_add(AGREEMENT);
            let find = |(index, symbol): (usize, &Symbol)| {
                let query = self.query(symbol);
                left = left.saturating_sub(PER_EXPORT + PER_ALIAS * query.aliases.len());
                match left {
                    0 => None,
                    _ => Some((index, self.dwarf.find(&self.declared, &query, &mut left).ok()?)),
                }
            };
            self.exports.symbols().iter().enumerate().filter_map(find).collect()
        })
    }

    /// The types that the exports reach.
    fn reached(&self) -> &HashSet<TypeId> {
        let roots = || self.all().iter().map(|(_, found)| found.ty).collect();
        self.reached.get_or_init(|| reachable(&self.declared, roots()))
    }

    /// The name of the struct or union that has this name in C, see [`Types::record_named`].
    pub fn record_named(&self, name: &str) -> Option<Name> {
        if self.records.get().is_none() {
            // A name that no unit has is not reached by an export.
            let asked = TypeName::parse(name).ok()?;
            if self.dwarf.type_names().candidates(&asked) == 0 {
                return None;
            }
        }
        self.records.get_or_init(|| self.find_records()).get(name).cloned()
    }

    fn find_records(&self) -> BTreeMap<String, Name> {
        let types = &*self.declared;
        let mut records = BTreeMap::new();
        for id in self.reached() {
            let ty = types.get(*id);
            let Some(record) = types.record_name(*id) else { continue };
            let name = match (ty.tag(), &ty.kind, &ty.name) {
                (Some((keyword, name)), ..) => format!("{} {name}", keyword.as_str()),
                (None, Kind::Typedef { .. }, Some(name)) => name.to_string(),
                _ => continue,
            };
            let first = records.entry(name).or_insert_with(|| record.clone());
            if *record < *first {
                *first = record.clone();
            }
        }
        records
    }

    /// The key of the definition that replaces an incomplete type with this tag. It must be the only definition of
    /// the tag in the library, and the exports must reach it. `None` if several units have their own definitions of
    /// the tag, or if no export reaches the definition.
    pub fn definition(&self, (keyword, name): (Keyword, &Name)) -> Option<u64> {
        if self.definitions.get().is_none() {
            // Many opaque types are not defined anywhere in the library. This check costs less than reading all
            // exports.
            let asked = tag_name(keyword, name)?;
            if !self.dwarf.type_names().defines(keyword, &asked.last) {
                return None;
            }
        }
        let definition = self.all_definitions().get(&(keyword, name.clone()))?;
        self.declared.key_of(*definition)
    }

    /// The definitions of all tags that the exports reach both as complete and as incomplete types.
    pub fn definitions(&self) -> Vec<TypeId> {
        self.all_definitions().values().copied().collect()
    }

    fn all_definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| self.find_definitions())
    }

    fn find_definitions(&self) -> Definitions {
        let types = &*self.declared;
        let (mut declared, mut defined) = (HashSet::new(), HashSet::new());
        // Extracted type information was completed as far as possible when it was made.
        if self.dwarf.is_extracted() {
            return Definitions::new();
        }
        for id in self.reached() {
            let ty = types.get(*id);
            if let Some(tag) = ty.tag() {
                if ty.is_only_declared() { &mut declared } else { &mut defined }.insert(tag);
            }
        }
        let mut tags: Vec<_> = declared.into_iter().filter(|tag| defined.contains(tag)).collect();
        tags.sort();
        let mut left = self.dwarf.comparisons();
        let definition = |(keyword, name): (Keyword, &Name)| {
            let asked = tag_name(keyword, name)?;
            let mut found = self.dwarf.definitions(types, &asked, &mut left).ok()?;
            let only = found.pop().filter(|_| found.is_empty())?;
            let ty = types.get(only.ty);
            let same = ty.tag() == Some((keyword, name)) && !ty.is_only_declared();
            same.then(|| ((keyword, name.clone()), only.ty))
        };
        tags.into_iter().filter_map(definition).collect()
    }
}

fn tag_name(keyword: Keyword, name: &Name) -> Option<TypeName> {
    TypeName::parse(&format!("{} {name}", keyword.as_str())).ok()
}

/// Every type reachable from the roots.
fn reachable(types: &Types, mut work: Vec<TypeId>) -> HashSet<TypeId> {
    let mut seen = HashSet::new();
    work.retain(|root| seen.insert(*root));
    while let Some(id) = work.pop() {
        types.get(id).each_named(&mut |id| {
            if seen.insert(id) {
                work.push(id);
            }
        });
    }
    seen
}
