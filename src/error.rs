//! What can go wrong between a symbol and its declaration.

use std::ffi::CStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The step that failed. Each kind has one C status ([`ErrorKind::status`]), frozen once released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A required argument was NULL.
    Null,
    /// An argument has a value that it cannot have (a bad handle, an index past the end, an unknown option).
    InvalidArgument,
    /// The symbol is not in the library's dynamic symbol table.
    NoSymbol,
    /// The address lies in no loaded library, or the handle names none.
    NotLoaded,
    /// The operating system refused to open, read or map a file.
    Io,
    /// The file is not an ELF file.
    NotElf,
    /// The file is ELF, but cut short or inconsistent.
    MalformedElf,
    /// No debug information was found for the library.
    NoDebugInfo,
    /// The file on disk is not the one that is mapped, or one of the two has no build-id to tell.
    BuildId,
    /// Debug files were found, but they belong to another build of the library.
    DebugFileMismatch,
    /// The debug information contradicts itself or the DWARF standard.
    MalformedDwarf,
    /// There is debug information, but none that gives this symbol a type (assembly, no unit).
    NoType,
    /// Several declarations of different types fit the symbol, and nothing decides between them.
    Ambiguous,
    /// The type is known, but libffi has no way to pass it.
    Unsupported,
    /// A bound on work or memory was reached on an input that no compiler makes.
    Limit,
    /// A defect of this library, stopped at its border.
    Internal,
    /// The process was forked while another thread used this library.
    Forked,
    /// There is not enough memory.
    NoMemory,
}

impl ErrorKind {
    /// Every kind, in the order of [`ErrorKind::status`].
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

    /// The `ftc_status` of the C interface: negative, frozen once released, never reused.
    pub fn status(self) -> i32 {
        match self {
            ErrorKind::Null => -1,
            ErrorKind::InvalidArgument => -2,
            ErrorKind::NoSymbol => -3,
            ErrorKind::NotLoaded => -4,
            ErrorKind::Io => -5,
            ErrorKind::NotElf => -6,
            ErrorKind::MalformedElf => -7,
            ErrorKind::NoDebugInfo => -8,
            ErrorKind::BuildId => -9,
            ErrorKind::DebugFileMismatch => -10,
            ErrorKind::MalformedDwarf => -11,
            ErrorKind::NoType => -12,
            ErrorKind::Ambiguous => -13,
            ErrorKind::Unsupported => -14,
            ErrorKind::Limit => -15,
            ErrorKind::Internal => -16,
            ErrorKind::Forked => -17,
            ErrorKind::NoMemory => -18,
        }
    }

    /// The kind with that status.
    pub fn from_status(status: i32) -> Option<ErrorKind> {
        ErrorKind::ALL.into_iter().find(|kind| kind.status() == status)
    }

    /// One general sentence on the kind, without a full stop.
    pub fn describe(self) -> &'static str {
        self.describe_c().to_str().unwrap_or_default()
    }

    /// The same sentence as C has it. Lives as long as the program.
    pub fn describe_c(self) -> &'static CStr {
        match self {
            ErrorKind::Null => c"a required argument is NULL",
            ErrorKind::InvalidArgument => c"an argument has a value that it cannot have",
            ErrorKind::NoSymbol => c"the library exports no such symbol",
            ErrorKind::NotLoaded => c"no loaded library has this handle or address",
            ErrorKind::Io => c"a file could not be opened, read or mapped",
            ErrorKind::NotElf => c"the file is not an ELF file",
            ErrorKind::MalformedElf => c"the ELF file is cut short or inconsistent",
            ErrorKind::NoDebugInfo => c"no debug information was found for the library",
            ErrorKind::BuildId => c"the file on disk is not known to be the one that is mapped",
            ErrorKind::DebugFileMismatch => {
                c"the debug file belongs to another build of the library"
            }
            ErrorKind::MalformedDwarf => c"the debug information is malformed",
            ErrorKind::NoType => c"the debug information gives this symbol no type",
            ErrorKind::Ambiguous => c"several declarations of different types fit the symbol",
            ErrorKind::Unsupported => c"libffi cannot pass a type of this declaration",
            ErrorKind::Limit => c"a bound on work or memory was reached",
            ErrorKind::Internal => c"a defect of libffitypecheck was stopped at its border",
            ErrorKind::Forked => c"the process was forked while another thread was inside a call",
            ErrorKind::NoMemory => c"there is not enough memory",
        }
    }
}

/// A failure: the step, a sentence for a binding author, and where in which file it was seen.
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
    /// A failure of `kind`; `message` says it in one sentence, without file names and without a full stop.
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

    /// Names the file in which it was seen, unless an inner step already did.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Error {
        self.file.get_or_insert_with(|| path.to_path_buf());
        self
    }

    /// Names the section, and the offset in it in bytes, unless an inner step already did.
    #[must_use]
    pub fn at(mut self, section: &'static str, offset: u64) -> Error {
        if self.section.is_none() {
            self.section = Some(section);
            self.offset = Some(offset);
        }
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        self.source = Some(Arc::new(source));
        self
    }

    /// The step that failed.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file in which it was seen.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The section in which it was seen.
    pub fn section(&self) -> Option<&'static str> {
        self.section
    }

    /// The offset in the section, in bytes.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }
}

impl Error {
    /// The text without the file's name, for a sentence that already has it.
    pub(crate) fn without_file(mut self) -> String {
        self.file = None;
        self.to_string()
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
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
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
    fn statuses_are_dense_and_negative() {
        for (index, kind) in ErrorKind::ALL.iter().enumerate() {
            assert_eq!(kind.status(), -(index as i32) - 1);
        }
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
