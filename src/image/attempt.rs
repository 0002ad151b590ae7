//! The result for each file that was examined for debug information.

use std::fmt;
use std::path::PathBuf;

use crate::build_id::hex;
use crate::error::ErrorKind;

/// One file that was examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The file.
    pub path: PathBuf,
    /// How it was found.
    pub by: FoundBy,
    /// The result.
    pub outcome: Outcome,
}

/// How a file with DWARF was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoundBy {
    /// It is the library itself, with slim type information in a note.
    Note,
    /// The build-id, in the user's cache of type information.
    TypeCache,
    /// The build-id, in a directory of side files.
    SideFile,
    /// It is the library itself.
    Embedded,
    /// The caller named it.
    Given,
    /// The build-id, under a debug directory.
    BuildId,
    /// The name in `.gnu_debuglink`.
    Debuglink,
    /// The library's own path, under a debug directory.
    PathLayout,
    /// The build-id, in a cache of the debuginfod client.
    DebuginfodCache,
    /// The reference from the debug file to a supplementary file.
    Supplementary,
}

/// The result of examining a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is used.
    Used,
    /// It does not exist.
    Missing,
    /// It has no DWARF.
    NoDwarf,
    /// It belongs to another build, or cannot show that it belongs to this one.
    OtherBuild {
        /// Its build-id, or the checksum that a supplementary file has instead; `None`: it has neither.
        found: Option<Vec<u8>>,
    },
    /// It has no slim type information.
    NoNote,
    /// Its slim type information was made for a library with other exports.
    OtherExports,
    /// Its CRC-32 is not the one in `.gnu_debuglink`.
    BadChecksum {
        /// The one that `.gnu_debuglink` has.
        expected: u32,
        /// The file's.
        found: u32,
    },
    /// It cannot be opened or read; the text says why.
    Unreadable(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Used => f.write_str("used"),
            Outcome::Missing => f.write_str("does not exist"),
            Outcome::NoDwarf => f.write_str("has no DWARF"),
            Outcome::NoNote => f.write_str("has no slim type information"),
            Outcome::OtherExports => {
                f.write_str("has slim type information for other exports than it has")
            }
            Outcome::OtherBuild { found: Some(id) } => {
                write!(f, "belongs to another build (build-id {})", hex(id))
            }
            Outcome::OtherBuild { found: None } => {
                f.write_str("has no build-id that shows that it belongs to this build")
            }
            Outcome::BadChecksum { expected, found } => {
                write!(f, "has the CRC {found:08x} instead of {expected:08x}: it belongs to another build")
            }
            Outcome::Unreadable(why) => write!(f, "cannot be read ({why:#})"),
        }
    }
}

/// `DebugFileMismatch` if a file of another build was found, otherwise `NoDebugInfo`.
pub(super) fn kind_of_failure(attempts: &[Attempt]) -> ErrorKind {
    let mismatch = attempts.iter().any(|attempt| {
        matches!(attempt.outcome, Outcome::OtherBuild { .. } | Outcome::BadChecksum { .. })
    });
    if mismatch {
        ErrorKind::DebugFileMismatch
    } else {
        ErrorKind::NoDebugInfo
    }
}

/// Lists the files that exist, with the reason why each is not used, and the first path that does not exist: that is
/// where a debug package would put the file. The caller has all of them as attempts.
pub(super) fn list(attempts: &[Attempt]) -> String {
    let missing = |attempt: &&Attempt| attempt.outcome == Outcome::Missing;
    let existing = attempts.iter().filter(|attempt| !missing(attempt));
    let mut parts: Vec<String> = existing
        .map(|attempt| format!("{}, which {}", attempt.path.display(), attempt.outcome))
        .collect();
    if let Some(first) = attempts.iter().find(missing) {
        let others = attempts.iter().filter(missing).count() - 1;
        parts.push(match others {
            0 => first.path.display().to_string(),
            1 => format!("{} and 1 other place", first.path.display()),
            _ => format!("{} and {others} other places", first.path.display()),
        });
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("; looked for {}", parts.join("; "))
    }
}
