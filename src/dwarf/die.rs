//! A debugging information entry (DIE): its place, and the attributes that declarations need. `unit.rs` reads it.

use gimli::AttributeValue;

use super::Slice;

/// The place of a DIE among all the sections of one library's debug information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DieRef {
    /// Which set of sections: see [`super::DwarfFile::space`].
    pub space: u32,
    /// `.debug_types` (DWARF 4) rather than `.debug_info`.
    pub types_section: bool,
    /// The offset in that section, in bytes.
    pub offset: u64,
}

const OFFSET_BITS: u32 = 40;

impl DieRef {
    /// The DIE as the key of a type: 23 bits of space, 1 of section, 40 of offset. `None` if it does not fit, which
    /// takes a terabyte of debug information or 8 million spaces.
    pub fn key(self) -> Option<u64> {
        // The highest space number is reserved for the keys that do not denote a DIE.
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
    /// Any other form: it refers to nothing in these files.
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
    /// The next four occur only in slim type information: how the symbol was matched to the DIE, the text before and
    /// behind the symbol in the name, and whether the linkage name is the symbol.
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
    /// Negative in clang's packed records, if a bit-field extends past its storage unit.
    pub bit_offset: Option<i64>,
    pub alignment: Option<u64>,
    pub encoding: Option<gimli::DwAte>,
    /// DW_AT_endianity, if it names big or little endian.
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
    /// DW_AT_defaulted: defaulted in the class, so that the compiler generates the function.
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

/// A constant of any form, zero-extended. `None` for an expression, a reference or a negative number.
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
