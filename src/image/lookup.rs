//! The exports of a file, found by name, by name and version, and by address.

use std::cmp::Ordering;

use super::elf::ElfFile;
use super::symbols::Symbol;
use crate::error::{Error, ErrorKind, Result};

/// The exports of one file, sorted so that a lookup takes logarithmic time.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    symbols: Vec<Symbol>,
    /// Indices, sorted by name. Symbols of the same name are in the order of the table.
    by_name: Vec<u32>,
    /// Indices of the symbols that have an address, sorted by value.
    by_address: Vec<u32>,
}

impl Exports {
    /// Reads the exports of `file`.
    ///
    /// Errors: as [`ElfFile::exports`].
    pub fn read(file: &ElfFile) -> Result<Exports> {
        Ok(Exports::new(file.exports()?))
    }

    /// A table of these symbols.
    pub fn new(symbols: Vec<Symbol>) -> Exports {
        let mut exports = Exports { symbols, by_name: Vec::new(), by_address: Vec::new() };
        let all = || (0u32..).zip(&exports.symbols);
        let mut by_name: Vec<u32> = all().map(|(index, _)| index).collect();
        by_name.sort_by_key(|&index| exports.get(index).map(|symbol| symbol.name.as_str()));
        let with_address = all().filter(|(_, symbol)| symbol.has_address());
        let mut by_address: Vec<u32> = with_address.map(|(index, _)| index).collect();
        by_address.sort_by_key(|&index| exports.get(index).map(|symbol| symbol.value));
        exports.by_name = by_name;
        exports.by_address = by_address;
        exports
    }

    /// All exports, in the order of the file.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The exports whose value is this address (as in the file, before relocation): a function and its aliases.
    pub fn by_address(&self, value: u64) -> impl Iterator<Item = &Symbol> {
        let indices = self.range(&self.by_address, |symbol| symbol.value.cmp(&value));
        indices.iter().filter_map(|&index| self.get(index))
    }

    /// The exports with this name, in all their versions.
    pub fn by_name<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Symbol> {
        let indices = self.range(&self.by_name, |symbol| symbol.name.as_str().cmp(name));
        indices.iter().filter_map(|&index| self.get(index))
    }

    /// The export that `name` means: `name`, `name@VERSION` or `name@@VERSION`. As for `dlsym`, a bare name means the
    /// export without a version, or else the default version. So a symbol that has only hidden versions
    /// (`_sys_errlist@GLIBC_2.2.5`) is found with its version, but not without. `name@@VERSION` is found only if that
    /// version is the default.
    ///
    /// Errors: `NoSymbol`; its text names the versions that exist.
    pub fn find(&self, name: &str) -> Result<&Symbol> {
        let (bare, version) = split_version(name);
        let default_only = version.is_none() || name.contains("@@");
        let fits = |symbol: &&Symbol| {
            let version_fits = version.is_none_or(|version| {
                symbol.version.as_ref().is_some_and(|own| own.as_str() == version)
            });
            version_fits && (symbol.default_version || !default_only)
        };
        let found = self.by_name(bare).filter(fits).min_by_key(|symbol| symbol.version.is_some());
        found.ok_or_else(|| self.no_symbol(bare, name))
    }

    fn no_symbol(&self, bare: &str, name: &str) -> Error {
        let mut others = Vec::new();
        // Ten are enough, and keep the message short if a hostile file has a million.
        for symbol in self.by_name(bare).take(10) {
            let at = if symbol.default_version { "@@" } else { "@" };
            others.push(match &symbol.version {
                Some(version) => format!("'{bare}{at}{version}'"),
                None => format!("'{bare}'"),
            });
        }
        let mut message = format!("the library exports no symbol '{name}'");
        if !others.is_empty() {
            message.push_str(", but ");
            message.push_str(&others.join(", "));
        }
        Error::new(ErrorKind::NoSymbol, message)
    }

    fn get(&self, index: u32) -> Option<&Symbol> {
        self.symbols.get(index as usize)
    }

    /// The part of `order` whose symbols compare as equal.
    fn range<'a>(&self, order: &'a [u32], compare: impl Fn(&Symbol) -> Ordering) -> &'a [u32] {
        let is = |index: u32, limit| self.get(index).is_some_and(|symbol| compare(symbol) <= limit);
        let start = order.partition_point(|&index| is(index, Ordering::Less));
        let end = order.partition_point(|&index| is(index, Ordering::Equal));
        order.get(start..end).unwrap_or(&[])
    }
}

/// Splits `name@VERSION` or `name@@VERSION`.
pub(super) fn split_version(name: &str) -> (&str, Option<&str>) {
    match name.split_once('@') {
        Some((bare, version)) if !bare.is_empty() => {
            (bare, Some(version.strip_prefix('@').unwrap_or(version)))
        }
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::SymbolKind;

    fn symbol(name: &str, version: Option<&str>, default_version: bool, value: u64) -> Symbol {
        Symbol {
            name: name.into(),
            version: version.map(Into::into),
            default_version,
            value,
            size: 0,
            kind: SymbolKind::Function,
            weak: false,
            absolute: false,
            number: 0,
        }
    }

    fn exports() -> Exports {
        let mut thread_local = symbol("errno", None, true, 0x20);
        thread_local.kind = SymbolKind::Tls;
        Exports::new(vec![
            symbol("memcpy", Some("V_1"), false, 0x10),
            symbol("zeta", None, true, 0x30),
            symbol("memcpy", Some("V_2"), true, 0x20),
            symbol("old", Some("V_1"), false, 0x40),
            symbol("memmove", Some("V_1"), true, 0x10),
            symbol("both", Some("V_2"), true, 0x50),
            symbol("both", None, true, 0x60),
            thread_local,
        ])
    }

    #[test]
    fn a_version_is_obeyed() {
        let exports = exports();
        for (name, value) in [
            ("memcpy", 0x20),
            ("memcpy@V_1", 0x10),
            ("memcpy@V_2", 0x20),
            ("memcpy@@V_2", 0x20),
            ("old@V_1", 0x40),
            ("zeta", 0x30),
            ("both", 0x60),
            ("both@V_2", 0x50),
        ] {
            assert_eq!(exports.find(name).unwrap().value, value, "{name}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let exports = exports();
        for (name, message) in [
            (
                "memcpy@@V_1",
                "the library exports no symbol 'memcpy@@V_1', but 'memcpy@V_1', 'memcpy@@V_2'",
            ),
            ("old", "the library exports no symbol 'old', but 'old@V_1'"),
            ("zeta@V_1", "the library exports no symbol 'zeta@V_1', but 'zeta'"),
            ("@", "the library exports no symbol '@'"),
            ("mem", "the library exports no symbol 'mem'"),
            ("", "the library exports no symbol ''"),
        ] {
            let error = exports.find(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NoSymbol);
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn aliases_share_an_address_but_thread_locals_have_none() {
        let exports = exports();
        let at = |value| {
            exports.by_address(value).map(|symbol| symbol.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(at(0x10), ["memcpy", "memmove"]);
        assert_eq!(at(0x20), ["memcpy"]);
        assert_eq!(at(0x21), [""; 0]);
    }
}
