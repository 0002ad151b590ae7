//! The headers of an ELF file, read and written in place.

use object::elf;

use super::bytes::fixed;
use crate::error::{Error, ErrorKind, Result};

/// The positions of the fields in files of one class and byte order, as offsets and sizes in bytes (generic ABI, "ELF
/// Header", "Section Header").
#[derive(Clone, Copy, Debug)]
pub(super) struct ElfForm {
    pub is_64: bool,
    pub little_endian: bool,
}

/// The offset of a field in its header, and its size, in bytes.
type HeaderField = (usize, usize);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SectionHeader {
    pub name: u64,
    pub kind: u64,
    pub flags: u64,
    pub address: u64,
    pub offset: u64,
    pub size: u64,
    pub link: u64,
    pub info: u64,
    pub align: u64,
    pub entry_size: u64,
}

impl ElfForm {
    /// Errors: `NotElf`, `MalformedElf`.
    pub fn of(file: &[u8]) -> Result<ElfForm> {
        if !file.starts_with(&elf::ELFMAG) {
            return Err(Error::new(ErrorKind::NotElf, "the file does not begin as an ELF file"));
        }
        let is_64 = match file.get(4).copied() {
            Some(elf::ELFCLASS64) => true,
            Some(elf::ELFCLASS32) => false,
            _ => return Err(malformed("the ELF header has no valid class")),
        };
        let little_endian = match file.get(5).copied() {
            Some(elf::ELFDATA2LSB) => true,
            Some(elf::ELFDATA2MSB) => false,
            _ => return Err(malformed("the ELF header has no valid byte order")),
        };
        let form = ElfForm { is_64, little_endian };
        if file.len() < form.file_header() {
            Err(malformed("the ELF header is truncated"))
        } else {
            Ok(form)
        }
    }

    pub fn file_header(self) -> usize {
        if self.is_64 {
            64
        } else {
            52
        }
    }

    pub fn section_header(self) -> usize {
        if self.is_64 {
            64
        } else {
            40
        }
    }

    /// The size of an address or offset in bytes.
    pub fn word(self) -> usize {
        if self.is_64 {
            8
        } else {
            4
        }
    }

    pub fn program_headers_at(self) -> HeaderField {
        if self.is_64 {
            (32, 8)
        } else {
            (28, 4)
        }
    }

    pub fn section_headers_at(self) -> HeaderField {
        if self.is_64 {
            (40, 8)
        } else {
            (32, 4)
        }
    }

    /// The offset of e_phentsize, which is the first of five consecutive two-byte fields.
    fn counts(self) -> usize {
        if self.is_64 {
            54
        } else {
            42
        }
    }

    pub fn program_header_size(self) -> HeaderField {
        (self.counts(), 2)
    }

    pub fn program_header_count(self) -> HeaderField {
        (self.counts() + 2, 2)
    }

    pub fn section_header_size(self) -> HeaderField {
        (self.counts() + 4, 2)
    }

    pub fn section_count(self) -> HeaderField {
        (self.counts() + 6, 2)
    }

    pub fn names(self) -> HeaderField {
        (self.counts() + 8, 2)
    }

    /// Errors: `MalformedElf` (the header is truncated).
    pub fn get(self, bytes: &[u8], (offset, size): HeaderField) -> Result<u64> {
        let field = bytes.get(offset..).and_then(|rest| rest.get(..size));
        let field = field.ok_or_else(|| malformed("a header is truncated"))?;
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Ok(if self.little_endian {
            field.iter().rev().fold(0, add)
        } else {
            field.iter().fold(0, add)
        })
    }

    pub fn set(self, bytes: &mut [u8], (offset, size): HeaderField, number: u64) {
        let mut field = Vec::new();
        fixed(number, size, self.little_endian, &mut field);
        if let Some(place) = bytes.get_mut(offset..offset + size) {
            place.copy_from_slice(&field);
        }
    }

    fn section_fields(self) -> [HeaderField; 10] {
        let word = self.word();
        let mut at = 0;
        [4, 4, word, word, word, word, 4, 4, word, word].map(|size| {
            at += size;
            (at - size, size)
        })
    }

    pub fn section(self, header: &[u8]) -> Result<SectionHeader> {
        let mut fields = [0; 10];
        for (number, field) in fields.iter_mut().zip(self.section_fields()) {
            *number = self.get(header, field)?;
        }
        let [name, kind, flags, address, offset, size, link, info, align, entry_size] = fields;
        Ok(SectionHeader {
            name,
            kind,
            flags,
            address,
            offset,
            size,
            link,
            info,
            align,
            entry_size,
        })
    }

    pub fn put_section(self, section: &SectionHeader, bytes: &mut Vec<u8>) {
        let s = section;
        let fields = [
            s.name,
            s.kind,
            s.flags,
            s.address,
            s.offset,
            s.size,
            s.link,
            s.info,
            s.align,
            s.entry_size,
        ];
        for (number, (_, size)) in fields.into_iter().zip(self.section_fields()) {
            fixed(number, size, self.little_endian, bytes);
        }
    }

    /// All section headers, including the first one, which is empty.
    ///
    /// Errors: `MalformedElf`; `Unsupported` (there are none, or more than the ELF header can count).
    pub fn sections(self, file: &[u8]) -> Result<Vec<SectionHeader>> {
        let at = self.get(file, self.section_headers_at())?;
        let (count, size) = (
            self.get(file, self.section_count())?,
            self.get(file, self.section_header_size())? as usize,
        );
        if at == 0 || count == 0 {
            return Err(unsupported("the file has no section headers that the ELF header counts"));
        }
        if size != self.section_header() {
            return Err(malformed("the section headers do not have the size of the file's class"));
        }
        let headers = usize::try_from(at).ok().and_then(|at| file.get(at..));
        let headers = headers.and_then(|rest| rest.get(..size * count as usize));
        let headers =
            headers.ok_or_else(|| malformed("the section headers lie outside of the file"))?;
        headers.chunks_exact(size).map(|header| self.section(header)).collect()
    }
}

impl SectionHeader {
    /// The end of the section's bytes in the file.
    pub fn end(&self) -> u64 {
        match self.kind as u32 {
            elf::SHT_NULL | elf::SHT_NOBITS => 0,
            _ => self.offset.saturating_add(self.size),
        }
    }

    pub fn bytes<'f>(&self, file: &'f [u8]) -> Result<&'f [u8]> {
        let start = usize::try_from(self.offset).ok().and_then(|offset| file.get(offset..));
        let bytes = start.and_then(|rest| rest.get(..usize::try_from(self.size).ok()?));
        bytes.ok_or_else(|| malformed("a section lies outside of the file"))
    }
}

pub(super) fn malformed(message: &str) -> Error {
    Error::new(ErrorKind::MalformedElf, message)
}

pub(super) fn unsupported(message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}
