//! The errors of this library.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of a function that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of a failure. Each kind has one status of the C interface (`capi/status.rs`). The statuses do not change
/// once released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A required argument was NULL.
    Null,
    /// An argument has an invalid value (a bad handle, an index past the end, an unknown option).
    InvalidArgument,
    /// The symbol is not in the library's dynamic symbol table.
    NoSymbol,
    /// No loaded library has this address or handle.
    NotLoaded,
    /// The operating system refused to open, read or map a file.
    Io,
    /// The file is not an ELF file.
    NotElf,
    /// The file is ELF, but cut short or inconsistent.
    MalformedElf,
    /// No debug information was found for the library.
    NoDebugInfo,
    /// The file on disk is not the one that is mapped, or this is not known because one of the two has no build-id.
    BuildId,
    /// Debug files were found, but they belong to another build of the library.
    DebugFileMismatch,
    /// The debug information contradicts itself or the DWARF standard.
    MalformedDwarf,
    /// There is debug information, but it has no type for this symbol (assembly, no unit).
    NoType,
    /// Several declarations of different types fit the symbol, and nothing decides between them.
    Ambiguous,
    /// The type is known, but libffi has no way to pass it.
    Unsupported,
    /// A bound on work or memory was reached. No compiler's output does that.
    Limit,
    /// A defect of this library was caught before it reached the caller.
    Internal,
    /// The process was forked while another thread used this library.
    Forked,
    /// There is not enough memory.
    NoMemory,
}

impl ErrorKind {
    /// All kinds, in the order of their statuses.
    pub const ALL: [ErrorKind; 18] = [
        ErrorKind::Null,
        ErrorKind::InvalidArgument,
        ErrorKind::NoSymbol,
        ErrorKind::NotLoaded,
        ErrorKind::Io,
        ErrorKind::NotElf,
        ErrorKind::MalformedElf,
        ErrorKind::NoDebugInfo,
        ErrorKind::BuildId,
        ErrorKind::DebugFileMismatch,
        ErrorKind::MalformedDwarf,
        ErrorKind::NoType,
        ErrorKind::Ambiguous,
        ErrorKind::Unsupported,
        ErrorKind::Limit,
        ErrorKind::Internal,
        ErrorKind::Forked,
        ErrorKind::NoMemory,
    ];

    /// A general sentence about the kind, without a full stop.
    pub const fn describe(self) -> &'static str {
        match self {
            ErrorKind::Null => "a required argument is NULL",
            ErrorKind::InvalidArgument => "an argument has an invalid value",
            ErrorKind::NoSymbol => "the library exports no such symbol",
            ErrorKind::NotLoaded => "no loaded library has this handle or address",
            ErrorKind::Io => "a file could not be opened, read or mapped",
            ErrorKind::NotElf => "the file is not an ELF file",
            ErrorKind::MalformedElf => "the ELF file is cut short or inconsistent",
            ErrorKind::NoDebugInfo => "no debug information was found for the library",
            ErrorKind::BuildId => "the file on disk is not known to be the one that is mapped",
            ErrorKind::DebugFileMismatch => {
                "the debug file belongs to another build of the library"
            }
            ErrorKind::MalformedDwarf => "the debug information is malformed",
            ErrorKind::NoType => "the debug information has no type for this symbol",
            ErrorKind::Ambiguous => "several declarations of different types fit the symbol",
            ErrorKind::Unsupported => "libffi cannot pass a type of this declaration",
            ErrorKind::Limit => "a bound on work or memory was reached",
            ErrorKind::Internal => "an internal error, which is a defect of libffitypecheck",
            ErrorKind::Forked => "the process was forked while another thread was inside a call",
            ErrorKind::NoMemory => "there is not enough memory",
        }
    }
}

/// A failure: its kind, a sentence for the author of a binding, and its place in a file. `{}` prints the sentence
/// with its place; `{:#}` also prints the causes.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
    section: Option<&'static str>,
    offset: Option<u64>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Makes a failure of kind `kind`. `message` is one sentence without file names and without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
            file: None,
            section: None,
            offset: None,
            source: None,
        }
    }

    /// Sets the file in which the failure was found, unless an inner step already did.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Error {
        self.file.get_or_insert_with(|| path.to_path_buf());
        self
    }

    /// Sets the section, and the offset in it in bytes, unless an inner step already did.
    #[must_use]
    pub fn at(mut self, section: &'static str, offset: u64) -> Error {
        if self.section.is_none() {
            self.section = Some(section);
            self.offset = Some(offset);
        }
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        self.source = Some(Arc::new(source));
        self
    }

    /// The kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file in which it was found.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The section in which it was found.
    pub fn section(&self) -> Option<&'static str> {
        self.section
    }

    /// The offset in the section, in bytes.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }
}

impl Error {
    /// The text without the file's name, for a sentence that already contains it.
    pub(crate) fn without_file(mut self) -> String {
        self.file = None;
        format!("{self:#}")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        f.write_str(&self.message)?;
        if let (Some(section), Some(offset)) = (self.section, self.offset) {
            write!(f, " ({section} at offset {offset:#x})")?;
        }
        let mut source = std::error::Error::source(self).filter(|_| f.alternate());
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_causes_are_told_where_they_are_asked_for() {
        let cause = Error::new(ErrorKind::Io, "b").caused_by(std::fmt::Error);
        let error = Error::new(ErrorKind::BuildId, "a").caused_by(cause);
        assert_eq!(format!("{error}"), "a");
        assert_eq!(format!("{error:#}"), format!("a: b: {}", std::fmt::Error));
    }

    #[test]
    fn the_innermost_place_is_kept() {
        let error = Error::new(ErrorKind::MalformedDwarf, "an abbreviation is missing")
            .at(".debug_info", 0x42)
            .at(".debug_abbrev", 1)
            .in_file(Path::new("/lib/a.so"))
            .in_file(Path::new("/lib/b.so"));
        assert_eq!(
            error.to_string(),
            "/lib/a.so: an abbreviation is missing (.debug_info at offset 0x42)"
        );
    }
}
