//! Slim type information: the types that the exports of a library need, as one compact DWARF 5 unit in a note.
//!
//! `note_format.rs` defines the form of the note. docs/slim.md explains the reasons for it.

mod abbreviations;
mod allocate;
mod bytes;
mod closure;
mod elf_bytes;
mod embed;
mod entry;
mod extract;
mod new_file;
mod size;
mod strings;
mod unit;

use std::path::PathBuf;

use gimli::constants::{self as dw, DwLang};

use crate::error::{Error, ErrorKind, Result};
use crate::image::Symbol;
use crate::library::Library;
use crate::note_format::{
    checksum_of_header, checksums_of, COMPRESSED, NOTE_HEADER, OWNER, PLAIN, VERSION,
};
pub use allocate::embed_allocated;
use bytes::fixed;
pub use embed::{embed, Pieces};
use entry::{AttributeValue, DieEntry};
pub use extract::extract;
pub use new_file::{debug_file, side_file};
pub use size::Share;
use strings::Naming;

/// What slim type information contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keep the names of parameters, and the source names of functions and variables that differ from their symbols.
    pub names: bool,
    /// The paths of the public headers, relative to their include directory (`openssl/evp.h`). A named record becomes
    /// opaque if it is declared in none of them and not below `/usr/include`. `None`: every record is kept.
    pub headers: Option<Vec<PathBuf>>,
    /// Keep exports with mangled names ([`Symbol::is_mangled`](crate::image::Symbol::is_mangled)), which C does not
    /// call.
    pub mangled: bool,
    /// Keep the source files and lines of declarations and named types, as the user's cache does.
    pub sources: bool,
}

impl Default for Options {
    /// Keeps everything but source files and lines.
    fn default() -> Options {
        Options { names: true, headers: None, mangled: true, sources: false }
    }
}

/// The slim type information of one library.
#[derive(Clone, Debug)]
pub struct Slim {
    /// The number of exports that have a type in it.
    pub described: usize,
    /// The number of exports of the library.
    pub exports: usize,
    /// The number of exports with mangled names that have no type in it.
    pub mangled: usize,
    /// The number of types.
    pub types: usize,
    /// The sizes in bytes of `.debug_abbrev`, `.debug_info`, `.debug_str_offsets`, `.debug_str` and the index.
    pub sizes: [usize; 5],
    little_endian: bool,
    /// The header and the table of checksums.
    header: Vec<u8>,
    body: Vec<u8>,
}

/// Makes the slim type information of a library: the types of all exports, and everything that they reach, each once.
/// The result depends only on the library, its debug information and the options.
///
/// Errors: `InvalidArgument` (the library was opened with its slim type information, see
/// [`SearchOptions::slim`](crate::image::SearchOptions::slim)), `MalformedElf`, `Limit`. Exports whose type is
/// unknown are left out.
pub fn encode(library: &Library, options: &Options) -> Result<Slim> {
    if library.files().slim.is_some() {
        let message = "slim type information is made from the full debug information";
        return Err(
            Error::new(ErrorKind::InvalidArgument, message).in_file(library.files().library.path())
        );
    }
    let mut exports = library.declared_exports();
    exports.retain(|(symbol, _)| options.mangled || !symbol.is_mangled());
    let (declarations, numbers): (Vec<_>, Vec<_>) =
        exports.into_iter().map(|(symbol, declaration)| (declaration, symbol.number)).unzip();
    let file = &library.files().library;
    let closure = closure::closure(&declarations, &library.definitions(), options);
    let target = file.target();
    let unit = unit::encode(
        root(dw::DW_LANG_C11),
        &closure.entries,
        &closure.files,
        target,
        Naming::ByNumber,
    );
    let first = numbers.iter().copied().min().unwrap_or(0);
    let last = numbers.iter().copied().max().map_or(first, |last| last + 1);
    let mut index = vec![0_u32; (last - first) as usize];
    for (number, entry) in numbers.iter().zip(&closure.exports) {
        let offset = unit.offsets.get(*entry as usize);
        if let (Some(place), Some(offset)) = (index.get_mut((number - first) as usize), offset) {
            *place = *offset;
        }
    }
    let mangled = mangled_without(library, |number| {
        let entry = number.checked_sub(first).and_then(|entry| index.get(entry as usize));
        entry.is_some_and(|offset| *offset != 0)
    })?;
    let width = match unit.info.len() {
        0..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    };
    let sections = [&unit.abbrev, &unit.info, &unit.str_offsets, &unit.str];
    let mut header = vec![VERSION, width as u8, 0, 0];
    let numbers = [file.symbol_hash()?, first, last - first];
    let lengths = sections.iter().map(|section| section.len() as u32);
    for number in numbers.into_iter().chain(lengths) {
        fixed(u64::from(number), 4, target.little_endian, &mut header);
    }
    let mut body = sections.map(Vec::as_slice).concat();
    for offset in &index {
        fixed(u64::from(*offset), width, target.little_endian, &mut body);
    }
    if body.len() > i32::MAX as usize {
        let message = "the type information is too large for a note";
        return Err(Error::new(ErrorKind::Limit, message).in_file(file.path()));
    }
    let mut table = Vec::with_capacity(body.len() / 1000);
    for checksum in checksums_of(&body) {
        fixed(u64::from(checksum), 4, target.little_endian, &mut table);
    }
    let checksum = checksum_of_header(&header, &table);
    fixed(u64::from(checksum), 4, target.little_endian, &mut header);
    header.extend(table);
    let [abbrev, info, str_offsets, str] = sections.map(Vec::len);
    Ok(Slim {
        described: declarations.len(),
        exports: library.exports()?.len(),
        mangled,
        types: closure.entries.len(),
        sizes: [abbrev, info, str_offsets, str, index.len() * width],
        little_endian: target.little_endian,
        header,
        body,
    })
}

/// The number of exports that have a mangled name and no type. `described` says whether the export with that symbol
/// number has a type.
fn mangled_without(library: &Library, described: impl Fn(u32) -> bool) -> Result<usize> {
    let left_out = |symbol: &&Symbol| symbol.is_mangled() && !described(symbol.number);
    Ok(library.exports()?.iter().filter(left_out).count())
}

/// The entry of the unit itself. It states only the language, because names include their scopes
/// (`ceph::buffer::list`).
fn root(language: DwLang) -> DieEntry<'static> {
    DieEntry::new(dw::DW_TAG_compile_unit)
        .with(dw::DW_AT_language, AttributeValue::Number(u64::from(language.0)))
}

impl Slim {
    /// The note with an uncompressed body.
    pub fn note(&self) -> Vec<u8> {
        self.note_of(PLAIN, &self.body)
    }

    /// The body of the note. In a compressed note it is one zstd frame.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The note with a body that the caller has compressed.
    pub fn compressed_note(&self, frame: &[u8]) -> Vec<u8> {
        self.note_of(COMPRESSED, frame)
    }

    fn note_of(&self, kind: u32, body: &[u8]) -> Vec<u8> {
        let size = self.header.len() + body.len();
        let mut note = Vec::with_capacity(NOTE_HEADER + size + 3);
        for number in [OWNER.len() as u64, size as u64, u64::from(kind)] {
            fixed(number, 4, self.little_endian, &mut note);
        }
        note.extend(OWNER);
        note.resize(note.len().next_multiple_of(4), 0);
        note.extend(&self.header);
        note.extend(body);
        note.resize(note.len().next_multiple_of(4), 0);
        note
    }
}
