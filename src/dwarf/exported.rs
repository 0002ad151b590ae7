//! What all exports of a library reach, and what it says of records and enumerations that some units only declare and others
//! define: one library, one meaning.

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
    /// The types as their units have them: nothing is completed in it. Symbols and names are looked for with it.
    declared: Arc<Types>,
    all: OnceLock<Vec<(usize, Found)>>,
    reached: OnceLock<HashSet<TypeId>>,
    /// The names of the records that the exports reach, by their names in C and those of typedefs for them.
    records: OnceLock<BTreeMap<String, Name>>,
    definitions: OnceLock<Definitions>,
}

/// The definitions that mere declarations of their tags stand for, by the tag: their numbers in the table of declared types.
type Definitions = BTreeMap<(Keyword, Name), TypeId>;

/// What an export costs that is described, and each other name that it has, of what the comparisons of all may cost.
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

    /// The table of types that [`Found`] refers to.
    pub fn declared(&self) -> &Arc<Types> {
        &self.declared
    }

    /// What is asked of the debug information for an export.
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

    /// The name of the struct or union that has a name in C, see [`Types::record_named`].
    pub fn record_named(&self, name: &str) -> Option<Name> {
        if self.records.get().is_none() {
            // What no unit has, no export reaches.
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

    /// The only definition in the library of a tag, if the exports reach it: what a mere declaration of the tag stands for. A tag that
    /// has several, in units that keep it to themselves, is left alone, and so is what no export reaches the definition of.
    /// Its key.
    pub fn definition(&self, (keyword, name): (Keyword, &Name)) -> Option<u64> {
        if self.definitions.get().is_none() {
            // Many opaque types are defined nowhere in the library, and to find that out costs less than all exports.
            let asked = tag_name(keyword, name)?;
            if !self.dwarf.type_names().defines(keyword, &asked.last) {
                return None;
            }
        }
        let definition = self.all_definitions().get(&(keyword, name.clone()))?;
        self.declared.key_of(*definition)
    }

    /// The definitions of all tags that the exports reach both as they are and only declared.
    pub fn definitions(&self) -> Vec<TypeId> {
        self.all_definitions().values().copied().collect()
    }

    fn all_definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| self.find_definitions())
    }

    fn find_definitions(&self) -> Definitions {
        let types = &*self.declared;
        let (mut declared, mut defined) = (HashSet::new(), HashSet::new());
        // What was extracted from slim type information is complete where it can be.
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
