//! Encodes a unit: the offset of each entry, and the references to it.

use gimli::constants as dw;

use super::abbreviations::Abbreviations;
use super::bytes::{fixed, sleb, uleb, uleb_size};
use super::entry::{AttributeValue, DieEntry};
use super::strings::{Naming, Strings};
use crate::ctype::{Name, Target};

/// The sections of one unit.
pub(super) struct UnitSections {
    pub abbrev: Vec<u8>,
    pub info: Vec<u8>,
    pub str_offsets: Vec<u8>,
    pub str: Vec<u8>,
    /// The offset of each entry in `info`, by its number.
    pub offsets: Vec<u32>,
}

/// The size in bytes of a DWARF 5 compilation unit's header (DWARF 5 §7.5.1.1), in the 32-bit format.
const UNIT_HEADER: usize = 12;
/// The number of entries whose names are never stored in the entries, so that more entries have offsets of one byte.
const FIRST: usize = 32;
/// The size in bytes of the header of `.debug_str_offsets` (DWARF 5 §7.26).
const STR_OFFSETS_HEADER: u32 = 8;

/// Encodes the entries as the children of `root` in the only unit. If names are referred to by offset, `str_offsets`
/// is empty. `files` are the source files, by their numbers.
pub(super) fn encode<'t>(
    root: DieEntry<'t>,
    entries: &[DieEntry<'t>],
    files: &[Name],
    target: Target,
    naming: Naming,
) -> UnitSections {
    let order = order(entries);
    let first: Vec<&DieEntry<'_>> =
        order.iter().take(FIRST).filter_map(|number| entries.get(*number as usize)).collect();
    let strings = Strings::of(entries, &first, files, naming);
    let by_number = naming == Naming::ByNumber && !strings.offsets.is_empty();
    let base = by_number.then_some(AttributeValue::SectionHeader(STR_OFFSETS_HEADER));
    let root = root.with_some(dw::DW_AT_str_offsets_base, base);
    let abbreviations = Abbreviations::of(std::iter::once(&root).chain(entries), &strings);
    let mut writer = UnitWriter {
        strings: &strings,
        abbreviations: &abbreviations,
        target,
        bytes: Vec::new(),
        marks: Vec::new(),
    };
    writer.entry(&root);
    for number in order {
        if let Some(entry) = entries.get(number as usize) {
            writer.mark(Mark::Place(number as usize));
            writer.entry(entry);
        }
    }
    writer.bytes.push(0);
    let places = writer.places(entries.len());
    let body = writer.linked(&places);
    let mut info = Vec::with_capacity(UNIT_HEADER + body.len());
    fixed((UNIT_HEADER - 4 + body.len()) as u64, 4, target.little_endian, &mut info);
    fixed(5, 2, target.little_endian, &mut info);
    info.extend([dw::DW_UT_compile.0, target.pointer_size]);
    fixed(0, 4, target.little_endian, &mut info);
    info.extend(body);
    UnitSections {
        offsets: places,
        info,
        str_offsets: str_offsets(&strings, target.little_endian),
        str: strings.bytes,
        abbrev: abbreviations.bytes,
    }
}

/// The numbers of the entries in the order in which they are written. Entries with the most references in relation to
/// their size come first, because small offsets take fewer bytes. Entries without references come last.
fn order(entries: &[DieEntry<'_>]) -> Vec<u32> {
    let mut uses = vec![0_u64; entries.len()];
    let mut sizes = vec![0_u64; entries.len()];
    for (entry, size) in entries.iter().zip(&mut sizes) {
        entry.each(&mut |entry| {
            *size += 2;
            for (_, value) in &entry.attributes {
                match value {
                    AttributeValue::DieEntry(number) => {
                        *size += 2;
                        if let Some(uses) = uses.get_mut(*number as usize) {
                            *uses += 1;
                        }
                    }
                    AttributeValue::Text(_) => *size += 2,
                    _ => {}
                }
            }
        });
    }
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    let key = |number: &u32| {
        let index = *number as usize;
        let (uses, size) = (uses.get(index).copied(), sizes.get(index).copied());
        let density = uses.unwrap_or(0) * 65536 / size.unwrap_or(1).max(1);
        (std::cmp::Reverse(density), *number)
    };
    order.sort_by_cached_key(key);
    order
}

/// The bytes of the unit without the references. The size of a reference depends on the offset that it refers to.
struct UnitWriter<'w, 't> {
    strings: &'w Strings<'t>,
    abbreviations: &'w Abbreviations,
    target: Target,
    bytes: Vec<u8>,
    /// The places and references between the bytes, with their positions.
    marks: Vec<(usize, Mark)>,
}

#[derive(Clone, Copy)]
enum Mark {
    /// The entry with this number begins here.
    Place(usize),
    /// A reference to the entry with this number belongs here.
    Reference(usize),
}

impl UnitWriter<'_, '_> {
    fn mark(&mut self, mark: Mark) {
        self.marks.push((self.bytes.len(), mark));
    }

    fn entry(&mut self, entry: &DieEntry<'_>) {
        let (code, implicit) = self.abbreviations.code(entry, self.strings);
        uleb(u64::from(code), &mut self.bytes);
        for (_, value) in &entry.attributes {
            self.value(value, implicit);
        }
        for child in &entry.children {
            self.entry(child);
        }
        if !entry.children.is_empty() {
            self.bytes.push(0);
        }
    }

    fn value(&mut self, value: &AttributeValue<'_>, implicit: bool) {
        match *value {
            AttributeValue::Flag => {}
            AttributeValue::Number(number) if implicit && i64::try_from(number).is_ok() => {}
            AttributeValue::Number(number) => uleb(number, &mut self.bytes),
            AttributeValue::Signed(_) if implicit => {}
            AttributeValue::Signed(number) => sleb(number, &mut self.bytes),
            AttributeValue::Wide(number) => {
                self.bytes.push(16);
                self.bytes.extend(number.to_le_bytes());
            }
            AttributeValue::Text(text) => match self.strings.number(text) {
                Some(number) if self.strings.naming == Naming::ByNumber => {
                    uleb(u64::from(number), &mut self.bytes);
                }
                Some(number) => {
                    let offset = self.strings.offsets.get(number as usize).copied();
                    self.section_offset(offset.unwrap_or(0));
                }
                None => {
                    self.bytes.extend(text.bytes());
                    self.bytes.push(0);
                }
            },
            AttributeValue::SourceFile(number) => {
                let offset = self.strings.files.get(number as usize).copied();
                self.section_offset(offset.unwrap_or(0));
            }
            AttributeValue::SectionHeader(offset) => self.section_offset(offset),
            AttributeValue::Address(address) => self.address(address),
            AttributeValue::At(address) => {
                self.bytes.push(1 + self.target.pointer_size);
                self.bytes.push(dw::DW_OP_addr.0);
                self.address(address);
            }
            AttributeValue::DieEntry(number) => self.mark(Mark::Reference(number as usize)),
        }
    }

    fn section_offset(&mut self, offset: u32) {
        fixed(u64::from(offset), 4, self.target.little_endian, &mut self.bytes);
    }

    fn address(&mut self, address: u64) {
        let size = usize::from(self.target.pointer_size);
        fixed(address, size, self.target.little_endian, &mut self.bytes);
    }

    /// The offset of each place. References move everything after them. The loop begins with the shortest references,
    /// and they can only grow.
    fn places(&self, count: usize) -> Vec<u32> {
        let mut places = vec![0_u32; count];
        loop {
            let (mut grown, mut changed) = (0, false);
            for (at, mark) in &self.marks {
                match *mark {
                    Mark::Reference(number) => {
                        let offset = places.get(number).copied().unwrap_or(0);
                        grown += uleb_size(u64::from(offset));
                    }
                    Mark::Place(number) => {
                        let offset = (UNIT_HEADER + at + grown) as u32;
                        if let Some(place) = places.get_mut(number) {
                            changed |= *place != offset;
                            *place = offset;
                        }
                    }
                }
            }
            if !changed {
                return places;
            }
        }
    }

    /// The bytes with the references inserted.
    fn linked(&self, places: &[u32]) -> Vec<u8> {
        let mut linked = Vec::with_capacity(self.bytes.len() + 3 * self.marks.len());
        let mut from = 0;
        for (at, mark) in &self.marks {
            if let Mark::Reference(number) = mark {
                linked.extend(self.bytes.get(from..*at).unwrap_or(&[]));
                from = *at;
                uleb(u64::from(places.get(*number).copied().unwrap_or(0)), &mut linked);
            }
        }
        linked.extend(self.bytes.get(from..).unwrap_or(&[]));
        linked
    }
}

/// Encodes `.debug_str_offsets` (DWARF 5 §7.26).
fn str_offsets(strings: &Strings<'_>, little_endian: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    if strings.naming == Naming::ByOffset || strings.offsets.is_empty() {
        return bytes;
    }
    fixed(4 + 4 * strings.offsets.len() as u64, 4, little_endian, &mut bytes);
    fixed(5, 2, little_endian, &mut bytes);
    fixed(0, 2, little_endian, &mut bytes);
    for offset in &strings.offsets {
        fixed(u64::from(*offset), 4, little_endian, &mut bytes);
    }
    bytes
}
