//! The form of slim type information: what `slim` writes, and `image` and `dwarf` read.
//!
//! One ELF note in a section of its own, `.note.ffitypecheck`: owner `ffitypecheck`, type [`PLAIN`]. Its descriptor, in the byte order of
//! the file:
//!
//! | offset | size | |
//! |---|---|---|
//! | 0 | 1 | version of the format: 1 |
//! | 1 | 1 | size in bytes of an entry of the index: 2, 3 or 4 |
//! | 2 | 2 | flags: 0 |
//! | 4 | 4 | a hash of the dynamic symbol table, see [`symbol_hash`](crate::image::ElfFile::symbol_hash) |
//! | 8 | 4 | the number in the dynamic symbol table of the index's first entry |
//! | 12 | 4 | entries of the index |
//! | 16 | 4 × 4 | sizes in bytes of what follows: `.debug_abbrev`, `.debug_info`, `.debug_str_offsets`, `.debug_str` |
//! | 32 | 4 | checksum of the 32 bytes in front of it; the table's hash is the seed |
//! | 36 | | the table: the checksum of each 2048 bytes of the body, of which the last ones may be fewer |
//! | | | the body: these four, then the index |
//!
//! A checksum is the low half of an XXH64 hash, with seed 0 but for the header's. The index has for each symbol the offset in `.debug_info`
//! of a DIE: a subprogram, a variable, or, for a variable whose name equals the symbol, its type. 0: it has no type.
//! In a note of type [`COMPRESSED`] the body is one zstd frame; the table is of what it holds. The entries have four attributes of their own,
//! see [`AT_EVIDENCE`] and what follows it.

use gimli::constants::{DW_CC_lo_user, DwAt, DwCc};
use twox_hash::XxHash64;

use crate::ctype::Evidence;

/// The section that holds the note.
pub const SECTION: &str = ".note.ffitypecheck";
/// The note's owner, with its NUL.
pub const OWNER: &[u8] = b"ffitypecheck\0";
/// The type of a note that can be read as it is: `FTC`, 1. Small numbers have meanings that tools print for whatever owner:
/// 1 is NT_VERSION.
pub const PLAIN: u32 = 0x4654_4301;
/// The type of a note whose body is compressed with zstd.
pub const COMPRESSED: u32 = 0x4654_4302;
/// The version of the format.
pub const VERSION: u8 = 1;
/// The size of the descriptor's header in bytes, its checksum included.
pub const HEADER: usize = 36;
/// Where the checksum stands in the header.
pub(crate) const CHECKSUM_AT: usize = 32;
/// What stands in front of the descriptor: the note's three numbers, and its owner, padded.
pub(crate) const NOTE_HEADER: usize = 28;
/// The size in bytes of a block of the body, which has a checksum of its own.
pub(crate) const BLOCK: usize = 2048;

/// The checksum of each block of a body.
pub(crate) fn checksums_of(body: &[u8]) -> impl Iterator<Item = u32> + '_ {
    body.chunks(BLOCK).map(checksum)
}

/// The checksum of one block: the low half of a hash.
pub(crate) fn checksum(block: &[u8]) -> u32 {
    XxHash64::oneshot(0, block) as u32
}

/// The checksum of a note's header and of its table of checksums.
pub(crate) fn checksum_of_header(header: &[u8], table: &[u8]) -> u32 {
    XxHash64::oneshot(XxHash64::oneshot(0, table), header) as u32
}

/// DW_AT_calling_convention of a record of which it is not known how it is passed (DW_CC_lo_user).
pub(crate) const PASSED_SOMEHOW: DwCc = DW_CC_lo_user;

/// What DW_AT_producer of the ordinary unit begins with that [`extract`](crate::slim::extract) makes.
pub(crate) const PRODUCER: &str = "ffitypecheck ";

/// DW_AT_lo_user's range: what tied the symbol to its declaration, where it was not its address; see [`Evidence`].
pub(crate) const AT_EVIDENCE: DwAt = DwAt(0x3fc0);
/// What stands in front of the symbol and behind it in a name that contains it (glibc's `__printf`, libxml2's `xmlFree__internal_alias`).
pub(crate) const AT_NAME_BEFORE_SYMBOL: DwAt = DwAt(0x3fc2);
/// See [`AT_NAME_BEFORE_SYMBOL`].
pub(crate) const AT_NAME_BEHIND_SYMBOL: DwAt = DwAt(0x3fc3);
/// A flag: the linkage name is the symbol.
pub(crate) const AT_LINKAGE_NAME_IS_SYMBOL: DwAt = DwAt(0x3fc1);

/// The number by which [`AT_EVIDENCE`] says it; 0 is not written.
pub(crate) fn evidence_code(evidence: Evidence) -> u64 {
    match evidence {
        Evidence::Address => 0,
        Evidence::Name => 1,
        Evidence::Resolver => 2,
        Evidence::Use => 3,
    }
}

/// What [`evidence_code`] gave the number for.
pub(crate) fn evidence_of(code: Option<u64>) -> Evidence {
    match code {
        Some(1) => Evidence::Name,
        Some(2) => Evidence::Resolver,
        Some(3) => Evidence::Use,
        _ => Evidence::Address,
    }
}
