//! Stores the attributes of a DIE in its [`Die`].

use gimli::{constants as dw, AttributeValue};

use super::die::{Die, DieRef, Reference};
use super::unit::{end, UnitContext};
use super::{strings, Slice};
use crate::error::Error;
use crate::note_format;

impl UnitContext<'_> {
    pub(super) fn store(&self, die: &mut Die, attribute: &gimli::Attribute<Slice>) {
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

    /// A string of any form. `None` if it is empty, cannot be read, or is longer than any name.
    pub(super) fn text(&self, attribute: &gimli::Attribute<Slice>) -> Option<Slice> {
        let text = strings::text(self.dwarf, self.unit, attribute.value());
        if self.backing.has_checksums() {
            self.verify_text(attribute, text).map_err(|error| end(self.work, error)).ok()?;
        }
        let text = text?;
        if text.is_empty() {
            return None;
        }
        // Each reference to a string searches for its end again, so each one is counted.
        self.work.spend(text.len() as u64).then_some(text)
    }

    /// Verifies the bytes that a string was read from: the entry in the table of string offsets, if there is one,
    /// then the string and its NUL.
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
}
