//! Functions that the compiler found identical to others: their DIEs have no address, but the static symbol table may
//! still say where their symbols went.

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
}

impl DwarfFile {
    /// The folded definitions whose symbols stand at an address, but for those of names that are known to be there. What is exported
    /// there is an alias of one of them, or of what has its address there.
    pub(super) fn folded_at(&self, address: u64, known: &HashSet<&str>) -> Vec<&TopLevelDie> {
        let names = self.folded_names().get(&address).map_or(&[][..], Vec::as_slice);
        let names = names.iter().filter(|name| !known.contains(name.as_str()));
        let entries = names.flat_map(|name| self.entries_named(name)).filter(|entry| entry.folded);
        self.of_kind(entries.collect(), DeclarationKind::Function).0
    }

    fn folded_names(&self) -> &HashMap<u64, Vec<String>> {
        self.folded.names.get_or_init(|| {
            let mut names: HashMap<u64, Vec<String>> = HashMap::default();
            let folded = self.names_of_folded();
            if folded.is_empty() {
                return names;
            }
            let wanted = |name: &[u8]| folded.contains(name);
            for file in &self.folded.files {
                for symbol in file.local_symbols_named(&wanted).unwrap_or_default() {
                    // A name with a version is what the linker exports.
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
