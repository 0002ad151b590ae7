//! Functions that the compiler found identical to others and folded into them. Their DIEs have no address, but the
//! static symbol table may still have the address of their symbols.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use foldhash::HashMap;

use super::index::TopLevelDie;
use super::DwarfFile;
use crate::ctype::DeclarationKind;
use crate::image::{DebugFiles, ElfFile, SymbolKind};

/// The names of folded functions, by the address of their symbols.
pub(super) struct Folded {
    /// The files that may have a static symbol table.
    files: Vec<Arc<ElfFile>>,
    names: OnceLock<HashMap<u64, Vec<String>>>,
}

impl Folded {
    pub fn new(files: &DebugFiles) -> Folded {
        let files = std::iter::once(&files.library).chain(&files.debug).cloned().collect();
        Folded { files, names: OnceLock::new() }
    }

    /// The folded definitions whose symbols are at `address`, except those whose names are in `known`. A symbol that
    /// is exported at this address is an alias of one of them, or of a definition with this address.
    pub fn at<'a>(
        &self,
        dwarf: &'a DwarfFile,
        address: u64,
        known: &HashSet<&str>,
    ) -> Vec<&'a TopLevelDie> {
        let names = self.names(dwarf).get(&address).map_or(&[][..], Vec::as_slice);
        let names = names.iter().filter(|name| !known.contains(name.as_str()));
        let entries = names.flat_map(|name| dwarf.entries_named(name)).filter(|entry| entry.folded);
        dwarf.of_kind(entries.collect(), DeclarationKind::Function).0
    }

    fn names(&self, dwarf: &DwarfFile) -> &HashMap<u64, Vec<String>> {
        self.names.get_or_init(|| {
            let mut names: HashMap<u64, Vec<String>> = HashMap::default();
            let folded = dwarf.names_of_folded();
            if folded.is_empty() {
                return names;
            }
            let wanted = |name: &[u8]| folded.contains(name);
            for file in &self.files {
                for symbol in file.local_symbols_named(&wanted).unwrap_or_default() {
                    // A symbol with a version in its name is an export.
                    if symbol.kind == SymbolKind::Function && symbol.version.is_none() {
                        names.entry(symbol.value).or_default().push(symbol.name.to_string());
                    }
                }
            }
            for names in names.values_mut() {
                names.sort_unstable();
                names.dedup();
            }
            names
        })
    }
}
