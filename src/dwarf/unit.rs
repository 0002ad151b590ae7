//! Reads the DIEs of a unit one after the other, counts them and verifies them.

use gimli::{constants as dw, AttributeValue, EntriesRaw, Section};

use super::die::{Die, DieRef};
use super::sections::Backing;
use super::work::Work;
use super::Slice;
use crate::error::Error;
use crate::note_format;

/// The data of a unit that is needed to read its DIEs.
pub(super) struct UnitContext<'a> {
    pub space: u32,
    pub dwarf: &'a gimli::Dwarf<Slice>,
    pub unit: &'a gimli::Unit<Slice>,
    pub backing: &'a Backing,
    pub work: &'a Work,
}

/// A source file, as a DIE refers to it.
pub(super) enum SourceFile {
    /// Its number in the unit's line table.
    Number(u64),
    /// Its name, in slim type information of the user's cache.
    Name(Slice),
}

/// The error that reading a DIE returns after the limit on work was reached or damage was found.
/// [`super::space::Space::error`] distinguishes it from the same error of gimli.
pub(super) const ENDED: gimli::Error = gimli::Error::UnsupportedOffset;

/// Ends all work with this error. Every later query fails.
pub(super) fn end(work: &Work, error: Error) -> gimli::Error {
    work.end(|| error);
    ENDED
}

/// The work that is counted for a DIE besides its bytes and attributes, for what is kept of it.
const PER_DIE: usize = 16;
/// Skipped DIEs are counted in portions of about this many bytes.
const PORTION: usize = 4096;

/// Whether an attribute is the place of the declaration in the source.
fn is_place(attribute: &gimli::AttributeSpecification) -> bool {
    matches!(attribute.name(), dw::DW_AT_decl_file | dw::DW_AT_decl_line | dw::DW_AT_decl_column)
}

/// The work that is counted for a DIE with this abbreviation, besides its bytes. Attributes are counted because they
/// may take no bytes at all, and there may be any number of them.
fn cost(abbreviation: &gimli::Abbreviation) -> usize {
    PER_DIE + abbreviation.attributes().len()
}

/// What was next in a unit.
pub(super) enum Next {
    /// The null entry that ends a list of children.
    End,
    /// An entry without children that is not wanted. It was skipped.
    Passed,
    /// An entry, which was read.
    Die,
}

impl UnitContext<'_> {
    /// The place of the DIE at `offset` bytes from the start of this unit's header: outside of all sections, if the
    /// offset is too large.
    pub fn place(&self, offset: usize) -> DieRef {
        let (types_section, start) = match self.unit.header.offset() {
            gimli::UnitSectionOffset::DebugInfoOffset(start) => (false, start.0),
            gimli::UnitSectionOffset::DebugTypesOffset(start) => (true, start.0),
        };
        let offset = (start as u64).saturating_add(offset as u64);
        DieRef { space: self.space, types_section, offset }
    }

    fn spend(&self, amount: usize) -> gimli::Result<()> {
        if self.work.spend(amount as u64) {
            Ok(())
        } else {
            Err(ENDED)
        }
    }

    /// Verifies the bytes of the unit that were read from `start` on. If they are damaged or could not be read, every
    /// later query of slim type information fails. An error of reading counts as damage, because damaged bytes may
    /// have led to a wrong place.
    fn verified<T>(
        &self,
        start: usize,
        entries: &EntriesRaw<'_, '_, Slice>,
        read: gimli::Result<T>,
    ) -> gimli::Result<T> {
        if !self.backing.has_checksums() {
            return read;
        }
        let unit = self.place(0).offset as usize;
        let range = unit.saturating_add(start)..unit.saturating_add(entries.next_offset().0);
        let bytes = self.dwarf.debug_info.reader().slice().get(range).unwrap_or_default();
        self.backing.verify(bytes, 0).map_err(|error| end(self.work, error))?;
        read.map_err(|error| match error {
            ENDED => ENDED,
            _ => end(self.work, self.fault(error, start)),
        })
    }

    pub(super) fn fault(&self, error: gimli::Error, offset: usize) -> Error {
        super::malformed(
            error,
            self.backing.file().path(),
            ".debug_info",
            self.place(offset).offset,
        )
    }

    /// Reads the abbreviation of the next entry, without its attributes. `None` for the null entry that ends a list
    /// of children. Counts the entry, but not its bytes.
    pub fn abbreviation<'a>(
        &self,
        entries: &mut EntriesRaw<'a, '_, Slice>,
    ) -> gimli::Result<Option<&'a gimli::Abbreviation>> {
        let start = entries.next_offset().0;
        let read = entries.read_abbreviation();
        let abbreviation = self.verified(start, entries, read)?;
        self.spend(abbreviation.map_or(PER_DIE, cost))?;
        Ok(abbreviation)
    }

    /// Reads the next entry; `None` for the null entry that ends a list of children.
    pub fn read(&self, entries: &mut EntriesRaw<'_, '_, Slice>) -> gimli::Result<Option<Die>> {
        let mut die = Die::empty(self.place(0), gimli::DwTag(0), false);
        Ok(match self.read_some(entries, |_| true, &mut die)? {
            Next::Die => Some(die),
            Next::Passed | Next::End => None,
        })
    }

    /// Reads the next entry into `die` if its tag is wanted or it has children. Skips it otherwise.
    pub fn read_some(
        &self,
        entries: &mut EntriesRaw<'_, '_, Slice>,
        wanted: impl Fn(gimli::DwTag) -> bool,
        die: &mut Die,
    ) -> gimli::Result<Next> {
        let start = entries.next_offset().0;
        let read = self.read_unverified(entries, wanted, die);
        self.verified(start, entries, read)
    }

    fn read_unverified(
        &self,
        entries: &mut EntriesRaw<'_, '_, Slice>,
        wanted: impl Fn(gimli::DwTag) -> bool,
        die: &mut Die,
    ) -> gimli::Result<Next> {
        let offset = entries.next_offset().0;
        let Some(abbreviation) = entries.read_abbreviation()? else {
            self.spend(PER_DIE)?;
            return Ok(Next::End);
        };
        if !abbreviation.has_children() && !wanted(abbreviation.tag()) {
            self.skip_attributes(entries, abbreviation.attributes())?;
            let bytes = entries.next_offset().0.saturating_sub(offset);
            self.spend(bytes.saturating_add(cost(abbreviation)))?;
            return Ok(Next::Passed);
        }
        *die = Die::empty(self.place(offset), abbreviation.tag(), abbreviation.has_children());
        let mut attributes = abbreviation.attributes();
        while let Some((&specification, rest)) = attributes.split_first() {
            // Compilers write the attributes for the source place in a row, and they are rarely needed. They are
            // skipped.
            let passed = attributes.iter().take_while(|attribute| is_place(attribute)).count();
            match attributes.split_at_checked(passed).filter(|_| passed > 0) {
                Some((places, rest)) => {
                    self.skip_attributes(entries, places)?;
                    attributes = rest;
                }
                None => {
                    let attribute = entries.read_attribute(specification)?;
                    self.store(die, &attribute);
                    attributes = rest;
                }
            }
        }
        // Counted at once, so that the limit is exceeded by one DIE at most.
        let bytes = entries.next_offset().0.saturating_sub(offset);
        self.spend(bytes.saturating_add(cost(abbreviation)))?;
        Ok(Next::Die)
    }

    /// Moves past the attributes of an entry whose abbreviation was read.
    fn skip_attributes(
        &self,
        entries: &mut EntriesRaw<'_, '_, Slice>,
        attributes: &[gimli::AttributeSpecification],
    ) -> gimli::Result<()> {
        // gimli's function adds up the lengths of attributes without a check, and a block may have any length.
        let any_length = |specification: &gimli::AttributeSpecification| {
            matches!(
                specification.form(),
                dw::DW_FORM_block | dw::DW_FORM_exprloc | dw::DW_FORM_indirect
            )
        };
        if attributes.iter().any(any_length) {
            for &specification in attributes {
                entries.read_attribute(specification)?;
            }
        } else {
            entries.skip_attributes(attributes)?;
        }
        Ok(())
    }

    /// The file and the line of the declaration of the DIE at `offset` bytes from the start of the unit's header. The
    /// line is 0 if the DIE has none.
    pub fn place_in_source(&self, offset: usize) -> Option<(SourceFile, u64)> {
        let mut entries = self.unit.entries_raw(Some(gimli::UnitOffset(offset))).ok()?;
        let abbreviation = self.abbreviation(&mut entries).ok()??;
        let (mut file, mut line) = (None, 0);
        for &specification in abbreviation.attributes() {
            let attribute = entries.read_attribute(specification).ok()?;
            match (attribute.name(), attribute.value()) {
                (dw::DW_AT_decl_file, AttributeValue::FileIndex(index)) => {
                    file = Some(SourceFile::Number(index));
                }
                (note_format::AT_SOURCE_FILE, _) => {
                    file = self.text(&attribute).map(SourceFile::Name)
                }
                (dw::DW_AT_decl_line, _) => line = attribute.udata_value().unwrap_or(0),
                _ => {}
            }
        }
        Some((file?, line))
    }

    /// Calls `visit` with each child of the DIE that `entries` has just read, in order. Skips grandchildren, at once
    /// if DW_AT_sibling says where the next child is.
    pub fn children<'u>(
        &'u self,
        mut entries: EntriesRaw<'u, 'u, Slice>,
        visit: &mut dyn FnMut(Die),
    ) -> gimli::Result<()> {
        while !entries.is_empty() {
            let Some(child) = self.read(&mut entries)? else { break };
            if child.has_children {
                self.skip_children(&mut entries, child.sibling)?;
            }
            visit(child);
        }
        Ok(())
    }

    /// Skips the children of the DIE just read, at once if DW_AT_sibling says where they end. DW_AT_sibling is only
    /// followed forward.
    pub fn skip_children<'u>(
        &'u self,
        entries: &mut EntriesRaw<'u, 'u, Slice>,
        sibling: Option<usize>,
    ) -> gimli::Result<()> {
        if let Some(sibling) = sibling.filter(|&sibling| sibling > entries.next_offset().0) {
            *entries = self.unit.entries_raw(Some(gimli::UnitOffset(sibling)))?;
            return Ok(());
        }
        let start = entries.next_offset().0;
        let passed = self.pass_children(entries);
        self.verified(start, entries, passed)
    }

    fn pass_children(&self, entries: &mut EntriesRaw<'_, '_, Slice>) -> gimli::Result<()> {
        let (mut depth, mut spent) = (1_usize, 0_usize);
        while depth > 0 && !entries.is_empty() {
            let start = entries.next_offset().0;
            spent += match entries.read_abbreviation()? {
                None => {
                    depth -= 1;
                    PER_DIE
                }
                Some(abbreviation) => {
                    self.skip_attributes(entries, abbreviation.attributes())?;
                    depth += usize::from(abbreviation.has_children());
                    cost(abbreviation)
                }
            };
            spent += entries.next_offset().0.saturating_sub(start);
            if spent > PORTION {
                self.spend(spent)?;
                spent = 0;
            }
        }
        self.spend(spent)
    }
}
