//! Finds the export of the new library that a caller of the old library gets.

use std::collections::{HashMap, HashSet};

use ffitypecheck::image::Symbol;
use ffitypecheck::{Error, Library};

use crate::selection::{all, full_name, Wanted};

/// Symbols that the linker defines.
const LINKERS: [&str; 5] = ["_init", "_fini", "_edata", "_end", "__bss_start"];

/// Two exports that a caller takes for the same one.
pub struct Pair<'l> {
    /// The name that the caller uses.
    pub subject: String,
    pub old: &'l Symbol,
    pub new: &'l Symbol,
}

pub struct Pairs<'l> {
    pub both: Vec<Pair<'l>>,
    pub removed: Vec<&'l Symbol>,
    pub added: Vec<&'l Symbol>,
}

impl<'l> Pairs<'l> {
    pub fn of(old: &'l Library, new: &'l Library, wanted: &Wanted) -> Result<Pairs<'l>, Error> {
        let (old, new) = (exports(old, wanted)?, exports(new, wanted)?);
        let (before, index) = (Index::of(&old), Index::of(&new));
        let mut pairs = Pairs { both: Vec::new(), removed: Vec::new(), added: Vec::new() };
        let mut met = HashSet::new();
        for &symbol in &old {
            let Some(bound) = index.bound(symbol) else {
                pairs.removed.push(symbol);
                continue;
            };
            met.insert(std::ptr::from_ref(bound));
            pairs.both.push(Pair { subject: full_name(symbol), old: symbol, new: bound });
            // A lookup of the name without a version, such as dlsym, may find another export than a linked program
            // gets.
            let name = symbol.name.as_str();
            let was_default =
                before.default.get(name).is_some_and(|old| std::ptr::eq(*old, symbol));
            let default = index.default.get(name).copied().filter(|_| was_default);
            let default = default.filter(|new| !std::ptr::eq(*new, bound));
            if let (Some(new), Some(version)) =
                (default, default.and_then(|new| new.version.as_ref()))
            {
                let subject = format!("{name}, now @@{version}");
                pairs.both.push(Pair { subject, old: symbol, new });
            }
        }
        pairs.added =
            new.into_iter().filter(|new| !met.contains(&std::ptr::from_ref(*new))).collect();
        Ok(pairs)
    }
}

/// The wanted exports, sorted like those of [`all`].
fn exports<'l>(library: &'l Library, wanted: &Wanted) -> Result<Vec<&'l Symbol>, Error> {
    let exports = all(library)?.into_iter().filter_map(|selected| selected.export.ok());
    let is_wanted = |symbol: &&Symbol| {
        let name = symbol.name.as_str();
        !LINKERS.contains(&name) && (wanted.wants(name) || wanted.wants(&full_name(symbol)))
    };
    Ok(exports.filter(is_wanted).collect())
}

struct Index<'l> {
    exact: HashMap<(&'l str, Option<&'l str>), &'l Symbol>,
    default: HashMap<&'l str, &'l Symbol>,
}

impl<'l> Index<'l> {
    fn of(exports: &[&'l Symbol]) -> Index<'l> {
        let mut index = Index { exact: HashMap::new(), default: HashMap::new() };
        for &symbol in exports {
            index.exact.entry((symbol.name.as_str(), version(symbol))).or_insert(symbol);
            // Like dlsym, prefers an export without a version.
            if symbol.version.is_none() {
                index.default.insert(symbol.name.as_str(), symbol);
            } else if symbol.default_version {
                index.default.entry(symbol.name.as_str()).or_insert(symbol);
            }
        }
        index
    }

    /// The export that the loader binds to in a program that was linked with `old`.
    fn bound(&self, old: &Symbol) -> Option<&'l Symbol> {
        let name = old.name.as_str();
        let exact = self.exact.get(&(name, version(old)));
        let other = || match old.version {
            Some(_) => self.exact.get(&(name, None)),
            None => self.default.get(name),
        };
        exact.or_else(other).copied()
    }
}

fn version(symbol: &Symbol) -> Option<&str> {
    symbol.version.as_ref().map(|version| version.as_str())
}
