//! References to supplementary files (dwz), with the DWARF that several files have in common.

use std::path::PathBuf;

use super::elf::split_at_nul;

/// The reference from a debug file to the supplementary file (dwz) that has a part of its DWARF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplementaryLink {
    /// The file's name as written: absolute, or relative to the directory of the debug file.
    pub name: PathBuf,
    /// The identity that the file must have: its build-id (`.gnu_debugaltlink`), or the checksum in its own
    /// `.debug_sup`.
    pub identity: Vec<u8>,
    /// Whether `identity` is a checksum of `.debug_sup` (DWARF 5 §7.3.6).
    pub dwarf5: bool,
}

/// The contents of `.debug_sup`.
pub(super) struct DebugSup {
    pub supplementary: bool,
    pub name: Vec<u8>,
    pub checksum: Vec<u8>,
}

impl DebugSup {
    /// DWARF 5 §7.3.6: version (2 bytes), is_supplementary (1 byte), file name, size of the checksum (ULEB128),
    /// checksum.
    pub fn read(data: &[u8]) -> Option<DebugSup> {
        let supplementary = *data.get(2)? != 0;
        let (name, rest) = split_at_nul(data.get(3..)?)?;
        let digits = rest.iter().position(|byte| byte & 0x80 == 0)?;
        let (digits, checksum) = rest.split_at_checked(digits + 1)?;
        let size = digits.iter().rev().try_fold(0usize, |size, digit| {
            Some(size.checked_mul(128)? | usize::from(digit & 0x7f))
        })?;
        Some(DebugSup {
            supplementary,
            name: name.to_vec(),
            checksum: checksum.get(..size)?.to_vec(),
        })
    }
}
