//! The symbols that a file defines: those it exports, with their versions, and those in its static table.

use object::elf;
use object::pod::slice_from_all_bytes;
use object::read::elf::{FileHeader, Sym};
use object::Endianness;

use super::dynamic::DynamicTable;
use super::elf::ElfFile;
use super::versions::Versions;
use crate::ctype::machine::ARM;
use crate::ctype::Name;
use crate::error::{Error, ErrorKind, Result};

/// What a symbol is (`st_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// A function.
    Function,
    /// A function whose implementation its resolver chooses when the library is loaded. The value is that of the
    /// resolver.
    Ifunc,
    /// A variable.
    Object,
    /// A thread-local variable; the value is its offset in the thread-local block.
    Tls,
    /// Not specified (assembly without `.type`).
    Untyped,
}

/// A defined symbol.
///
/// On 64-bit PowerPC with function descriptors (ELFv1, big-endian) a function's value is that of its descriptor, not
/// of its code: such a function is found by name only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The name, without the version.
    pub name: Name,
    /// The symbol version (`GLIBC_2.2.5`); `None` for an unversioned symbol.
    pub version: Option<Name>,
    /// Whether the bare name means this version (`name@@VERSION`); true for an unversioned symbol.
    pub default_version: bool,
    /// `st_value`: an address as in the file, before relocation. On 32-bit ARM, the Thumb bit of a function is
    /// cleared.
    pub value: u64,
    /// The size in bytes; 0 where it is not known.
    pub size: u64,
    /// What it is.
    pub kind: SymbolKind,
    /// Whether its binding is weak.
    pub weak: bool,
    /// Whether the value is a number instead of an address (SHN_ABS).
    pub absolute: bool,
    /// Its index in its symbol table.
    pub number: u32,
}

impl Symbol {
    /// Whether `value` is an address in the image. It is not for thread-local and absolute symbols.
    pub fn has_address(&self) -> bool {
        self.kind != SymbolKind::Tls && !self.absolute
    }

    /// Whether the name is one that a compiler generates for a C++ (`_Z`), Rust (`_R`, `_ZN`) or D (`_D`) function or
    /// variable. C code does not call such a function.
    pub fn is_mangled(&self) -> bool {
        let name = self.name.as_str();
        // A Rust path contains a crate: `C`, followed by a hash (`s`) or by the length of its name.
        let has_crate = |path: &str| {
            path.starts_with(|first| "CIMNXY".contains(first))
                && path.split('C').skip(1).any(|after| {
                    after.starts_with(|first: char| first == 's' || first.is_ascii_digit())
                })
        };
        name.starts_with("_Z")
            || name.strip_prefix("_R").is_some_and(has_crate)
            || name
                .strip_prefix("_D")
                .is_some_and(|path| path.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// Whether the name is that of a function that an interpreter looks up in a module that it loads: Python
    /// (`PyInit_`), Perl (`boot_`), Lua (`luaopen_`) and Ruby (`Init_`). Nothing else calls such a function.
    pub fn is_entry_of_module(&self) -> bool {
        let prefixes = ["PyInit_", "PyInitU_", "boot_", "luaopen_", "Init_"];
        prefixes.iter().any(|prefix| self.name.as_str().starts_with(prefix))
    }
}

/// Where one symbol table lies in the file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Table<'a> {
    pub symbols: &'a [u8],
    pub strings: &'a [u8],
}

impl ElfFile {
    /// The symbols that other libraries and `dlsym` can find. They are defined in the dynamic symbol table, their
    /// binding is global, weak or unique, and their visibility is default or protected. Symbols that only name a
    /// version (`GLIBC_2.2.5` itself) are left out. The order is that of the table. Empty for a file without such a
    /// table, such as a static program or a separate debug file. In a file without section headers the table is found
    /// through the dynamic segment.
    ///
    /// Errors: `MalformedElf`; `Limit` for names that overlap more than any linker makes them.
    pub fn exports(&self) -> Result<Vec<Symbol>> {
        match DynamicTable::find(self)? {
            Some(dynamic) => self.exports_in(&dynamic, None),
            None => Ok(Vec::new()),
        }
    }

    /// The exports with this name, in all their versions. They are found by the hash table that the loader uses, so
    /// the cost does not depend on the number of exports. `None`: the file has no such table.
    ///
    /// Errors: as [`ElfFile::exports`].
    pub(crate) fn exports_named(&self, name: &str) -> Result<Option<Vec<Symbol>>> {
        let Some(dynamic) = DynamicTable::find(self)? else { return Ok(None) };
        match dynamic.numbers_of(self, name.as_bytes()) {
            Some(numbers) => self.exports_in(&dynamic, Some(&numbers)).map(Some),
            None => Ok(None),
        }
    }

    fn exports_in(
        &self,
        dynamic: &DynamicTable<'_>,
        numbers: Option<&[usize]>,
    ) -> Result<Vec<Symbol>> {
        let versions = Versions::read(self.headers().target.little_endian, dynamic, numbers)
            .map_err(|error| error.in_file(self.path()))?;
        self.read(dynamic.table, numbers, |raw, index, text| {
            let bound =
                matches!(raw.binding, elf::STB_GLOBAL | elf::STB_WEAK | elf::STB_GNU_UNIQUE);
            let seen = matches!(raw.visibility, elf::STV_DEFAULT | elf::STV_PROTECTED);
            if !bound || !seen {
                return None;
            }
            let (version, default_version) = versions.of_symbol(index);
            if raw.absolute && version.is_some_and(|version| version.as_str().as_bytes() == text) {
                return None;
            }
            Some((Name::from_bytes(text), version.cloned(), default_version))
        })
    }

    /// The symbols of the static table (`.symtab`), including local ones; empty if it was stripped. A version that
    /// the linker wrote into a name (`memcpy@GLIBC_2.2.5`) is split off.
    ///
    /// Errors: as [`ElfFile::exports`].
    pub fn local_symbols(&self) -> Result<Vec<Symbol>> {
        self.local_symbols_named(&|_| true)
    }

    /// Those of [`ElfFile::local_symbols`] for whose names, without a version, `wanted` returns true.
    pub(crate) fn local_symbols_named(
        &self,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<Symbol>> {
        let sections = &self.headers().sections;
        let Some(symtab) = sections.iter().find(|section| section.kind == elf::SHT_SYMTAB) else {
            return Ok(Vec::new());
        };
        let strings = sections
            .get(symtab.link as usize)
            .ok_or_else(|| self.malformed("the symbol table names no table of strings"))?;
        let table =
            Table { symbols: self.raw_section(symtab)?, strings: self.raw_section(strings)? };
        self.read(table, None, |_, _, text| {
            let at = text.iter().position(|&byte| byte == b'@').filter(|&at| at > 0);
            let (name, version) = text.split_at_checked(at.unwrap_or(text.len()))?;
            if !wanted(name) {
                return None;
            }
            if version.is_empty() {
                return Some((Name::from_bytes(name), None, true));
            }
            let bare = version.strip_prefix(b"@@").or(version.strip_prefix(b"@"))?;
            let default_version = version.starts_with(b"@@");
            Some((Name::from_bytes(name), Some(Name::from_bytes(bare)), default_version))
        })
    }

    fn read<'a>(
        &self,
        table: Table<'a>,
        numbers: Option<&[usize]>,
        name: impl FnMut(&Raw, usize, &'a [u8]) -> Option<(Name, Option<Name>, bool)>,
    ) -> Result<Vec<Symbol>> {
        let endian = self.headers().endian;
        let machine = self.target().machine;
        let symbols = if self.headers().is_64() {
            read::<elf::FileHeader64<Endianness>>(endian, machine, table, numbers, name)
        } else {
            read::<elf::FileHeader32<Endianness>>(endian, machine, table, numbers, name)
        };
        symbols.map_err(|error| error.in_file(self.path()))
    }
}

/// Some fields of an entry of a symbol table.
struct Raw {
    binding: u8,
    visibility: u8,
    absolute: bool,
}

/// The defined functions and variables of `table` for which `name` returns a name. If `numbers` is given, only those
/// with these numbers.
fn read<'a, Elf: FileHeader<Endian = Endianness>>(
    endian: Endianness,
    machine: u16,
    table: Table<'a>,
    numbers: Option<&[usize]>,
    mut name: impl FnMut(&Raw, usize, &'a [u8]) -> Option<(Name, Option<Name>, bool)>,
) -> Result<Vec<Symbol>> {
    let entries = slice_from_all_bytes::<Elf::Sym>(table.symbols).map_err(|()| {
        Error::new(ErrorKind::MalformedElf, "the symbol table ends inside of a symbol")
    })?;
    if numbers.is_none() {
        // Memory for the list of symbols while it grows, and for the tables that find them.
        crate::memory::probe(4 * (entries.len() * size_of::<Symbol>()) as u64)?;
    }
    // In the output of linkers, names share their tails to some extent. A file in which all names share one long tail
    // is hostile.
    let mut budget = (table.strings.len() + table.symbols.len()).saturating_mul(16);
    let mut symbols = Vec::new();
    let chosen = numbers.map(|numbers| numbers.iter().copied());
    let all = if chosen.is_some() { 0..0 } else { 0..entries.len() };
    for index in chosen.into_iter().flatten().chain(all) {
        let Some(entry) = entries.get(index) else { continue };
        let section = entry.st_shndx(endian);
        let kind = match entry.st_type() {
            elf::STT_FUNC => SymbolKind::Function,
            elf::STT_GNU_IFUNC => SymbolKind::Ifunc,
            elf::STT_OBJECT | elf::STT_COMMON => SymbolKind::Object,
            elf::STT_TLS => SymbolKind::Tls,
            elf::STT_NOTYPE => SymbolKind::Untyped,
            _ => continue,
        };
        if section == elf::SHN_UNDEF || entry.st_name(endian) == 0 {
            continue;
        }
        let text = text_at(table.strings, entry.st_name(endian) as usize)?;
        budget = budget.checked_sub(text.len()).ok_or_else(|| {
            Error::new(ErrorKind::Limit, "the names of the symbols overlap too much")
        })?;
        let raw = Raw {
            binding: entry.st_bind(),
            visibility: entry.st_visibility(),
            absolute: section == elf::SHN_ABS,
        };
        let Some((name, version, default_version)) = name(&raw, index, text) else { continue };
        let mut value: u64 = entry.st_value(endian).into();
        if machine == ARM && matches!(kind, SymbolKind::Function | SymbolKind::Ifunc) {
            value &= !1;
        }
        symbols.push(Symbol {
            name,
            version,
            default_version,
            value,
            size: entry.st_size(endian).into(),
            kind,
            weak: raw.binding == elf::STB_WEAK,
            absolute: raw.absolute,
            number: index as u32,
        });
    }
    Ok(symbols)
}

/// The NUL-terminated text at `offset` of a table of strings.
pub(super) fn text_at(strings: &[u8], offset: usize) -> Result<&[u8]> {
    let text = strings.get(offset..).and_then(|rest| {
        let end = rest.iter().position(|&byte| byte == 0)?;
        rest.get(..end)
    });
    text.ok_or_else(|| {
        Error::new(ErrorKind::MalformedElf, "a name lies outside of its table of strings")
    })
}
