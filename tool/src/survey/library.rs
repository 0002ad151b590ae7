//! Measures one library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ffitypecheck::ctype::TypeId;
use ffitypecheck::image::{ElfFile, FoundBy, Outcome, SearchOptions, Symbol, SymbolKind};
use ffitypecheck::slim::{embed, Share, Slim};
use ffitypecheck::{identity, Error, ErrorKind, Library};
use serde::Serialize;

use super::dwz::Dwz;
use super::sections::{facts, Sections};
use crate::arguments::ContentArguments;
use crate::failure::Failure;
use crate::r#where::hex;
use crate::slim::encode;

/// One library. Sizes are in bytes. What could not be measured is null, and `error` or `note_error` has the reason.
#[derive(Debug, Default, Serialize)]
pub struct LibraryFacts {
    pub path: String,
    pub soname: Option<String>,
    pub build_id: Option<String>,
    pub machine: Option<u16>,
    /// The file, and the part of it that strip would remove.
    pub file_bytes: u64,
    pub strippable_bytes: u64,
    /// The sections of the library.
    pub sections: Sections,
    /// The symbols of `.symtab`, in the library or in its debug file.
    pub symbols: Option<usize>,
    pub exports: Option<Exports>,
    pub debug: Option<Debug>,
    pub note: Option<Note>,
    /// The note without the records that no header of the packages declares.
    pub public_note: Option<Note>,
    /// Why there is no debug information, or why the library cannot be read.
    pub error: Option<String>,
    /// Why there is no note.
    pub note_error: Option<String>,
}

/// The defined symbols of `.dynsym`. An export has as many symbols as it has versions.
#[derive(Debug, Default, Serialize)]
pub struct Exports {
    pub functions: usize,
    pub variables: usize,
    pub untyped: usize,
    /// Of these three, the symbols with mangled names.
    pub mangled: usize,
    /// The symbols with C names whose type is known; and the numbers of the others, by reason.
    pub described: Option<usize>,
    pub undescribed: BTreeMap<&'static str, usize>,
    /// The symbols with mangled names whose type is known.
    pub mangled_described: Option<usize>,
}

/// The full debug information.
#[derive(Debug, Serialize)]
pub struct Debug {
    /// How it was found: embedded, build-id, debuglink, path, ...
    pub found: &'static str,
    /// The sections of the separate debug file; null if the debug information is in the library.
    pub separate: Option<Sections>,
    /// The sections of dwz's supplementary file, which other libraries may refer to as well, and its build-id.
    pub supplementary: Option<Sections>,
    pub supplementary_build_id: Option<String>,
    /// The types that the exports with C names reach in it.
    pub types: Option<usize>,
    pub dwz: Option<Dwz>,
}

/// Slim type information.
#[derive(Debug, Serialize)]
pub struct Note {
    /// The symbols and the types in it, each type once.
    pub described: usize,
    pub types: usize,
    pub bytes: usize,
    pub zstd_bytes: usize,
    /// The library with the note, as a file.
    pub library_bytes: usize,
    /// The bytes of its parts; the rest of `bytes` are headers and checksums.
    pub parts: BTreeMap<&'static str, usize>,
    /// The entries of each DWARF tag.
    pub tags: BTreeMap<String, Tag>,
}

#[derive(Debug, Serialize)]
pub struct Tag {
    pub entries: usize,
    pub bytes: usize,
    /// Of the bytes, names in the entries.
    pub names: usize,
}

/// What one library is measured with.
pub struct Search<'s> {
    pub options: &'s SearchOptions,
    /// Debug files that are tried if the usual places have none: the library's own path below each debug directory.
    pub candidates: Vec<PathBuf>,
    /// The directories with public headers.
    pub headers: &'s [PathBuf],
    pub dwz: bool,
}

/// A measured library, and the note that it would get.
pub type Measured = (LibraryFacts, Option<Vec<u8>>);

/// Measures the library in `file`, which is recorded as `path`.
pub fn measure(file: &Path, path: String, search: &Search) -> Measured {
    let mut facts = LibraryFacts { path, ..LibraryFacts::default() };
    let note = match measure_into(&mut facts, file, search) {
        Ok(note) => note,
        Err(error) => {
            facts.error = Some(sentence(&error));
            None
        }
    };
    (facts, note)
}

/// An error without the name of the file, which is a temporary one.
fn sentence(error: &Error) -> String {
    let text = format!("{error:#}");
    let file = error.file().map(|file| format!("{}: ", file.display()));
    // What was searched is different in each run.
    let text = file.and_then(|file| text.strip_prefix(&file).map(str::to_owned)).unwrap_or(text);
    match text.split_once("; looked for ") {
        Some((before, _)) => format!("{before})"),
        None => text,
    }
}

fn measure_into(
    record: &mut LibraryFacts,
    path: &Path,
    search: &Search,
) -> Result<Option<Vec<u8>>, Error> {
    let file = Arc::new(ElfFile::open(path)?);
    record.build_id = file.build_id().map(hex);
    record.machine = Some(file.target().machine);
    record.file_bytes = file.size();
    record.strippable_bytes = file.strippable();
    let own = section_facts(&file)?;
    (record.sections, record.soname, record.symbols) = (own.sections, own.soname, own.symbols);
    let library = match open(&file, search) {
        Ok(library) => library,
        Err(error) => {
            // The exports can be counted without debug information.
            record.exports = Some(count(ffitypecheck::image::Exports::read(&file)?.symbols()));
            return Err(error);
        }
    };
    let mut exports = count(library.exports()?);
    let types = describe(&library, &mut exports)?;
    record.exports = Some(exports);
    let files = library.files();
    let mut debug = Debug {
        found: found_by(&library),
        separate: None,
        supplementary: None,
        supplementary_build_id: None,
        types,
        dwz: None,
    };
    if let Some(separate) = &files.debug {
        let separate = section_facts(separate)?;
        record.symbols = record.symbols.or(separate.symbols);
        debug.separate = Some(separate.sections);
    }
    if let Some(supplementary) = &files.supplementary {
        debug.supplementary = Some(section_facts(supplementary)?.sections);
        debug.supplementary_build_id = supplementary.build_id().map(hex);
    }
    if search.dwz && files.slim.is_none() {
        debug.dwz = Some(Dwz::of(files.main().path()));
    }
    record.debug = Some(debug);
    let content = |headers: &[PathBuf]| ContentArguments {
        headers: headers.to_vec(),
        no_names: false,
        mangled: false,
        zstd: false,
    };
    let (note, bytes) = match note_of(&library, &content(&[])) {
        Ok(made) => made,
        Err(Failure::Library(error)) => {
            record.note_error = Some(sentence(&error));
            return Ok(None);
        }
        Err(other) => {
            record.note_error = Some(other.to_string());
            return Ok(None);
        }
    };
    record.note = Some(note);
    if !search.headers.is_empty() && files.slim.is_none() {
        record.public_note = note_of(&library, &content(search.headers)).ok().map(|(note, _)| note);
    }
    Ok(Some(bytes))
}

fn section_facts(file: &ElfFile) -> Result<super::sections::Facts, Error> {
    facts(file.data()).map_err(|error| {
        Error::new(ErrorKind::MalformedElf, "the section headers cannot be read").caused_by(error)
    })
}

/// Opens the library with its full debug information; with its note if there is nothing else.
fn open(file: &Arc<ElfFile>, search: &Search) -> Result<Library, Error> {
    let full = SearchOptions { slim: false, ..search.options.clone() };
    let open = |options: &SearchOptions| Library::from_file(Arc::clone(file), options);
    open(&full).or_else(|error| {
        let given = search.candidates.iter().filter(|candidate| candidate.is_file());
        let mut given = given.filter_map(|candidate| {
            open(&SearchOptions { debug_file: Some(candidate.clone()), ..full.clone() }).ok()
        });
        let own_note = || open(search.options).ok();
        given.next().or_else(own_note).ok_or(error)
    })
}

fn found_by(library: &Library) -> &'static str {
    let used = |by: FoundBy| {
        let attempts = library.attempts().iter();
        attempts.clone().any(|attempt| attempt.by == by && attempt.outcome == Outcome::Used)
    };
    let places = [
        (FoundBy::Note, "note"),
        (FoundBy::SideFile, "side file"),
        (FoundBy::Embedded, "embedded"),
        (FoundBy::BuildId, "build-id"),
        (FoundBy::Debuglink, "debuglink"),
        (FoundBy::PathLayout, "path"),
        (FoundBy::Given, "path"),
        (FoundBy::DebuginfodCache, "debuginfod"),
        (FoundBy::TypeCache, "cache"),
    ];
    places.into_iter().find(|(by, _)| used(*by)).map_or("unknown", |(_, name)| name)
}

fn count(symbols: &[Symbol]) -> Exports {
    let mut exports = Exports::default();
    for symbol in symbols {
        match symbol.kind {
            SymbolKind::Function | SymbolKind::Ifunc => exports.functions += 1,
            SymbolKind::Object | SymbolKind::Tls => exports.variables += 1,
            SymbolKind::Untyped => exports.untyped += 1,
        }
        exports.mangled += usize::from(symbol.is_mangled());
    }
    exports
}

/// Counts the exports with a type, and the reasons why others have none. Returns the number of types that those with
/// C names reach.
fn describe(library: &Library, exports: &mut Exports) -> Result<Option<usize>, Error> {
    let (mut described, mut mangled) = (0, 0);
    let mut roots: Vec<TypeId> = Vec::new();
    let mut types = None;
    for symbol in library.exports()? {
        match (library.describe_export(symbol), symbol.is_mangled()) {
            (Ok(_), true) => mangled += 1,
            (Ok(declaration), false) => {
                described += 1;
                roots.push(declaration.ty);
                types.get_or_insert(declaration.types);
            }
            (Err(error), false) => {
                *exports.undescribed.entry(reason(&error)).or_default() += 1;
            }
            (Err(_), true) => {}
        }
    }
    (exports.described, exports.mangled_described) = (Some(described), Some(mangled));
    Ok(types.map(|types| identity::reachable(&types, roots).len()))
}

/// The reason in few words, without the names that the sentence has.
fn reason(error: &Error) -> &'static str {
    let sentence = error.to_string();
    match error.kind() {
        ErrorKind::NoType if sentence.contains("is written in assembly") => "assembly",
        ErrorKind::NoType if sentence.contains("compiled without types") => {
            "compiled without types"
        }
        ErrorKind::NoType if sentence.contains("no unit") => "in no unit",
        kind => kind.describe(),
    }
}

fn note_of(library: &Library, content: &ContentArguments) -> Result<(Note, Vec<u8>), Failure> {
    let slim = match Slim::of(library)? {
        Some(slim) => slim,
        None => encode(library, content)?,
    };
    let bytes = content.note(&slim)?;
    let compressed = ContentArguments {
        headers: Vec::new(),
        no_names: content.no_names,
        mangled: content.mangled,
        zstd: true,
    };
    let made = embed(library.files().library.data(), &bytes)?;
    let names = ["abbreviations", "entries", "name_offsets", "names", "index"];
    let tag = |Share { entries, bytes, names }| Tag { entries, bytes, names };
    let note = Note {
        described: slim.described,
        types: slim.types,
        bytes: bytes.len(),
        zstd_bytes: compressed.note(&slim)?.len(),
        library_bytes: made.parts().iter().map(|part| part.len()).sum(),
        parts: names.into_iter().zip(slim.sizes).collect(),
        tags: slim.shares()?.into_iter().map(|(name, share)| (name, tag(share))).collect(),
    };
    Ok((note, bytes))
}
