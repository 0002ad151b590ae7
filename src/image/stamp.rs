//! Checks whether a file was written to since it was mapped. The mapped bytes are then not those that were opened. If
//! the file was truncated, reading them raises SIGBUS.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Distinguishes one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    pub fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    /// Whether the file was written to. False if the path now leads to another file or to none: the mapped file is
    /// then unchanged.
    pub fn is_outdated(&self, path: &Path) -> bool {
        let now = std::fs::metadata(path).map(|metadata| Stamp::of(&metadata));
        now.is_ok_and(|now| now.file == self.file && now != *self)
    }
}
