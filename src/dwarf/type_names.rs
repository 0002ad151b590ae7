//! The types that the units define, by name.

mod reading;

use std::collections::{BTreeSet, HashSet};

use foldhash::HashMap;

use super::die::DieRef;
use super::Slice;
use crate::ctype::{Keyword, Name, Types};
use crate::error::Error;
use crate::spell::TypeName;

/// What a name means.
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
    /// Whether the language also calls a record or enumeration by its bare name, as C++ does. `None`: the unit has no
    /// language.
    bare: Option<bool>,
    name: Option<Slice>,
    /// For a base type: the name that it shares with all base types that are the same type in C.
    shared: Option<&'static str>,
    scope: u32,
    /// The previous entry with the same name.
    before: u32,
}

/// A namespace or class.
struct NameScope {
    name: Option<Slice>,
    /// Whether the names inside may be written without this scope: an inline namespace, one without a name, an
    /// anonymous union.
    transparent: bool,
    parent: u32,
}

const NONE: u32 = u32::MAX;
/// The named types of all units.
#[derive(Default)]
pub(super) struct TypeNames {
    entries: Vec<TypeEntry>,
    scopes: Vec<NameScope>,
    /// For each name without its scopes, the last entry and the number of entries. Base types are listed by their
    /// shared name.
    last: HashMap<&'static [u8], (u32, u32)>,
    /// The tags, without their scopes, that some unit defines.
    defined: HashSet<(Keyword, &'static [u8])>,
    /// Whether the language of some unit has bare names of records.
    bare: bool,
    /// The first error that ended the reading of a unit.
    pub fault: Option<Error>,
}

impl TypeNames {
    /// Adds the entry to the list of its name.
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

    /// The number of entries that are compared with a name: those with the same last part.
    pub fn candidates(&self, name: &TypeName) -> usize {
        self.last.get(name.last.as_bytes()).map_or(0, |(_, count)| *count as usize)
    }

    /// The types with that name, in order of their units.
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

    /// The name of the struct or union that has this name in C (`struct s`, `union u`), or that a typedef of this
    /// name stands for. Used for slim type information, which has whole names with their scopes, and only types that
    /// the exports reach.
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

    /// Other types with that name, written as in C, each once; at most three.
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

    /// The entries of a name, the last one first.
    fn called(&self, name: &[u8]) -> impl Iterator<Item = (u32, &TypeEntry)> {
        let first = self.last.get(name).map(|(last, _)| *last);
        let entry = |number: u32| Some((number, self.entries.get(number as usize)?));
        std::iter::successors(first.and_then(entry), move |(_, last)| entry(last.before))
    }

    /// Whether these are the scopes around the entry. Inline namespaces and those without a name may be left out.
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

/// How many entries of a name are examined to find the other types with that name.
const NAMESAKES: usize = 4096;

fn keyword_of(named: Named) -> Option<Keyword> {
    match named {
        Named::Struct => Some(Keyword::Struct),
        Named::Union => Some(Keyword::Union),
        Named::Enum => Some(Keyword::Enum),
        Named::Typedef | Named::Base => None,
    }
}
