//! A debugging information entry (DIE): its place, and the attributes that declarations need.

use gimli::{constants as dw, AttributeValue, EntriesRaw, Section};

use super::sections::Backing;
use super::work::Work;
use super::{strings, Slice};
use crate::error::Error;
use crate::note_format;

/// The place of a DIE among all the sections of one library's debug information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DieRef {
    /// Which set of sections: see [`super::DwarfFile::space`].
    pub space: u32,
    /// `.debug_types` (DWARF 4) rather than `.debug_info`.
    pub types_section: bool,
    /// Bytes from the start of that section.
    pub offset: u64,
}

const OFFSET_BITS: u32 = 40;

impl DieRef {
    /// The DIE as the key of a type: 23 bits of space, 1 of section, 40 of offset. `None` where it does not fit,
    /// which takes a terabyte of debug information.
    pub fn key(self) -> Option<u64> {
        // The highest space stays free for the keys that are no DIEs.
        if self.offset >> OFFSET_BITS != 0 || self.space >= (1 << 23) - 1 {
            return None;
        }
        let section = u64::from(self.types_section) << OFFSET_BITS;
        Some(u64::from(self.space) << (OFFSET_BITS + 1) | section | self.offset)
    }

    pub fn from_key(key: u64) -> DieRef {
        DieRef {
            space: (key >> (OFFSET_BITS + 1)) as u32,
            types_section: key >> OFFSET_BITS & 1 == 1,
            offset: key & ((1 << OFFSET_BITS) - 1),
        }
    }
}

/// What an attribute of class reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Die(DieRef),
    /// A type unit's signature (DWARF 5 §7.5.5, DW_FORM_ref_sig8).
    Signature(u64),
    /// A form that refers to nothing in these files.
    Broken,
}

/// One DIE. Absent attributes are `None` or false.
#[derive(Clone, Debug)]
pub(super) struct Die {
    pub at: DieRef,
    pub tag: gimli::DwTag,
    pub has_children: bool,
    pub name: Option<Slice>,
    pub linkage_name: Option<Slice>,
    /// DW_AT_description.
    pub description: Option<Slice>,
    /// Of slim type information: what tied the symbol to the entry, what stands around the symbol in the name, and that the
    /// linkage name is the symbol.
    pub evidence: Option<u64>,
    pub before_symbol: Option<Slice>,
    pub behind_symbol: Option<Slice>,
    pub linkage_name_is_symbol: bool,
    pub ty: Option<Reference>,
    pub abstract_origin: Option<Reference>,
    pub specification: Option<Reference>,
    pub signature: Option<Reference>,
    /// DW_AT_import.
    pub import: Option<Reference>,
    pub sibling: Option<usize>,
    pub byte_size: Option<u64>,
    pub bit_size: Option<u64>,
    pub data_bit_offset: Option<u64>,
    /// Negative where clang counts past the storage unit (packed records).
    pub bit_offset: Option<i64>,
    pub alignment: Option<u64>,
    pub encoding: Option<gimli::DwAte>,
    /// DW_AT_endianity, where it names one of the two.
    pub big_endian: Option<bool>,
    pub calling_convention: Option<gimli::DwCc>,
    pub language: Option<gimli::DwLang>,
    pub declaration: bool,
    pub external: bool,
    pub prototyped: bool,
    pub artificial: bool,
    /// DW_AT_export_symbols: an inline namespace.
    pub export_symbols: bool,
    pub vector: bool,
    /// DW_AT_defaulted: in the class, so that the compiler makes it.
    pub defaulted_in_class: bool,
    /// DW_AT_inline: an abstract instance.
    pub inline: bool,
    pub byte_stride: bool,
    pub low_pc: Option<FormValue>,
    pub high_pc: Option<FormValue>,
    pub entry_pc: Option<FormValue>,
    pub ranges: Option<FormValue>,
    pub location: Option<FormValue>,
    pub const_value: Option<FormValue>,
    pub lower_bound: Option<FormValue>,
    pub upper_bound: Option<FormValue>,
    pub count: Option<FormValue>,
}

pub(super) type FormValue = AttributeValue<Slice>;

/// What reading a DIE needs to know of its unit.
pub(super) struct UnitContext<'a> {
    pub space: u32,
    pub dwarf: &'a gimli::Dwarf<Slice>,
    pub unit: &'a gimli::Unit<Slice>,
    pub backing: &'a Backing,
    pub work: &'a Work,
}

/// What reading a DIE ends with where the bound on work is reached or damage was found; [`super::space::Space::error`] tells it from what
/// else gimli means by it.
pub(super) const ENDED: gimli::Error = gimli::Error::UnsupportedOffset;

/// Nothing is answered any more.
pub(super) fn end(work: &Work, error: Error) -> gimli::Error {
    work.end(|| error);
    ENDED
}

/// What a DIE costs besides its bytes and attributes: what is kept of it.
const PER_DIE: usize = 16;
/// What is passed over is counted in portions of so many bytes.
const PORTION: usize = 4096;

/// Whether an attribute says where in the source the DIE is from.
fn is_place(attribute: &gimli::AttributeSpecification) -> bool {
    matches!(attribute.name(), dw::DW_AT_decl_file | dw::DW_AT_decl_line | dw::DW_AT_decl_column)
}

/// What a DIE of this abbreviation costs without its bytes: attributes may take none at all, and there may be any number of them.
fn cost(abbreviation: &gimli::Abbreviation) -> usize {
    PER_DIE + abbreviation.attributes().len()
}

/// What stands next in a unit.
pub(super) enum Next {
    /// The null entry that ends a list of children.
    End,
    /// An entry without children that is not wanted.
    Passed,
    /// An entry, which was read.
    Die,
}

impl UnitContext<'_> {
    /// The place of the DIE at `offset` bytes from the start of this unit's header. One past all sections is none.
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

    /// What was read of the unit from `start` on, if it is what was written. Of slim type information nothing is to be had any
    /// more if not, nor if it could not be read: what stood there may have been looked for elsewhere.
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

    fn fault(&self, error: gimli::Error, offset: usize) -> Error {
        super::malformed(
            error,
            self.backing.file().path(),
            ".debug_info",
            self.place(offset).offset,
        )
    }

    /// Begins to read the next entry; `None` for the null entry that ends a list of children. Counts it, without its
    /// bytes.
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

    /// Reads the next entry into `die` if its tag is wanted or it has children; passes over it otherwise.
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
            // Compilers write the place in the source in a row, and hardly anybody asks.
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
        // Counted at once: a DIE overshoots the bound by no more than itself.
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
        // gimli's short way adds up the lengths of attributes, and a block's may be any.
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

    /// The number of the file and of the line that declare the DIE at `offset` bytes from the start of the unit's header; line 0 where it
    /// has none.
    pub fn place_in_source(&self, offset: usize) -> Option<(u64, u64)> {
        let mut entries = self.unit.entries_raw(Some(gimli::UnitOffset(offset))).ok()?;
        let abbreviation = self.abbreviation(&mut entries).ok()??;
        let (mut file, mut line) = (None, 0);
        for &specification in abbreviation.attributes() {
            let attribute = entries.read_attribute(specification).ok()?;
            match (attribute.name(), attribute.value()) {
                (dw::DW_AT_decl_file, AttributeValue::FileIndex(index)) => file = Some(index),
                (dw::DW_AT_decl_line, _) => line = attribute.udata_value().unwrap_or(0),
                _ => {}
            }
        }
        Some((file?, line))
    }

    fn store(&self, die: &mut Die, attribute: &gimli::Attribute<Slice>) {
        let flag = || matches!(attribute.raw_value(), AttributeValue::Flag(true));
        match attribute.name() {
            dw::DW_AT_name => die.name = self.text(attribute),
            dw::DW_AT_linkage_name | dw::DW_AT_MIPS_linkage_name => {
                die.linkage_name = self.text(attribute);
            }
            dw::DW_AT_description => die.description = self.text(attribute),
            note_format::AT_EVIDENCE => die.evidence = attribute.udata_value(),
            note_format::AT_NAME_BEFORE_SYMBOL => die.before_symbol = self.text(attribute),
            note_format::AT_NAME_BEHIND_SYMBOL => die.behind_symbol = self.text(attribute),
            note_format::AT_LINKAGE_NAME_IS_SYMBOL => die.linkage_name_is_symbol = flag(),
            dw::DW_AT_type => die.ty = Some(self.reference(attribute)),
            dw::DW_AT_abstract_origin => die.abstract_origin = Some(self.reference(attribute)),
            dw::DW_AT_specification => die.specification = Some(self.reference(attribute)),
            dw::DW_AT_import => die.import = Some(self.reference(attribute)),
            dw::DW_AT_signature => die.signature = Some(self.reference(attribute)),
            dw::DW_AT_sibling => {
                if let AttributeValue::UnitRef(offset) = attribute.value() {
                    die.sibling = Some(offset.0);
                }
            }
            dw::DW_AT_byte_size => die.byte_size = attribute.udata_value(),
            dw::DW_AT_bit_size => die.bit_size = attribute.udata_value(),
            dw::DW_AT_data_bit_offset => die.data_bit_offset = attribute.udata_value(),
            dw::DW_AT_bit_offset => {
                let value = attribute.udata_value().map(|value| value as i64);
                die.bit_offset = value.or_else(|| attribute.sdata_value());
            }
            dw::DW_AT_alignment => die.alignment = attribute.udata_value(),
            dw::DW_AT_endianity => {
                if let AttributeValue::Endianity(order) = attribute.value() {
                    die.big_endian = match order {
                        dw::DW_END_big => Some(true),
                        dw::DW_END_little => Some(false),
                        _ => None,
                    };
                }
            }
            dw::DW_AT_encoding => {
                if let AttributeValue::Encoding(encoding) = attribute.value() {
                    die.encoding = Some(encoding);
                }
            }
            dw::DW_AT_calling_convention => {
                if let AttributeValue::CallingConvention(convention) = attribute.value() {
                    die.calling_convention = Some(convention);
                }
            }
            dw::DW_AT_language => {
                if let AttributeValue::Language(language) = attribute.value() {
                    die.language = Some(language);
                }
            }
            dw::DW_AT_declaration => die.declaration = flag(),
            dw::DW_AT_external => die.external = flag(),
            dw::DW_AT_prototyped => die.prototyped = flag(),
            dw::DW_AT_export_symbols => die.export_symbols = flag(),
            dw::DW_AT_artificial => die.artificial = flag(),
            dw::DW_AT_GNU_vector => die.vector = flag(),
            dw::DW_AT_byte_stride | dw::DW_AT_bit_stride => die.byte_stride = true,
            dw::DW_AT_defaulted => {
                die.defaulted_in_class =
                    attribute.udata_value() == Some(u64::from(dw::DW_DEFAULTED_in_class.0));
            }
            dw::DW_AT_inline => die.inline = true,
            dw::DW_AT_low_pc => die.low_pc = Some(attribute.value()),
            dw::DW_AT_high_pc => die.high_pc = Some(attribute.value()),
            dw::DW_AT_entry_pc => die.entry_pc = Some(attribute.value()),
            dw::DW_AT_ranges => die.ranges = Some(attribute.value()),
            dw::DW_AT_location | dw::DW_AT_data_member_location => {
                die.location = Some(attribute.value());
            }
            dw::DW_AT_const_value => die.const_value = Some(attribute.raw_value()),
            dw::DW_AT_lower_bound => die.lower_bound = Some(attribute.value()),
            dw::DW_AT_upper_bound => die.upper_bound = Some(attribute.value()),
            dw::DW_AT_count => die.count = Some(attribute.value()),
            _ => {}
        }
    }

    /// A string of any form; one that is empty, cannot be read, or is longer than any name, counts as absent.
    fn text(&self, attribute: &gimli::Attribute<Slice>) -> Option<Slice> {
        let text = strings::text(self.dwarf, self.unit, attribute.value());
        if self.backing.has_checksums() {
            self.verify_text(attribute, text).map_err(|error| end(self.work, error)).ok()?;
        }
        let text = text?;
        if text.is_empty() {
            return None;
        }
        // Looking for its end takes as long, each time that it is referred to.
        self.work.spend(text.len() as u64).then_some(text)
    }

    /// Verifies what a string was read from: the number of its place, its bytes and its end.
    fn verify_text(
        &self,
        attribute: &gimli::Attribute<Slice>,
        text: Option<Slice>,
    ) -> Result<(), Error> {
        if let AttributeValue::DebugStrOffsetsIndex(index) = attribute.value() {
            let entry = strings::offset_entry(self.dwarf, self.unit, index.0);
            self.backing.verify(entry.map_or(&[], |entry| entry.slice()), 0)?;
        }
        let text = text.ok_or_else(|| self.fault(gimli::Error::OffsetOutOfBounds, 0))?;
        self.backing.verify(text.slice(), 1)
    }

    fn reference(&self, attribute: &gimli::Attribute<Slice>) -> Reference {
        let section = |space, offset: usize| {
            Reference::Die(DieRef { space, types_section: false, offset: offset as u64 })
        };
        match attribute.value() {
            AttributeValue::UnitRef(offset) => Reference::Die(self.place(offset.0)),
            AttributeValue::DebugInfoRef(offset) => section(self.space, offset.0),
            AttributeValue::DebugInfoRefSup(offset) => section(super::SUPPLEMENTARY, offset.0),
            AttributeValue::DebugTypesRef(signature) => Reference::Signature(signature.0),
            _ => Reference::Broken,
        }
    }

    /// Calls `visit` with each child of the DIE that `entries` has just read, in order, but not with theirs.
    /// Jumps over grandchildren where DW_AT_sibling tells how far.
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

    /// Moves past the children of the DIE just read, at once where DW_AT_sibling tells how far. It tells only
    /// forward.
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

impl Die {
    pub fn empty(at: DieRef, tag: gimli::DwTag, has_children: bool) -> Die {
        Die {
            at,
            tag,
            has_children,
            name: None,
            linkage_name: None,
            description: None,
            evidence: None,
            before_symbol: None,
            behind_symbol: None,
            linkage_name_is_symbol: false,
            ty: None,
            abstract_origin: None,
            specification: None,
            signature: None,
            import: None,
            sibling: None,
            byte_size: None,
            bit_size: None,
            data_bit_offset: None,
            bit_offset: None,
            alignment: None,
            encoding: None,
            big_endian: None,
            calling_convention: None,
            language: None,
            declaration: false,
            external: false,
            prototyped: false,
            artificial: false,
            export_symbols: false,
            vector: false,
            defaulted_in_class: false,
            inline: false,
            byte_stride: false,
            low_pc: None,
            high_pc: None,
            entry_pc: None,
            ranges: None,
            location: None,
            const_value: None,
            lower_bound: None,
            upper_bound: None,
            count: None,
        }
    }
}

/// A constant of any form, zero-extended; `None` for expressions, references and negative numbers.
pub(super) fn unsigned(value: &FormValue) -> Option<u64> {
    match value {
        AttributeValue::Sdata(number) => u64::try_from(*number).ok(),
        other => other.udata_value(),
    }
}

#[cfg(test)]
mod tests {
    use super::DieRef;

    #[test]
    fn a_place_is_a_key_and_back() {
        for at in [
            DieRef { space: 0, types_section: false, offset: 11 },
            DieRef { space: 1, types_section: true, offset: (1 << 40) - 1 },
            DieRef { space: (1 << 23) - 2, types_section: true, offset: 0 },
        ] {
            assert_eq!(DieRef::from_key(at.key().unwrap()), at);
        }
        assert_eq!(DieRef { space: 0, types_section: false, offset: 1 << 40 }.key(), None);
    }
}
