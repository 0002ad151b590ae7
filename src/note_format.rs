//! The format of slim type information, which `slim` writes, and `image` and `dwarf` read.
//!
//! It is one ELF note in its own section `.note.ffitypecheck`, with the owner `ffitypecheck` and the type [`PLAIN`].
//! This is its descriptor, in the byte order of the file:
//!
//! | offset | size | |
//! |---|---|---|
//! | 0 | 1 | version of the format: 1 |
//! | 1 | 1 | size in bytes of an entry of the index: 2, 3 or 4 |
//! | 2 | 2 | flags: 0 |
//! | 4 | 4 | a hash of the dynamic symbol table, see [`symbol_hash`](crate::image::ElfFile::symbol_hash) |
//! | 8 | 4 | the number of the symbol of the index's first entry, in the dynamic symbol table |
//! | 12 | 4 | number of entries of the index |
//! | 16 | 4 × 4 | sizes in bytes of what follows: `.debug_abbrev`, `.debug_info`, `.debug_str_offsets`, `.debug_str` |
//! | 32 | 4 | checksum of the 32 bytes before it, with the hash of the table as seed |
//! | 36 | | the table: a checksum for each block of 2048 bytes of the body; the last block may be shorter |
//! | | | the body: the four sections, then the index |
//!
//! A checksum is the low half of an XXH64 hash. The seed is 0, except for the header's. The index has one entry for
//! each symbol: the offset in `.debug_info` of a DIE. The DIE is a subprogram, a variable, or, for a variable whose name
//! equals the symbol, its type. 0 means that the symbol has no type.
//!
//! In a note of type [`COMPRESSED`] the body is one zstd frame, and the checksums are those of its decompressed content.
//! The DIEs have five attributes of their own, see [`AT_EVIDENCE`] and the constants after it.

use gimli::constants::{DW_CC_lo_user, DwAt, DwCc};
use twox_hash::XxHash64;

use crate::ctype::Evidence;

/// The section with the note.
pub const SECTION: &str = ".note.ffitypecheck";
/// The note's owner, with its NUL.
pub const OWNER: &[u8] = b"ffitypecheck\0";
/// The type of a note that is not compressed: `FTC` and 1. Small numbers already have meanings, which tools print for
/// any owner. 1 is NT_VERSION.
pub const PLAIN: u32 = 0x4654_4301;
/// The type of a note whose body is compressed with zstd.
pub const COMPRESSED: u32 = 0x4654_4302;
/// The version of the format.
pub const VERSION: u8 = 1;
/// The size of the descriptor's header in bytes, including its checksum.
pub const HEADER: usize = 36;
/// The offset of the checksum in the header.
pub(crate) const CHECKSUM_AT: usize = 32;
/// The size in bytes of what precedes the descriptor: the three numbers of the note, and its padded owner.
pub(crate) const NOTE_HEADER: usize = 28;
/// The size in bytes of a block of the body. Each block has a checksum of its own.
pub(crate) const BLOCK: usize = 2048;

/// The checksum of each block of a body.
pub(crate) fn checksums_of(body: &[u8]) -> impl Iterator<Item = u32> + '_ {
    body.chunks(BLOCK).map(checksum)
}

/// The checksum of one block: the low half of its hash.
pub(crate) fn checksum(block: &[u8]) -> u32 {
    XxHash64::oneshot(0, block) as u32
}

/// The checksum of a note's header and of its table of checksums.
pub(crate) fn checksum_of_header(header: &[u8], table: &[u8]) -> u32 {
    XxHash64::oneshot(XxHash64::oneshot(0, table), header) as u32
}

/// The DW_AT_calling_convention of a record if it is not known how the record is passed (DW_CC_lo_user).
pub(crate) const PASSED_SOMEHOW: DwCc = DW_CC_lo_user;

/// The beginning of DW_AT_producer in the ordinary unit that [`extract`](crate::slim::extract) makes.
pub(crate) const PRODUCER: &str = "ffitypecheck ";

/// How the declaration of the symbol was found, if not by its address; see [`Evidence`]. The number is one of those
/// from DW_AT_lo_user.
pub(crate) const AT_EVIDENCE: DwAt = DwAt(0x3fc0);
/// The text before the symbol in a name that contains it (glibc's `__printf`, libxml2's `xmlFree__internal_alias`).
pub(crate) const AT_NAME_BEFORE_SYMBOL: DwAt = DwAt(0x3fc2);
/// The text after the symbol in a name that contains it; see [`AT_NAME_BEFORE_SYMBOL`].
pub(crate) const AT_NAME_BEHIND_SYMBOL: DwAt = DwAt(0x3fc3);
/// A flag: the linkage name equals the symbol.
pub(crate) const AT_LINKAGE_NAME_IS_SYMBOL: DwAt = DwAt(0x3fc1);

/// The source file of the declaration, as text; DW_AT_decl_line has the line. Only the user's cache has it: there is no
/// line table to which DW_AT_decl_file could refer.
pub(crate) const AT_SOURCE_FILE: DwAt = DwAt(0x3fc4);

/// The value of [`AT_EVIDENCE`]. 0 is not written.
pub(crate) fn evidence_code(evidence: Evidence) -> u64 {
    match evidence {
        Evidence::Address => 0,
        Evidence::Name => 1,
        Evidence::Resolver => 2,
        Evidence::Use => 3,
    }
}

/// The evidence for a value that [`evidence_code`] returned.
pub(crate) fn evidence_of(code: Option<u64>) -> Evidence {
    match code {
        Some(1) => Evidence::Name,
        Some(2) => Evidence::Resolver,
        Some(3) => Evidence::Use,
        _ => Evidence::Address,
    }
}
