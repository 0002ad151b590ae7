//! Reads declarations from DWARF 2 to 5.
//!
//! Section bytes are borrowed for `'static` inside this module only. Every value with such a slice also has
//! the [`sections::Backing`]. What leaves the module is copied into the C type model.

mod addresses;
mod attributes;
mod die;
mod exported;
mod folded;
mod functions;
mod index;
mod lines;
mod named;
mod options;
mod query;
mod ranges;
mod records;
mod scope;
mod sections;
mod slim;
mod space;
mod split;
mod strings;
mod symbol;
mod type_names;
mod types;
mod unit;
mod values;
mod variants;
mod work;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use gimli::RunTimeEndian;

use crate::ctype::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::image::{DebugFiles, SearchOptions};
use crate::note_format::PRODUCER;
use addresses::AddressMap;
use die::{Die, DieRef, Reference};
pub(crate) use exported::Exported;
use index::FullIndex;
pub(crate) use query::{Found, Query};
use sections::{Flavour, SlimIndex};
use space::{Sections, Space, Unit};
use type_names::TypeNames;
use unit::UnitContext;
use work::Work;

/// Section bytes. The head of this file describes their lifetime.
type Slice = gimli::EndianSlice<'static, RunTimeEndian>;

/// The space of the file with the debug information itself.
const MAIN: u32 = 0;
/// The space of dwz's supplementary file.
const SUPPLEMENTARY: u32 = 1;
/// The first space of split units.
const SPLIT: u32 = 2;

/// The most DIEs in a chain of DW_AT_abstract_origin and DW_AT_specification references.
const CHAIN: usize = 16;

/// The debug information of one library. Parsed on first use, kept, and shared by any number of threads.
pub(crate) struct DwarfFile {
    main: Space,
    /// The index of the exports' declarations, in slim type information.
    slim: Option<SlimIndex>,
    supplementary: Option<Space>,
    split: split::SplitUnits,
    addresses: OnceLock<AddressMap>,
    full_index: FullIndex,
    folded: folded::Folded,
    type_names: OnceLock<TypeNames>,
    target: Target,
    work: Arc<Work>,
}

impl DwarfFile {
    /// Reads the unit headers. Everything else is read when it is needed.
    pub fn open(files: &DebugFiles, options: &SearchOptions) -> Result<DwarfFile> {
        let file = files.main();
        let work = Arc::new(Work::new());
        let (mut dwarf, backing, slim) = match &files.slim {
            Some(file) => {
                let (dwarf, backing, index) = sections::load_note(file)?;
                (dwarf, backing, Some(index))
            }
            None => {
                let (dwarf, backing) = sections::load(file, Flavour::Whole)?;
                (dwarf, backing, None)
            }
        };
        let supplementary = match &files.supplementary {
            None => None,
            Some(file) => {
                let (own, backing) = sections::load(file, Flavour::Whole)?;
                work.opened(file, backing.size());
                let strings = gimli::Dwarf { debug_str: own.debug_str, ..gimli::Dwarf::default() };
                dwarf.set_sup(strings);
                let sections = Sections { dwarf: own, backing, flavour: Flavour::Whole };
                Some(Space::new(SUPPLEMENTARY, sections, None, &work)?)
            }
        };
        work.opened(file, backing.size());
        if !Arc::ptr_eq(file, &files.library) {
            work.opened(&files.library, 0);
        }
        let sections = Sections { dwarf, backing, flavour: Flavour::Whole };
        let main = Space::new(MAIN, sections, None, &work)?;
        if main.units().is_empty() {
            return Err(Error::new(ErrorKind::NoDebugInfo, "the file's .debug_info has no unit")
                .in_file(file.path()));
        }
        Ok(DwarfFile {
            split: split::SplitUnits::new(main.units().len(), files, options, &work),
            main,
            slim,
            supplementary,
            addresses: OnceLock::new(),
            full_index: FullIndex::default(),
            folded: folded::Folded::new(files),
            type_names: OnceLock::new(),
            target: files.library.target(),
            work,
        })
    }

    /// Checks the files, and allows the work for one more query.
    ///
    /// Errors: as [`Work::look`].
    pub fn begin_question(&self) -> Result<()> {
        self.work.look()?;
        self.work.allow_question(self.main.size());
        Ok(())
    }

    /// Checks that the files were not written to since they were opened.
    ///
    /// Errors: as [`Work::look`].
    pub fn look(&self) -> Result<()> {
        self.work.look()
    }

    /// The size in bytes of the file with the debug information, of its decompressed sections, and the same of dwz's
    /// supplementary file.
    fn size(&self) -> u64 {
        self.main.size().saturating_add(self.supplementary.as_ref().map_or(0, Space::size))
    }

    fn main(&self) -> &Space {
        &self.main
    }

    /// Whether the debug information was extracted by this library (DW_AT_producer).
    fn is_extracted(&self) -> bool {
        let Ok(unit) = self.main.unit(0) else { return false };
        let producer = self.main.producer(&unit.unit);
        producer.is_some_and(|name| name.starts_with(PRODUCER.as_bytes()))
    }

    /// The space with that number: the main file, the supplementary file, or split units.
    fn space(&self, id: u32) -> Option<&Space> {
        match id {
            MAIN => Some(&self.main),
            SUPPLEMENTARY => self.supplementary.as_ref(),
            _ => self.split.space(id),
        }
    }

    /// The named types of all units, read on first use.
    fn type_names(&self) -> &TypeNames {
        self.type_names.get_or_init(|| TypeNames::read(self))
    }

    /// The first error among all split units. Opens those that were not opened yet.
    pub fn first_missing(&self) -> Option<Error> {
        (0..self.main.units().len()).find_map(|number| self.split.unit(&self.main, number)?.err())
    }

    /// The number of units that may define symbols: those of the main file, then those of the supplementary file.
    fn unit_count(&self) -> usize {
        self.main.units().len() + self.supplementary.as_ref().map_or(0, |space| space.units().len())
    }

    /// The unit with that number. For a skeleton unit it is the split unit.
    fn full_unit(&self, number: usize) -> Option<(&Space, &Unit)> {
        let Some(number) = number.checked_sub(self.main.units().len()) else {
            return match self.split.unit(&self.main, number) {
                Some(found) => found.ok(),
                None => Some((&self.main, self.main.unit(number).ok()?)),
            };
        };
        let space = self.supplementary.as_ref()?;
        Some((space, space.unit(number).ok()?))
    }

    /// Follows a reference in a DIE of `space`.
    fn follow(&self, space: u32, reference: Reference) -> Option<DieRef> {
        match reference {
            Reference::Die(at) => Some(at),
            Reference::Signature(signature) => self
                .space(space)
                .and_then(|space| space.type_of_signature(signature))
                .or_else(|| self.main.type_of_signature(signature))
                .or_else(|| self.split.type_of_signature(&self.main, signature)),
            Reference::Broken => None,
        }
    }

    /// Reads the DIE at a place.
    fn die(&self, at: DieRef) -> Result<Opened<'_>> {
        let space = self
            .space(at.space)
            .ok_or_else(|| self.main.error(gimli::Error::OffsetOutOfBounds, at.offset))?;
        let (_, unit) = space.unit_at(at)?;
        let fail = |error| space.error(error, at.offset);
        let offset = at.offset.saturating_sub(space::unit_start(&unit.unit.header));
        let offset = gimli::UnitOffset(usize::try_from(offset).unwrap_or(usize::MAX));
        let mut entries = unit.unit.entries_raw(Some(offset)).map_err(fail)?;
        let context = space.context(unit);
        let die = context
            .read(&mut entries)
            .and_then(|die| die.ok_or(gimli::Error::OffsetOutOfBounds))
            .map_err(fail)?;
        Ok(Opened { space, unit, context, die, entries })
    }

    /// The DIE at a place, and the DIEs that complete it. An out-of-line instance refers to its abstract instance
    /// (DWARF 5 §3.3.8.2), a definition to its declaration (§2.13.2). They may be in other units (LTO).
    fn chain<'a>(&'a self, first: Opened<'a>) -> Vec<Opened<'a>> {
        let mut chain = vec![first];
        while let Some(last) = chain.last().filter(|_| chain.len() < CHAIN) {
            let reference = last.die.abstract_origin.or(last.die.specification);
            let Some(next) = self.die_of(last.die.at.space, reference) else { break };
            chain.push(next);
        }
        chain
    }

    /// Follows a reference in a DIE of `space`, and reads the DIE that it refers to.
    fn die_of(&self, space: u32, reference: Option<Reference>) -> Option<Opened<'_>> {
        self.die(self.follow(space, reference?)?).ok()
    }
}

/// A DIE, and what is needed to read its children.
struct Opened<'a> {
    space: &'a Space,
    unit: &'a Unit,
    context: UnitContext<'a>,
    die: Die,
    entries: gimli::EntriesRaw<'a, 'a, Slice>,
}

impl Opened<'_> {
    /// Visits the children of the DIE. If they are damaged, visits those before the fault.
    fn each_child(&self, visit: &mut dyn FnMut(Die)) {
        if self.die.has_children {
            let _ = self.context.children(self.entries.clone(), visit);
        }
    }
}

/// The error for malformed debug information.
fn malformed(error: gimli::Error, path: &Path, section: &'static str, offset: u64) -> Error {
    Error::new(ErrorKind::MalformedDwarf, "the debug information is malformed")
        .caused_by(error)
        .at(section, offset)
        .in_file(path)
}
