//! Symbol versions: `.gnu.version`, `.gnu.version_d`, `.gnu.version_r` (LSB Core, "Symbol Versioning").

use std::collections::HashMap;

use object::elf::{VERSYM_HIDDEN, VERSYM_VERSION, VER_FLG_BASE, VER_NDX_GLOBAL};

use super::dynamic::DynamicTable;
use super::numbers::{half, word};
use super::symbols::text_at;
use crate::ctype::Name;
use crate::error::{Error, ErrorKind, Result};

/// The longest name of a version that is accepted, in bytes. Linker scripts have shorter ones.
const LONGEST_NAME: usize = 1024;

/// The version of each symbol of a dynamic symbol table.
pub(super) struct Versions<'a> {
    of_symbols: &'a [u8],
    /// The version numbers that are read; `None`: all.
    wanted: Option<Vec<u16>>,
    names: HashMap<u16, Name>,
    little_endian: bool,
}

impl<'a> Versions<'a> {
    /// The versions of all symbols, or of those with these numbers.
    pub(super) fn read(
        little_endian: bool,
        dynamic: &DynamicTable<'a>,
        symbols: Option<&[usize]>,
    ) -> Result<Versions<'a>> {
        let mut versions = Versions {
            of_symbols: dynamic.versions,
            wanted: None,
            names: HashMap::new(),
            little_endian,
        };
        versions.wanted = symbols
            .map(|symbols| symbols.iter().filter_map(|symbol| versions.number(*symbol)).collect());
        versions.read_definitions(dynamic.definitions, dynamic.table.strings)?;
        versions.read_needs(dynamic.needs, dynamic.table.strings)?;
        Ok(versions)
    }

    /// The version of the symbol with this index, and whether the bare name means it.
    pub(super) fn of_symbol(&self, index: usize) -> (Option<&Name>, bool) {
        let number = self.number(index).unwrap_or(VER_NDX_GLOBAL);
        match self.names.get(&(number & VERSYM_VERSION)) {
            Some(name) => (Some(name), number & VERSYM_HIDDEN == 0),
            None => (None, true),
        }
    }

    fn number(&self, index: usize) -> Option<u16> {
        half(self.of_symbols, index.saturating_mul(2), self.little_endian)
    }

    /// `Verdef`: version, flags, index, count, hash, offset of the first `Verdaux`, offset of the next `Verdef`.
    fn read_definitions(&mut self, data: &[u8], strings: &[u8]) -> Result<()> {
        let mut at = 0;
        while !data.is_empty() {
            let entry = data.get(at..).unwrap_or(&[]);
            let flags = self.half(entry, 2)?;
            let number = self.half(entry, 4)?;
            let first = self.word(entry, 12)?;
            let next = self.word(entry, 16)?;
            if flags & VER_FLG_BASE == 0 {
                // The first name is the version's own; the others are those that it succeeds.
                let name = self.word(entry.get(first..).unwrap_or(&[]), 0)?;
                self.add(number, strings, name)?;
            }
            if next == 0 {
                break;
            }
            at = at.saturating_add(next);
        }
        Ok(())
    }

    /// `Verneed`: version, count, file, offset of the first `Vernaux`, offset of the next `Verneed`. A program has
    /// versions of this kind for variables that were copied into it.
    fn read_needs(&mut self, data: &[u8], strings: &[u8]) -> Result<()> {
        let mut at = 0;
        // The entries that a linker writes do not overlap.
        let mut budget = data.len() / 16;
        while !data.is_empty() {
            let entry = data.get(at..).unwrap_or(&[]);
            let count = self.half(entry, 2)?;
            let mut needed_at = self.word(entry, 8)?;
            let next = self.word(entry, 12)?;
            for _ in 0..count {
                budget = budget.checked_sub(1).ok_or_else(overlap)?;
                let needed = entry.get(needed_at..).unwrap_or(&[]);
                self.add(self.half(needed, 6)?, strings, self.word(needed, 8)?)?;
                needed_at = needed_at.saturating_add(self.word(needed, 12)?);
            }
            if next == 0 {
                break;
            }
            at = at.saturating_add(next);
        }
        Ok(())
    }

    fn add(&mut self, number: u16, strings: &[u8], name: usize) -> Result<()> {
        let number = number & VERSYM_VERSION;
        let is = |other: &u16| other & VERSYM_VERSION == number;
        let wanted = self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(is));
        if wanted && number > VER_NDX_GLOBAL && !self.names.contains_key(&number) {
            // The length is limited, because each symbol gets a copy.
            let end = strings.len().min(name.saturating_add(LONGEST_NAME));
            let text = text_at(strings.get(..end).unwrap_or(&[]), name)?;
            self.names.insert(number, Name::from_bytes(text));
        }
        Ok(())
    }

    fn half(&self, data: &[u8], offset: usize) -> Result<u16> {
        half(data, offset, self.little_endian).ok_or_else(cut_short)
    }

    fn word(&self, data: &[u8], offset: usize) -> Result<usize> {
        word(data, offset, self.little_endian).map(|word| word as usize).ok_or_else(cut_short)
    }
}

fn cut_short() -> Error {
    Error::new(ErrorKind::MalformedElf, "the table of symbol versions is truncated")
}

fn overlap() -> Error {
    Error::new(ErrorKind::MalformedElf, "the table of needed symbol versions overlaps itself")
}
