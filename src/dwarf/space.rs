//! One set of sections with its units: a file's own, its supplementary file's, or a split unit's.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use gimli::{Abbreviations, Reader, Section, UnitHeader, UnitSectionOffset};

use super::die::{Die, DieRef};
use super::index::UnitIndex;
use super::lines;
use super::options::{has_types, keeps_types, CompilerOptions};
use super::scope::Scopes;
use super::sections::{load_lines, Backing, Flavour};
use super::unit::{self, UnitContext};
use super::work::Work;
use super::{malformed, strings, Slice};
use crate::error::{Error, Result};
use crate::memory;

/// A set of sections and the table of its units. The headers are read at once, each unit on first use.
pub(super) struct Space {
    id: u32,
    flavour: Flavour,
    dwarf: gimli::Dwarf<Slice>,
    /// The units of `.debug_info`, then those of `.debug_types`, each in order of offset.
    units: Vec<UnitSlot>,
    info_units: usize,
    /// Every abbreviation table, by offset, parsed on first use and shared.
    abbreviations: Vec<AbbreviationSlot>,
    signatures: OnceLock<HashMap<u64, DieRef>>,
    /// For a split unit: what it takes from its skeleton unit (DWARF 5 §3.1.3).
    skeleton: Option<Bases>,
    lines: OnceLock<Option<(gimli::DebugLine<Slice>, Arc<Backing>)>>,
    backing: Arc<Backing>,
    work: Arc<Work>,
}

/// The sections that a space is made of, and the owner of their bytes.
pub(super) struct Sections {
    pub dwarf: gimli::Dwarf<Slice>,
    pub backing: Arc<Backing>,
    pub flavour: Flavour,
}

/// The size in bytes of the largest header of a unit (DWARF 5 §7.5.1).
const LARGEST_UNIT_HEADER: usize = 40;

/// The memory that is counted for the header of a unit.
const PER_UNIT: u64 = 256;
/// A table of abbreviations with more bytes takes too much memory for the reserve: whether there is memory is checked
/// first.
const LARGE_TABLE: usize = 2048;
/// The memory that gimli takes for a byte of a table, and the same again while the table grows.
const PER_TABLE_BYTE: u64 = 32;

/// What a split unit takes from its skeleton.
#[derive(Clone, Copy)]
pub(super) struct Bases {
    pub low_pc: u64,
    pub addr_base: gimli::DebugAddrBase,
    pub rnglists_base: gimli::DebugRngListsBase,
}

struct AbbreviationSlot {
    offset: usize,
    /// The table, and whether DIEs that it describes can have types.
    table: OnceLock<gimli::Result<(Arc<Abbreviations>, bool)>>,
}

pub(super) struct UnitSlot {
    pub header: UnitHeader<Slice>,
    opened: OnceLock<gimli::Result<Box<Unit>>>,
}

/// A unit that has been opened.
pub(super) struct Unit {
    pub unit: gimli::Unit<Slice>,
    pub root: Die,
    /// Whether the unit has types, so that a DIE without a type is `void`. With `-g1` and the like no DIE has a type.
    pub typed: bool,
    pub options: OnceLock<CompilerOptions>,
    pub index: OnceLock<UnitIndex>,
    pub scopes: OnceLock<Scopes>,
}

impl Space {
    /// Reads the headers of all units in `sections`. `skeleton` is what split units take from their skeleton unit.
    pub fn new(
        id: u32,
        sections: Sections,
        skeleton: Option<Bases>,
        work: &Arc<Work>,
    ) -> Result<Space> {
        let Sections { dwarf, backing, flavour } = sections;
        let mut units = Vec::new();
        let path = backing.file().path();
        let count =
            || if work.spend(PER_UNIT) { Ok(()) } else { Err(work.refusal().in_file(path)) };
        let mut info = dwarf.units();
        while let Some(header) =
            info.next().map_err(|error| malformed(error, path, ".debug_info", end_of(&units)))?
        {
            count()?;
            let start = unit_start(&header) as usize;
            let bytes = dwarf.debug_info.reader().slice().get(start..).unwrap_or_default();
            backing.verify(bytes.get(..LARGEST_UNIT_HEADER).unwrap_or(bytes), 0)?;
            units.push(UnitSlot { header, opened: OnceLock::new() });
        }
        let info_units = units.len();
        let mut types = dwarf.type_units();
        while let Some(header) =
            types.next().map_err(|error| malformed(error, path, ".debug_types", 0))?
        {
            count()?;
            units.push(UnitSlot { header, opened: OnceLock::new() });
        }
        let mut offsets: Vec<usize> =
            units.iter().map(|slot| slot.header.debug_abbrev_offset().0).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let abbreviations = offsets
            .into_iter()
            .map(|offset| AbbreviationSlot { offset, table: OnceLock::new() })
            .collect();
        Ok(Space {
            id,
            flavour,
            dwarf,
            units,
            info_units,
            abbreviations,
            signatures: OnceLock::new(),
            skeleton,
            lines: OnceLock::new(),
            backing,
            work: Arc::clone(work),
        })
    }

    pub fn dwarf(&self) -> &gimli::Dwarf<Slice> {
        &self.dwarf
    }

    /// The units of `.debug_info` and then those of `.debug_types`.
    pub fn units(&self) -> &[UnitSlot] {
        &self.units
    }

    /// The size in bytes of its files.
    pub fn size(&self) -> u64 {
        self.backing.size()
    }

    /// Whether the target is little-endian.
    pub fn is_little_endian(&self) -> bool {
        self.dwarf.debug_info.reader().endian() == gimli::RunTimeEndian::Little
    }

    pub fn work(&self) -> &Work {
        &self.work
    }

    /// The unit with that number, counted as [`Space::units`] lists them.
    pub fn unit(&self, index: usize) -> Result<&Unit> {
        let slot =
            self.units.get(index).ok_or_else(|| self.error(gimli::Error::OffsetOutOfBounds, 0))?;
        slot.opened
            .get_or_init(|| self.open(&slot.header).map(Box::new))
            .as_deref()
            .map_err(|&error| self.error(error, unit_start(&slot.header)))
    }

    /// The number of the unit of `.debug_info` that begins at that offset.
    pub fn unit_number(&self, start: u64) -> Option<usize> {
        let info = self.units.get(..self.info_units)?;
        info.binary_search_by_key(&start, |slot| unit_start(&slot.header)).ok()
    }

    /// The unit that contains a DIE, and its number.
    pub fn unit_at(&self, at: DieRef) -> Result<(usize, &Unit)> {
        let (first, slots) = if at.types_section {
            (self.info_units, self.units.get(self.info_units..))
        } else {
            (0, self.units.get(..self.info_units))
        };
        let slots = slots.unwrap_or_default();
        let index = slots.partition_point(|slot| unit_start(&slot.header) <= at.offset);
        let index = first
            + index
                .checked_sub(1)
                .ok_or_else(|| self.error(gimli::Error::OffsetOutOfBounds, at.offset))?;
        Ok((index, self.unit(index)?))
    }

    /// Verifies some bytes, and the `more` bytes behind them, if there are checksums. After an error every later
    /// query fails.
    ///
    /// Errors: `MalformedElf`.
    pub fn verify(&self, bytes: &[u8], more: usize) -> Result<()> {
        let verified = self.backing.verify(bytes, more);
        if let Err(error) = &verified {
            self.work.end(|| error.clone());
        }
        verified
    }

    /// What is needed to read the DIEs of a unit.
    pub fn context<'a>(&'a self, unit: &'a Unit) -> UnitContext<'a> {
        self.context_of(&unit.unit)
    }

    fn context_of<'a>(&'a self, unit: &'a gimli::Unit<Slice>) -> UnitContext<'a> {
        let (dwarf, backing, work) = (&self.dwarf, &*self.backing, &*self.work);
        UnitContext { space: self.id, dwarf, unit, backing, work }
    }

    /// The type DIE of the type unit with that signature, if it is here.
    pub fn type_of_signature(&self, signature: u64) -> Option<DieRef> {
        let table = self.signatures.get_or_init(|| {
            let mut table = HashMap::new();
            for slot in &self.units {
                let (signature, offset) = match slot.header.type_() {
                    gimli::UnitType::Type { type_signature, type_offset }
                    | gimli::UnitType::SplitType { type_signature, type_offset } => {
                        (type_signature.0, type_offset.0)
                    }
                    _ => continue,
                };
                let types_section =
                    matches!(slot.header.offset(), UnitSectionOffset::DebugTypesOffset(_));
                let offset = unit_start(&slot.header).saturating_add(offset as u64);
                table.entry(signature).or_insert(DieRef { space: self.id, types_section, offset });
            }
            table
        });
        table.get(&signature).copied()
    }

    /// The name of a source file by its number in the unit's line table (DWARF 5 §6.2.4).
    pub fn source_file(&self, unit: &Unit, index: u64) -> Option<Vec<u8>> {
        let lines = if self.dwarf.debug_line.reader().is_empty() {
            let load = || load_lines(self.backing.file(), self.flavour).ok();
            &self.lines.get_or_init(load).as_ref()?.0
        } else {
            // The unit's part of a package.
            &self.dwarf.debug_line
        };
        lines::source_file(lines, self.flavour, &self.context(unit), index)
    }

    /// The error for a fault in a unit, at `offset` bytes from the start of its section.
    pub fn error(&self, error: gimli::Error, offset: u64) -> Error {
        let path = self.backing.file().path();
        if error == unit::ENDED && self.work.has_ended() {
            self.work.refusal().in_file(path)
        } else {
            malformed(error, path, ".debug_info", offset)
        }
    }

    fn abbreviations(
        &self,
        header: &UnitHeader<Slice>,
    ) -> gimli::Result<(Arc<Abbreviations>, bool)> {
        let offset = header.debug_abbrev_offset().0;
        let index = self.abbreviations.partition_point(|slot| slot.offset < offset);
        let slot = self.abbreviations.get(index).ok_or(gimli::Error::OffsetOutOfBounds)?;
        let parse = || {
            // Each table ends where the next one begins. So all tables together are read once, whatever the offsets
            // are.
            let section = self.dwarf.debug_abbrev.reader();
            let end = self.abbreviations.get(index + 1).map_or(section.len(), |next| next.offset);
            let bytes = section.slice().get(..end).unwrap_or(section.slice());
            let read = bytes.get(offset..).unwrap_or_default();
            self.verify(read, 0).map_err(|_| unit::ENDED)?;
            let memory = if read.len() > LARGE_TABLE {
                memory::probe(PER_TABLE_BYTE * read.len() as u64)
            } else {
                memory::ready()
            };
            memory.map_err(|shortage| unit::end(&self.work, shortage))?;
            let cut = gimli::DebugAbbrev::from(Slice::new(bytes, section.endian()));
            let table = cut.abbreviations(gimli::DebugAbbrevOffset(offset))?;
            let typed = has_types(&table);
            Ok((Arc::new(table), typed))
        };
        slot.table.get_or_init(parse).clone()
    }

    /// The producer of a unit (DW_AT_producer).
    pub fn producer(&self, unit: &gimli::Unit<Slice>) -> Option<Slice> {
        let mut entries = unit.entries_raw(None).ok()?;
        let root = self.context_of(unit).abbreviation(&mut entries).ok()??;
        root.attributes().iter().find_map(|&specification| {
            let attribute = entries.read_attribute(specification).ok()?;
            let is_producer = attribute.name() == gimli::DW_AT_producer;
            let value = is_producer.then(|| attribute.value())?;
            strings::text(&self.dwarf, unit, value)
        })
    }

    /// Like gimli's `Unit::new`, but without its line table, which is not loaded yet.
    fn open(&self, header: &UnitHeader<Slice>) -> gimli::Result<Unit> {
        // A loop over all units continues after an error, so each unit checks whether work has ended.
        if self.work.has_ended() {
            return Err(unit::ENDED);
        }
        let encoding = header.encoding();
        let file_type = self.dwarf.file_type;
        let (abbreviations, typed) = self.abbreviations(header)?;
        let mut unit = gimli::Unit {
            header: *header,
            abbreviations,
            name: None,
            comp_dir: None,
            low_pc: 0,
            str_offsets_base: gimli::DebugStrOffsetsBase::default_for_encoding_and_file(
                encoding, file_type,
            ),
            addr_base: gimli::DebugAddrBase(0),
            loclists_base: gimli::DebugLocListsBase::default_for_encoding_and_file(
                encoding, file_type,
            ),
            rnglists_base: gimli::DebugRngListsBase::default_for_encoding_and_file(
                encoding, file_type,
            ),
            line_program: None,
            dwo_id: match header.type_() {
                gimli::UnitType::Skeleton(id) | gimli::UnitType::SplitCompilation(id) => Some(id),
                _ => None,
            },
        };
        if let Some(bases) = &self.skeleton {
            unit.low_pc = bases.low_pc;
            unit.addr_base = bases.addr_base;
            if encoding.version < 5 {
                unit.rnglists_base = bases.rnglists_base;
            }
        }
        self.read_bases(&mut unit)?;
        let context = self.context_of(&unit);
        let mut entries = unit.entries_raw(None)?;
        let root = context.read(&mut entries)?.ok_or(gimli::Error::MissingUnitDie)?;
        if let Some(address) = root.low_pc.and_then(|value| self.address(&unit, value)) {
            unit.low_pc = address;
        }
        let typed = typed || self.producer(&unit).is_some_and(|producer| keeps_types(&producer));
        Ok(Unit {
            unit,
            root,
            typed,
            options: OnceLock::new(),
            index: OnceLock::new(),
            scopes: OnceLock::new(),
        })
    }

    /// Reads the bases of a unit. They are attributes of the root DIE, and they are needed to read its strings and
    /// addresses.
    fn read_bases(&self, unit: &mut gimli::Unit<Slice>) -> gimli::Result<()> {
        let abbreviations = Arc::clone(&unit.abbreviations);
        let header = unit.header;
        let mut entries = header.entries_raw(&abbreviations, None)?;
        let Some(root) = entries.read_abbreviation()? else {
            return Err(gimli::Error::MissingUnitDie);
        };
        self.work.spend(root.attributes().len() as u64);
        for &specification in root.attributes() {
            let attribute = entries.read_attribute(specification)?;
            match attribute.value() {
                gimli::AttributeValue::DebugStrOffsetsBase(base) => unit.str_offsets_base = base,
                gimli::AttributeValue::DebugAddrBase(base) => unit.addr_base = base,
                gimli::AttributeValue::DebugRngListsBase(base) => unit.rnglists_base = base,
                gimli::AttributeValue::DwoId(id) => unit.dwo_id = unit.dwo_id.or(Some(id)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The unit's start in its section, in bytes.
pub(super) fn unit_start(header: &UnitHeader<Slice>) -> u64 {
    match header.offset() {
        UnitSectionOffset::DebugInfoOffset(offset) => offset.0 as u64,
        UnitSectionOffset::DebugTypesOffset(offset) => offset.0 as u64,
    }
}

/// The offset at which the last of these units ends in its section.
fn end_of(units: &[UnitSlot]) -> u64 {
    units
        .last()
        .map_or(0, |slot| unit_start(&slot.header) + slot.header.length_including_self() as u64)
}
