//! A library on disk with its debug information. Finds the declarations of symbols.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::abi;
use crate::ctype::{Declaration, Name, TypeId, Types};
use crate::dwarf::{DwarfFile, Exported, Found, Query};
use crate::error::{Error, ErrorKind, Result};
use crate::image::{
    find_debug_files, Attempt, DebugFiles, ElfFile, Exports, SearchOptions, Symbol,
};
use crate::spell::TypeName;

/// An ELF file with its debug information, for any machine. Declarations and types are read on first use and kept.
/// Any number of threads may share it. A declaration keeps alive what it needs of the library.
pub struct Library {
    files: DebugFiles,
    attempts: Vec<Attempt>,
    options: SearchOptions,
    /// Read when the library is opened. With slim type information it is read on first use, because a single export
    /// can be found without it.
    exports: OnceLock<Arc<Exports>>,
    /// The debug information that was found when the library was opened: slim type information, or the full one.
    debug: DebugInfo,
    /// The full debug information of a library that has slim type information. Searched for when the latter does not
    /// suffice.
    full: OnceLock<Option<DebugInfo>>,
}

/// The debug information of a library, slim or full, and the types that are read from it.
struct DebugInfo {
    dwarf: Arc<DwarfFile>,
    /// For the full form, what all exports say together. Slim type information is already as complete as it can be.
    exported: Option<Arc<Exported>>,
    types: Arc<Types>,
}

impl DebugInfo {
    /// `exports` are the exports of the library, for the full form.
    fn open(
        files: &DebugFiles,
        options: &SearchOptions,
        exports: Option<&Arc<Exports>>,
    ) -> Result<DebugInfo> {
        let dwarf = Arc::new(DwarfFile::open(files, options)?);
        let exported = exports.map(|exports| Arc::new(Exported::new(&dwarf, Arc::clone(exports))));
        let types = Arc::new(dwarf.types(exported.as_ref()));
        Ok(DebugInfo { dwarf, exported, types })
    }

    /// The table of the types as their own units have them.
    fn declared(&self) -> &Arc<Types> {
        self.exported.as_ref().map_or(&self.types, |exported| exported.declared())
    }

    fn find_export(&self, symbol: &Symbol) -> Result<Found> {
        let query = match &self.exported {
            Some(exported) => exported.query(symbol),
            None => Query::of_number(symbol),
        };
        self.dwarf.find_symbol(self.declared(), &query)
    }

    /// Replaces a type in the table of declared types by the same type in the table of the library's types.
    fn complete(&self, mut found: Found) -> (&Arc<Types>, Found) {
        if let Some(key) = self.declared().key_of(found.ty) {
            found.ty = self.types.id_of(key);
        }
        (&self.types, found)
    }
}

impl Library {
    /// Opens the file at `path` and finds its debug information.
    ///
    /// Errors: `Io`, `NotElf`, `MalformedElf` (the file itself); `NoDebugInfo`, `DebugFileMismatch` (nothing found, or only
    /// of other builds); `MalformedDwarf` (the unit headers).
    pub fn open(path: &Path, options: &SearchOptions) -> Result<Library> {
        Library::from_file(Arc::new(ElfFile::open(path)?), options)
    }

    /// Finds the debug information of a file that is open already. Errors: as [`Library::open`].
    pub fn from_file(file: Arc<ElfFile>, options: &SearchOptions) -> Result<Library> {
        let (files, attempts) = find_debug_files(Arc::clone(&file), options);
        let files = files?;
        let exports = match files.slim {
            Some(_) => OnceLock::new(),
            None => OnceLock::from(Arc::new(Exports::read(&file)?)),
        };
        let debug = DebugInfo::open(&files, options, exports.get())?;
        let (options, full) = (options.clone(), OnceLock::new());
        Ok(Library { files, attempts, options, exports, debug, full })
    }

    /// The functions and variables that the file exports.
    ///
    /// Errors: as [`Library::export_table`].
    pub fn exports(&self) -> Result<&[Symbol]> {
        self.export_table().map(Exports::symbols)
    }

    /// The exports as a table that finds them by name and by address.
    ///
    /// Errors: those of [`Exports::read`], if the table was not read when the library was opened.
    pub fn export_table(&self) -> Result<&Exports> {
        self.shared_exports().map(Arc::as_ref)
    }

    fn shared_exports(&self) -> Result<&Arc<Exports>> {
        if let Some(exports) = self.exports.get() {
            return Ok(exports);
        }
        let exports = Arc::new(Exports::read(&self.files.library)?);
        Ok(self.exports.get_or_init(|| exports))
    }

    /// Whether the library no longer works, but may work if it is opened again: one of its files was written to
    /// since, or there was not enough memory. The files are checked at most once every few milliseconds.
    pub(crate) fn is_outdated(&self) -> bool {
        let temporary = |error: Error| matches!(error.kind(), ErrorKind::Io | ErrorKind::NoMemory);
        self.debug.dwarf.look().is_err_and(temporary)
    }

    /// The export with the name `name`, as [`Exports::find`] finds it.
    ///
    /// Errors: `NoSymbol`, `MalformedElf`, `Io` (a file was written to while it was in use).
    pub fn export(&self, name: &str) -> Result<Symbol> {
        self.debug.dwarf.look()?;
        let bare = name.split('@').next().unwrap_or(name);
        if self.exports.get().is_none() {
            if let Some(symbols) = self.files.library.exports_named(bare)? {
                return Exports::new(symbols).find(name).cloned();
            }
        }
        self.export_table()?.find(name).cloned()
    }

    /// The files with its debug information.
    pub fn files(&self) -> &DebugFiles {
        &self.files
    }

    /// The options of the search for the debug information.
    pub(crate) fn options(&self) -> &SearchOptions {
        &self.options
    }

    /// Every file that was examined for debug information, in order.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Why a part of the debug information cannot be read, for example because a `.dwo` file is missing. The
    /// declarations in that part are not known. This opens every part.
    pub fn missing(&self) -> Option<Error> {
        self.debug.dwarf.first_missing()
    }

    /// The declaration of an export by its name: `name`, `name@VERSION` or `name@@VERSION`.
    ///
    /// Errors: `NoSymbol`; those of [`Library::describe_export`].
    pub fn describe(&self, name: &str) -> Result<Declaration> {
        let symbol = self.export(name).map_err(|error| error.in_file(self.path()))?;
        self.describe_export(&symbol)
    }

    /// The declaration of one of [`Library::exports`].
    ///
    /// Errors: `NoType` (assembly, or no unit declares it); `Ambiguous`; `MalformedDwarf`; `MalformedElf` (damaged slim type
    /// information).
    pub fn describe_export(&self, symbol: &Symbol) -> Result<Declaration> {
        let mut found = self.debug.find_export(symbol);
        let mut debug = &self.debug;
        let unknown = found.as_ref().is_err_and(|error| error.kind() == ErrorKind::NoType);
        // Slim type information has no type for most mangled names, and no reason for what it does not have.
        if unknown && self.files.slim.is_some() {
            match self.full() {
                Some(full) => (debug, found) = (full, full.find_export(symbol)),
                None if !symbol.is_mangled() => {}
                None => {
                    let message = format!(
                        "the library's slim type information has no type for '{}'; names of C++, Rust and D are in it only if it was made with --mangled",
                        symbol.name
                    );
                    found = Err(Error::new(ErrorKind::NoType, message));
                }
            }
        }
        let found = found.map_err(|error| error.in_file(self.path()))?;
        Ok(self.declaration(debug.complete(found), symbol.name.clone(), symbol.version.clone()))
    }

    /// The declaration of the function or variable that begins at an address, exported or not. The address is that in
    /// the file, before relocation.
    ///
    /// Errors: `NoType`, also for an address inside a function or variable; `Ambiguous`; `MalformedDwarf`.
    pub fn describe_address(&self, value: u64) -> Result<Declaration> {
        self.debug.dwarf.look()?;
        let mut exports: Vec<&Symbol> = self.export_table()?.by_address(value).collect();
        exports.sort_by_key(|symbol| (symbol.is_mangled(), !symbol.default_version));
        if let Some(symbol) = exports.first() {
            return self.describe_export(symbol);
        }
        let debug = self.full().unwrap_or(&self.debug);
        debug.dwarf.look()?;
        let found = debug.dwarf.function_at(debug.declared(), value).map_err(|error| {
            let message = format!("no declared function begins at address {value:#x}");
            match error.kind() {
                ErrorKind::NoType => Error::new(ErrorKind::NoType, message),
                _ => error,
            }
            .in_file(self.path())
        })?;
        let name = found.name.clone();
        Ok(self.declaration(debug.complete(found), name, None))
    }

    /// The definitions of a type by its name in C. No symbol is needed: `struct stat`, `union u`, `enum e`, a typedef
    /// (`sqlite3_module`), a base type (`unsigned long`, in any order of words). For C++ also `ns::foo` and `class
    /// ns::foo`. Inline and unnamed namespaces may be left out.
    ///
    /// The list is never empty. Definitions in several units that are the same count as one. If definitions differ,
    /// all of them are listed in the order of their units, each with its own source file and line. Only what they say
    /// themselves is compared: typedefs are looked through, and a record or enumeration behind a pointer is compared
    /// by its tag. A type that is only declared everywhere is listed as incomplete. Types that are local to functions
    /// are not found.
    ///
    /// The first call reads the names of all units. Its cost is linear in the size of the debug information.
    ///
    /// Errors: `InvalidArgument` (not a plain name: `char *`); `NoType` (no unit defines it; the message says what
    /// else has the name); `NoDebugInfo`, `DebugFileMismatch` (it may be in split units that are missing); `Limit`;
    /// `MalformedDwarf`.
    pub fn describe_type(&self, name: &str) -> Result<Vec<Declaration>> {
        let name = TypeName::parse(name)?;
        let find = |debug: &DebugInfo| debug.dwarf.find_types(debug.declared(), &name);
        let (mut debug, mut found) = (&self.debug, find(&self.debug));
        // Slim type information has only the types that the exports reach.
        if found.as_ref().is_err_and(|error| error.kind() == ErrorKind::NoType) {
            if let Some(full) = self.full() {
                (debug, found) = (full, find(full));
            }
        }
        let found = found.map_err(|error| error.in_file(self.path()))?;
        let declaration =
            |found| self.declaration(debug.complete(found), Name::new(&name.text), None);
        Ok(found.into_iter().map(declaration).collect())
    }

    /// Verifies all of the slim type information that the library was opened with. Without this call, each part is
    /// verified when it is first read. A damaged part is an error. If a declaration only refers to it, it is an
    /// unknown type.
    ///
    /// Errors: `MalformedElf` (damaged), `Limit`.
    pub fn verify(&self) -> Result<()> {
        self.files.slim.as_ref().map_or(Ok(()), |file| file.verify_type_note())
    }

    /// The full debug information, if the library uses slim type information and there is a full one.
    fn full(&self) -> Option<&DebugInfo> {
        self.files.slim.as_ref()?;
        let open = || {
            let options = SearchOptions { slim: false, ..self.options.clone() };
            let library = if self.files.library.is_copied() {
                let file = ElfFile::open(self.path()).ok();
                let same = |file: &ElfFile| file.build_id() == self.files.library.build_id();
                Arc::new(file.filter(same)?)
            } else {
                Arc::clone(&self.files.library)
            };
            let files = find_debug_files(library, &options).0.ok()?;
            DebugInfo::open(&files, &options, Some(self.shared_exports().ok()?)).ok()
        };
        self.full.get_or_init(open).as_ref()
    }

    /// All exports whose type is known, with their symbols. The types are as their own units have them.
    pub(crate) fn declared_exports(&self) -> Vec<(&Symbol, Declaration)> {
        let Some(exported) = &self.debug.exported else { return Vec::new() };
        let declaration = |(index, found): &(usize, Found)| {
            let symbol = self.exports().ok()?.get(*index)?;
            let (name, version) = (symbol.name.clone(), symbol.version.clone());
            Some((symbol, self.declaration((exported.declared(), found.clone()), name, version)))
        };
        exported.all().iter().filter_map(declaration).collect()
    }

    /// Those of these types that are the definitions of types that are only declared.
    pub(crate) fn definitions(&self) -> Vec<TypeId> {
        self.debug.exported.as_ref().map_or_else(Vec::new, |exported| exported.definitions())
    }

    fn declaration(
        &self,
        (types, found): (&Arc<Types>, Found),
        symbol: Name,
        version: Option<Name>,
    ) -> Declaration {
        Declaration {
            types: Arc::clone(types),
            ty: found.ty,
            kind: found.kind,
            symbol,
            version,
            linkage_name: found.linkage_name.filter(|name| *name != found.name),
            name: found.name,
            library: self.path().to_path_buf(),
            key: found.key,
            evidence: found.evidence,
        }
    }

    fn path(&self) -> &Path {
        self.files.library.path()
    }
}

/// The definition, if [`Library::describe_type`] found only one.
///
/// Errors: `Ambiguous`, with the source file, line and size of each; `NoType` if there is none.
pub fn only_definition(found: &[Declaration]) -> Result<&Declaration> {
    let (first, rest) = found.split_first().ok_or_else(|| {
        Error::new(ErrorKind::NoType, "no unit of the debug information defines the type")
    })?;
    if rest.is_empty() {
        return Ok(first);
    }
    let told = |definition: &Declaration| {
        let place = definition
            .source()
            .map_or_else(|| "an unknown file".to_owned(), |(file, line)| format!("{file}:{line}"));
        match abi::size_of(&definition.types, definition.ty) {
            Some(size) => format!("{place} ({size} bytes)"),
            None => format!("{place} (incomplete)"),
        }
    };
    let mut places: Vec<String> = found.iter().take(DEFINITIONS).map(told).collect();
    if found.len() > DEFINITIONS {
        places.push(format!("{} more", found.len() - DEFINITIONS));
    }
    let message = format!(
        "'{}' has {} definitions that differ: {}",
        first.symbol,
        found.len(),
        places.join(", ")
    );
    Err(Error::new(ErrorKind::Ambiguous, message).in_file(&first.library))
}

/// The number of definitions that a message lists.
const DEFINITIONS: usize = 8;
