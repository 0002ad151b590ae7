//! Reads the note of a file that has slim type information. [`note_format`](crate::note_format) describes its form.

use std::borrow::Cow;

use object::elf;

use super::checksums::{damage, Checksums};
use super::compression::{decompress, Compression};
use super::dynamic::DynamicTable;
use super::elf::ElfFile;
use super::numbers::word;
use crate::error::{Error, ErrorKind, Result};
use crate::note_format::{
    checksum_of_header, BLOCK, CHECKSUM_AT, COMPRESSED, HEADER, NOTE_HEADER, OWNER, PLAIN, SECTION,
    VERSION,
};

/// The largest body in bytes that is decompressed.
const LARGEST: u64 = 1 << 30;

/// The note of one file: its header, and what follows it.
#[derive(Debug)]
pub(crate) struct TypeNote<'a> {
    /// The hash of the dynamic symbol table for which the note was made.
    pub symbol_hash: u32,
    /// The number of the first symbol in the index.
    pub first: u32,
    /// The number of symbols in the index.
    pub count: u32,
    /// The size in bytes of an entry of the index.
    pub width: usize,
    /// Whether the body is compressed.
    pub compressed: bool,
    /// The sizes in bytes of the first four parts of the body; the index is the rest.
    pub sizes: [usize; 4],
    /// The checksums of the body.
    pub checksums: Checksums,
    /// The header and the table of checksums.
    pub header: &'a [u8],
    /// The body as the file has it.
    stored: &'a [u8],
}

impl ElfFile {
    /// Whether the file has slim type information.
    pub fn has_type_note(&self) -> bool {
        self.note_section().is_ok_and(|note| note.is_some())
    }

    /// Reads the header of the note. `None`: there is no note.
    ///
    /// Errors: `MalformedElf` (truncated, damaged), `Unsupported` (another version).
    pub(crate) fn type_note(&self) -> Result<Option<TypeNote<'_>>> {
        let little_endian = self.target().little_endian;
        let note = self.note_section()?.map(|note| read(note, little_endian)).transpose();
        note.map_err(|error| error.in_file(self.path()))
    }

    /// Verifies the whole note.
    pub(crate) fn verify_type_note(&self) -> Result<()> {
        let body = self.type_note()?.map(|note| note.verified_body().map(drop)).transpose();
        body.map(|_| ()).map_err(|error| error.in_file(self.path()))
    }

    /// The contents of the note: found by its section, or by its segment if there are no section headers.
    fn note_section(&self) -> Result<Option<&[u8]>> {
        if self.headers().sections.is_empty() {
            let notes = self.headers().segments.iter().filter(|one| one.kind == elf::PT_NOTE);
            let mut notes = notes.filter_map(|note| self.bytes(note.offset, note.file_size));
            return Ok(notes.find(|note| note.get(12..12 + OWNER.len()) == Some(OWNER)));
        }
        match self.section(SECTION)? {
            // This library does not compress the section itself, only the body of the note. Another program made a
            // compressed one.
            Some(Cow::Borrowed(section)) => Ok(Some(section).filter(|section| !section.is_empty())),
            Some(Cow::Owned(_)) => {
                Err(self.malformed(format!("{SECTION} is compressed as a whole")))
            }
            None => Ok(None),
        }
    }

    /// A hash of the names and kinds in the dynamic symbol table, in its order. The index of a note is tied to it.
    /// The build-id would not do, because it changes when a debug package is made (debugedit).
    ///
    /// The hash covers `st_name` and `st_info` of each symbol. They change only if another table is made.
    ///
    /// Errors: `MalformedElf`.
    pub fn symbol_hash(&self) -> Result<u32> {
        let Some(dynamic) = DynamicTable::find(self)? else { return Ok(0) };
        let (size, info) = if self.headers().is_64() { (24, 4) } else { (16, 12) };
        let little_endian = self.target().little_endian;
        // The name in the low four bytes, the kind in the fifth. A 64-bit little-endian symbol begins in this order.
        let value = |symbol: &[u8]| match (size, little_endian, symbol.first_chunk()) {
            (24, true, Some(first)) => u64::from_le_bytes(*first) & 0xff_ffff_ffff,
            _ => {
                let name = word(symbol, 0, little_endian).unwrap_or(0);
                u64::from(symbol.get(info).copied().unwrap_or(0)) << 32 | u64::from(name)
            }
        };
        // The multiplier of Steele and Vigna's table for 64-bit linear congruential generators.
        let hash = dynamic.table.symbols.chunks_exact(size).fold(0_u64, |hash, symbol| {
            (hash.rotate_left(5) ^ value(symbol)).wrapping_mul(0xd134_2543_de82_ef95)
        });
        Ok((hash >> 32) as u32)
    }
}

impl<'a> TypeNote<'a> {
    /// The body: the four sections and the index, decompressed if it is compressed. A part of it can be trusted after
    /// [`TypeNote::checksums`] has verified it.
    ///
    /// Errors: `MalformedElf`, `Limit`.
    pub fn body(&self) -> Result<Cow<'a, [u8]>> {
        let size = size_of_body(&self.sizes, self.count, self.width);
        let body = if !self.compressed {
            Cow::Borrowed(self.stored.get(..size as usize).unwrap_or(self.stored))
        } else if size > LARGEST {
            return Err(malformed());
        } else {
            Cow::Owned(decompress(Compression::Zstd, self.stored, size)?)
        };
        if body.len() as u64 == size {
            Ok(body)
        } else {
            Err(malformed())
        }
    }

    /// The whole body, after every block of it was verified.
    ///
    /// Errors: `MalformedElf`, `Limit`.
    pub fn verified_body(&self) -> Result<Cow<'a, [u8]>> {
        let body = self.body()?;
        self.checksums.verify(&body, 0..body.len())?;
        Ok(body)
    }

    /// The range of a part of the body. Parts 0 to 3 are `.debug_abbrev`, `.debug_info`, `.debug_str_offsets` and
    /// `.debug_str`; part 4 is the index.
    pub fn part(&self, number: usize) -> std::ops::Range<usize> {
        let start: usize = self.sizes.iter().take(number).sum();
        let index = self.count as usize * self.width;
        start..start + self.sizes.get(number).copied().unwrap_or(index)
    }
}

fn malformed() -> Error {
    Error::new(ErrorKind::MalformedElf, format!("{SECTION} is malformed"))
}

fn size_of_body(sizes: &[usize; 4], count: u32, width: usize) -> u64 {
    let index = u64::from(count) * width as u64;
    sizes.iter().fold(index, |size, part| size.saturating_add(*part as u64))
}

fn read(section: &[u8], little_endian: bool) -> Result<TypeNote<'_>> {
    let number = |offset| word(section, offset, little_endian).ok_or_else(malformed);
    let (owner_size, size, kind) = (number(0)? as usize, number(4)? as usize, number(8)?);
    let owner = section.get(12..12 + OWNER.len());
    let descriptor = section.get(NOTE_HEADER..).and_then(|rest| rest.get(..size));
    let descriptor = descriptor.ok_or_else(malformed)?;
    if owner != Some(OWNER) || owner_size != OWNER.len() {
        return Err(malformed());
    }
    let (Some(&version), Some(&width)) = (descriptor.first(), descriptor.get(1)) else {
        return Err(malformed());
    };
    if version != VERSION || !matches!(kind, PLAIN | COMPRESSED) {
        let message = format!(
            "{SECTION} is of a form that this library does not read (type {kind:#x}, version {version})"
        );
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let field = |offset| word(descriptor, offset, little_endian).ok_or_else(malformed);
    let mut sizes = [0; 4];
    for (size, offset) in sizes.iter_mut().zip([16, 20, 24, 28]) {
        *size = field(offset)? as usize;
    }
    let (count, width) = (field(12)?, usize::from(width));
    let blocks = size_of_body(&sizes, count, width).div_ceil(BLOCK as u64);
    let table_end =
        usize::try_from(blocks).ok().and_then(|blocks| blocks.checked_mul(4)?.checked_add(HEADER));
    let table = table_end.and_then(|end| descriptor.get(HEADER..end));
    let (Some(header), Some(table)) = (descriptor.get(..CHECKSUM_AT), table) else {
        return Err(damage(NOTE_HEADER));
    };
    if field(CHECKSUM_AT)? != checksum_of_header(header, table) {
        return Err(damage(NOTE_HEADER));
    }
    if !(2..=4).contains(&width) {
        return Err(malformed());
    }
    let (stored_at, compressed) = (HEADER + table.len(), kind == COMPRESSED);
    let (header, stored) = descriptor.split_at_checked(stored_at).ok_or_else(malformed)?;
    Ok(TypeNote {
        symbol_hash: field(4)?,
        first: field(8)?,
        count,
        width,
        compressed,
        sizes,
        checksums: Checksums::read(table, little_endian, NOTE_HEADER + stored_at, compressed),
        header,
        stored,
    })
}
