//! The ELF header, the section headers and the program headers, as plain data for any class and byte order.

use object::elf;
use object::read::elf::{FileHeader, ProgramHeader as _, SectionHeader as _};
use object::Endianness;

use crate::ctype::Target;
use crate::error::{Error, ErrorKind, Result};

/// One section header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    /// Where the name begins in the table of section names.
    pub name: u32,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
    /// Where the data begins in the file, in bytes.
    pub offset: u64,
    /// The size of the data in bytes; for SHT_NOBITS that in memory.
    pub size: u64,
    /// `sh_link`.
    pub link: u32,
    /// `sh_addralign`.
    pub align: u64,
}

/// One program header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// `p_type`.
    pub kind: u32,
    /// Where the data begins in the file, in bytes.
    pub offset: u64,
    /// `p_vaddr`: its address before relocation.
    pub address: u64,
    /// How many bytes of it are in the file.
    pub file_size: u64,
    /// `p_align`.
    pub align: u64,
}

/// Everything that the headers say.
#[derive(Debug)]
pub(crate) struct Headers {
    pub target: Target,
    pub endian: Endianness,
    pub sections: Vec<Section>,
    pub segments: Vec<Segment>,
    /// The index of the section with the section names.
    pub names: usize,
}

impl Headers {
    pub(crate) fn read(data: &[u8]) -> Result<Headers> {
        if !data.starts_with(&elf::ELFMAG) {
            return Err(Error::new(ErrorKind::NotElf, "the file does not begin as an ELF file"));
        }
        match data.get(4).copied() {
            Some(elf::ELFCLASS32) => read_class::<elf::FileHeader32<Endianness>>(data),
            Some(elf::ELFCLASS64) => read_class::<elf::FileHeader64<Endianness>>(data),
            _ => {
                Err(Error::new(ErrorKind::MalformedElf, "the ELF class is neither 32 nor 64 bits"))
            }
        }
    }

    /// Whether the file is of 64-bit class.
    pub(crate) fn is_64(&self) -> bool {
        self.target.pointer_size == 8
    }
}

fn read_class<Elf: FileHeader<Endian = Endianness>>(data: &[u8]) -> Result<Headers> {
    let header = Elf::parse(data).map_err(malformed("the ELF header is truncated"))?;
    let endian = header.endian().map_err(malformed("the byte order is unknown"))?;
    let sections: Vec<Section> = header
        .section_headers(endian, data)
        .map_err(malformed("the section headers lie outside of the file"))?
        .iter()
        .map(|section| Section {
            name: section.sh_name(endian),
            kind: section.sh_type(endian),
            flags: section.sh_flags(endian).into(),
            offset: section.sh_offset(endian).into(),
            size: section.sh_size(endian).into(),
            link: section.sh_link(endian),
            align: section.sh_addralign(endian).into(),
        })
        .collect();
    let segments = header
        .program_headers(endian, data)
        .map_err(malformed("the program headers lie outside of the file"))?
        .iter()
        .map(|segment| Segment {
            kind: segment.p_type(endian),
            offset: segment.p_offset(endian).into(),
            address: segment.p_vaddr(endian).into(),
            file_size: segment.p_filesz(endian).into(),
            align: segment.p_align(endian).into(),
        })
        .collect();
    let names = if sections.is_empty() {
        0
    } else {
        header
            .shstrndx(endian, data)
            .map_err(malformed("the ELF header names no table of section names"))? as usize
    };
    let target = Target {
        machine: header.e_machine(endian),
        pointer_size: if header.is_type_64() { 8 } else { 4 },
        little_endian: header.is_little_endian(),
    };
    Ok(Headers { target, endian, sections, segments, names })
}

/// Turns an error of `object` into one of ours. Its text is kept as the cause.
pub(crate) fn malformed(message: &'static str) -> impl Fn(object::Error) -> Error {
    move |error| Error::new(ErrorKind::MalformedElf, message).caused_by(error)
}
