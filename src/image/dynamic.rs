//! Finds the dynamic symbol table: by section headers or, if they are stripped, by the dynamic segment.

use object::elf;

use super::elf::ElfFile;
use super::headers::Section;
use super::numbers::{long, word};
use super::symbols::Table;
use crate::ctype::machine::S390;
use crate::error::Result;

/// The dynamic symbol table and what belongs to it. What a file does not have is an empty slice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DynamicTable<'a> {
    pub table: Table<'a>,
    /// `.gnu.version`: one 2-byte number for each symbol.
    pub versions: &'a [u8],
    /// `.gnu.version_d`.
    pub definitions: &'a [u8],
    /// `.gnu.version_r`.
    pub needs: &'a [u8],
    /// `.gnu.hash`.
    pub gnu_hash: &'a [u8],
}

impl<'a> DynamicTable<'a> {
    /// `None`: the file has no dynamic symbol table, or keeps it in another file (SHT_NOBITS).
    pub(super) fn find(file: &'a ElfFile) -> Result<Option<DynamicTable<'a>>> {
        if file.headers().sections.is_empty() {
            by_segment(file)
        } else {
            by_sections(file)
        }
    }
}

fn by_sections(file: &ElfFile) -> Result<Option<DynamicTable<'_>>> {
    let sections = &file.headers().sections;
    let of_kind = |kind| sections.iter().find(|section| section.kind == kind);
    let data = |section: Option<&Section>| match section {
        Some(section) => file.raw_section(section),
        None => Ok(&[][..]),
    };
    let Some(dynsym) = of_kind(elf::SHT_DYNSYM) else { return Ok(None) };
    let strings = sections
        .get(dynsym.link as usize)
        .ok_or_else(|| file.malformed("the dynamic symbol table names no table of strings"))?;
    Ok(Some(DynamicTable {
        table: Table { symbols: file.raw_section(dynsym)?, strings: file.raw_section(strings)? },
        versions: data(of_kind(elf::SHT_GNU_VERSYM))?,
        definitions: data(of_kind(elf::SHT_GNU_VERDEF))?,
        needs: data(of_kind(elf::SHT_GNU_VERNEED))?,
        gnu_hash: data(of_kind(elf::SHT_GNU_HASH))?,
    }))
}

impl DynamicTable<'_> {
    /// The numbers of the symbols with this name, found by the GNU hash table. A bucket leads to a chain of hashes;
    /// the last hash of a chain has its lowest bit set. `None`: there is no such table, or it is damaged.
    pub(super) fn numbers_of(&self, file: &ElfFile, name: &[u8]) -> Option<Vec<usize>> {
        let little_endian = file.target().little_endian;
        let word = |data: &[u8], offset| word(data, offset, little_endian);
        let hashed = HashTable::read(file, self.gnu_hash)?;
        let hash = name
            .iter()
            .fold(5381_u32, |hash, byte| hash.wrapping_mul(33).wrapping_add(u32::from(*byte)));
        let bucket = hash.checked_rem(hashed.count)? as usize;
        let mut number = word(self.gnu_hash, hashed.buckets_at + 4 * bucket)?;
        let mut numbers = Vec::new();
        if number < hashed.first {
            return Some(numbers);
        }
        let size = if file.headers().is_64() { 24 } else { 16 };
        loop {
            let at = ((number - hashed.first) as usize).checked_mul(4)?;
            let found = word(self.gnu_hash, at.checked_add(hashed.chains_at)?)?;
            if found | 1 == hash | 1 {
                let symbol = (number as usize).checked_mul(size)?;
                let text = word(self.table.symbols, symbol)? as usize;
                if super::symbols::text_at(self.table.strings, text).ok()? == name {
                    numbers.push(number as usize);
                }
            }
            if found & 1 == 1 {
                return Some(numbers);
            }
            number = number.checked_add(1)?;
        }
    }
}

/// The header of a GNU hash table: the number of buckets, the first hashed symbol, the number of words of the filter,
/// and the shift. The filter, the buckets, and a chain of hashes for each bucket follow.
struct HashTable {
    count: u32,
    first: u32,
    buckets_at: usize,
    chains_at: usize,
}

impl HashTable {
    fn read(file: &ElfFile, table: &[u8]) -> Option<HashTable> {
        let word = |offset| word(table, offset, file.target().little_endian);
        let (count, first, filter) = (word(0)?, word(4)?, word(8)?);
        let word_size = if file.headers().is_64() { 8 } else { 4 };
        let buckets_at = (filter as usize).checked_mul(word_size)?.checked_add(16)?;
        let chains_at = (count as usize).checked_mul(4)?.checked_add(buckets_at)?;
        Some(HashTable { count, first, buckets_at, chains_at })
    }
}

/// The entries of the dynamic segment that are needed here: addresses, sizes and counts.
#[derive(Default)]
struct Entries {
    symbols: Option<u64>,
    strings: Option<u64>,
    strings_size: u64,
    hash: Option<u64>,
    gnu_hash: Option<u64>,
    versions: Option<u64>,
    definitions: Option<u64>,
    needs: Option<u64>,
}

fn by_segment(file: &ElfFile) -> Result<Option<DynamicTable<'_>>> {
    let segments = &file.headers().segments;
    let Some(dynamic) = segments.iter().find(|segment| segment.kind == elf::PT_DYNAMIC) else {
        return Ok(None);
    };
    let outside = || file.malformed("the dynamic segment points outside of the file");
    let data = file.bytes(dynamic.offset, dynamic.file_size).ok_or_else(outside)?;
    let entries = read_entries(file, data);
    let (Some(symbols), Some(strings)) = (entries.symbols, entries.strings) else {
        return Ok(None);
    };
    let count = count_symbols(file, &entries).ok_or_else(|| {
        file.malformed("the dynamic segment has no hash table, so the number of symbols is unknown")
    })?;
    let size_of_symbol = if file.headers().is_64() { 24 } else { 16 };
    let exactly = |address, size: u64| loaded(file, address)?.get(..usize::try_from(size).ok()?);
    let optional = |address: Option<u64>| match address {
        Some(address) => loaded(file, address).ok_or_else(outside),
        None => Ok(&[][..]),
    };
    let versions = match entries.versions {
        Some(address) => exactly(address, count.saturating_mul(2)).ok_or_else(outside)?,
        None => &[],
    };
    Ok(Some(DynamicTable {
        table: Table {
            symbols: exactly(symbols, count.saturating_mul(size_of_symbol)).ok_or_else(outside)?,
            strings: exactly(strings, entries.strings_size).ok_or_else(outside)?,
        },
        versions,
        definitions: optional(entries.definitions)?,
        needs: optional(entries.needs)?,
        gnu_hash: optional(entries.gnu_hash)?,
    }))
}

fn read_entries(file: &ElfFile, data: &[u8]) -> Entries {
    let mut entries = Entries::default();
    let size = if file.headers().is_64() { 16 } else { 8 };
    for entry in data.chunks_exact(size) {
        let (tag, value) = entry.split_at(size / 2);
        let (Some(tag), Some(value)) = (number(file, tag), number(file, value)) else { break };
        match u32::try_from(tag).unwrap_or(u32::MAX) {
            elf::DT_NULL => break,
            elf::DT_SYMTAB => entries.symbols = Some(value),
            elf::DT_STRTAB => entries.strings = Some(value),
            elf::DT_STRSZ => entries.strings_size = value,
            elf::DT_HASH => entries.hash = Some(value),
            elf::DT_GNU_HASH => entries.gnu_hash = Some(value),
            elf::DT_VERSYM => entries.versions = Some(value),
            elf::DT_VERDEF => entries.definitions = Some(value),
            elf::DT_VERNEED => entries.needs = Some(value),
            _ => {}
        }
    }
    entries
}

/// The number in `bytes`, which are 4 or 8.
fn number(file: &ElfFile, bytes: &[u8]) -> Option<u64> {
    let little_endian = file.target().little_endian;
    match bytes.len() {
        8 => long(bytes, 0, little_endian),
        _ => word(bytes, 0, little_endian).map(u64::from),
    }
}

/// The bytes of the file that are loaded at `address`, up to the end of their segment.
fn loaded(file: &ElfFile, address: u64) -> Option<&[u8]> {
    file.headers().segments.iter().filter(|segment| segment.kind == elf::PT_LOAD).find_map(|load| {
        let skip = address.checked_sub(load.address).filter(|&skip| skip < load.file_size)?;
        file.bytes(load.offset.checked_add(skip)?, load.file_size - skip)
    })
}

/// The number of dynamic symbols, from the hash table that the loader uses.
fn count_symbols(file: &ElfFile, entries: &Entries) -> Option<u64> {
    let word = |data, offset| word(data, offset, file.target().little_endian);
    if let Some(hash) = entries.hash {
        // Generic ABI, "Hash Table": the second number is the number of symbols. On 64-bit s390 the numbers have 8
        // bytes.
        let hash = loaded(file, hash)?;
        return if file.target().machine == S390 && file.headers().is_64() {
            number(file, hash.get(8..16)?)
        } else {
            word(hash, 4).map(u64::from)
        };
    }
    let table = loaded(file, entries.gnu_hash?)?;
    let HashTable { first, buckets_at, chains_at, .. } = HashTable::read(file, table)?;
    let buckets = table.get(buckets_at..chains_at)?;
    let last = buckets.chunks_exact(4).filter_map(|bucket| word(bucket, 0)).max()?;
    if last < first {
        return Some(u64::from(first));
    }
    let mut index = u64::from(last);
    loop {
        let place = usize::try_from(index - u64::from(first)).ok()?;
        let at = place.checked_mul(4)?.checked_add(chains_at)?;
        let hash = word(table, at)?;
        index += 1;
        if hash & 1 == 1 {
            return Some(index);
        }
    }
}
