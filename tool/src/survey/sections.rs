//! The sizes of an ELF file's sections.

use std::collections::BTreeMap;

use object::elf::{
    FileHeader32, FileHeader64, DT_SONAME, ELFCLASS64, SHT_NOBITS, SHT_NULL, SHT_SYMTAB,
};
use object::read::elf::{CompressionHeader, Dyn, FileHeader, SectionHeader};
use object::Endianness;
use serde::Serialize;

/// The bytes of the sections of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bytes {
    /// Uncompressed.
    pub raw: u64,
    /// As they are in the file.
    pub file: u64,
}

impl std::ops::AddAssign for Bytes {
    fn add_assign(&mut self, other: Bytes) {
        self.raw += other.raw;
        self.file += other.file;
    }
}

/// Sections by their names. `.zdebug_info` is listed as `.debug_info`.
pub type Sections = BTreeMap<String, Bytes>;

/// What the section headers of a file say.
#[derive(Debug)]
pub struct Facts {
    /// The sections that have data in the file.
    pub sections: Sections,
    /// The number of symbols in `.symtab`; `None`: there is no such table.
    pub symbols: Option<usize>,
    pub soname: Option<String>,
}

/// Fails if the headers are damaged.
pub fn facts(data: &[u8]) -> object::Result<Facts> {
    match data.get(4) {
        Some(&ELFCLASS64) => facts_of::<FileHeader64<Endianness>>(data),
        _ => facts_of::<FileHeader32<Endianness>>(data),
    }
}

fn facts_of<Elf: FileHeader<Endian = Endianness>>(data: &[u8]) -> object::Result<Facts> {
    let header = Elf::parse(data)?;
    let endian = header.endian()?;
    let table = header.sections(endian, data)?;
    let mut sections = Sections::new();
    for section in table.iter() {
        if matches!(section.sh_type(endian), SHT_NOBITS | SHT_NULL) {
            continue;
        }
        let name = String::from_utf8_lossy(table.section_name(endian, section)?);
        let file: u64 = section.sh_size(endian).into();
        let (name, raw) = match (name.strip_prefix(".zdebug"), section.compression(endian, data)?) {
            (Some(rest), _) => (format!(".debug{rest}"), zdebug_size(section.data(endian, data)?)),
            (None, Some((header, ..))) => (name.into_owned(), Some(header.ch_size(endian).into())),
            (None, None) => (name.into_owned(), None),
        };
        *sections.entry(name).or_default() += Bytes { raw: raw.unwrap_or(file), file };
    }
    // The first symbol is empty.
    let symbols = table.symbols(endian, data, SHT_SYMTAB)?.len().checked_sub(1);
    let mut soname = None;
    if let Some((entries, strings)) = table.dynamic(endian, data)? {
        let strings = table.strings(endian, data, strings)?;
        let entry = entries.iter().find(|entry| entry.tag32(endian) == Some(DT_SONAME));
        let name = entry.and_then(|entry| entry.string(endian, strings).ok());
        soname = name.map(|name| String::from_utf8_lossy(name).into_owned());
    }
    Ok(Facts { sections, symbols, soname })
}

/// The uncompressed size of a section in the GNU form, `ZLIB` and 8 bytes in big-endian order.
fn zdebug_size(data: &[u8]) -> Option<u64> {
    let size = data.strip_prefix(b"ZLIB")?.get(..8)?;
    Some(size.iter().fold(0, |size, byte| size << 8 | u64::from(*byte)))
}
