//! DWARF made by hand, as no compiler writes it.

use gimli::constants::*;

use crate::elf::Elf;

pub fn uleb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

/// `.debug_abbrev`, by hand.
#[derive(Clone, Default)]
pub struct Abbreviations(Vec<u8>);

impl Abbreviations {
    pub fn add(
        &mut self,
        code: u64,
        tag: DwTag,
        children: bool,
        attributes: impl IntoIterator<Item = (DwAt, DwForm)>,
    ) {
        self.0.extend(uleb(code));
        self.0.extend(uleb(tag.0.into()));
        self.0.push(children.into());
        for (name, form) in attributes {
            self.0.extend(uleb(name.0.into()));
            self.0.extend(uleb(form.0.into()));
            if form == DW_FORM_implicit_const {
                self.0.push(1);
            }
        }
        self.0.extend([0, 0]);
    }

    pub fn bytes(&self) -> Vec<u8> {
        [&self.0[..], &[0]].concat()
    }
}

/// The code of the unit's root DIE, which has a language and the bounds of its code, and children.
pub const ROOT: u64 = 1;
/// A function at an address, with a type and children: name (inline), address, type (8 bytes).
pub const FUNCTION: u64 = 2;
/// A parameter: type (8 bytes).
pub const PARAMETER: u64 = 3;
/// `int`.
pub const INT: u64 = 4;
/// What the tests themselves add begins here.
pub const OWN: u64 = 10;

/// The address of the one function.
pub const CODE: u64 = 0x1000;

/// One unit with one function `f`, to which a test adds what is wrong.
#[derive(Clone)]
pub struct Unit {
    pub version: u16,
    pub language: DwLang,
    pub abbreviations: Abbreviations,
    pub body: Vec<u8>,
}

/// The size of the header of a unit of DWARF 5 and of one of DWARF 4.
pub fn header_size(version: u16) -> usize {
    if version >= 5 {
        12
    } else {
        11
    }
}

impl Unit {
    pub fn new(version: u16) -> Unit {
        Unit::in_language(version, DW_LANG_C11)
    }

    pub fn in_language(version: u16, language: DwLang) -> Unit {
        let mut abbreviations = Abbreviations::default();
        let root = [
            (DW_AT_language, DW_FORM_data2),
            (DW_AT_low_pc, DW_FORM_addr),
            (DW_AT_high_pc, DW_FORM_data4),
        ];
        abbreviations.add(ROOT, DW_TAG_compile_unit, true, root);
        let function = [
            (DW_AT_external, DW_FORM_flag_present),
            (DW_AT_prototyped, DW_FORM_flag_present),
            (DW_AT_name, DW_FORM_string),
            (DW_AT_low_pc, DW_FORM_addr),
            (DW_AT_type, DW_FORM_ref8),
        ];
        abbreviations.add(FUNCTION, DW_TAG_subprogram, true, function);
        let parameter = [(DW_AT_type, DW_FORM_ref8)];
        abbreviations.add(PARAMETER, DW_TAG_formal_parameter, false, parameter);
        let int = [(DW_AT_encoding, DW_FORM_data1), (DW_AT_byte_size, DW_FORM_data1)];
        abbreviations.add(INT, DW_TAG_base_type, false, int);
        let mut unit = Unit { version, language, abbreviations, body: Vec::new() };
        unit.root(CODE, 0x1000);
        unit
    }

    fn root(&mut self, low: u64, size: u32) {
        self.code(ROOT);
        self.body.extend(self.language.0.to_le_bytes());
        self.body.extend(low.to_le_bytes());
        self.body.extend(size.to_le_bytes());
    }

    /// Adds an abbreviation.
    pub fn abbreviation(
        &mut self,
        code: u64,
        tag: DwTag,
        children: bool,
        attributes: impl IntoIterator<Item = (DwAt, DwForm)>,
    ) {
        self.abbreviations.add(code, tag, children, attributes);
    }

    /// Where the next DIE begins, in bytes from the unit's start.
    pub fn here(&self) -> u64 {
        (header_size(self.version) + self.body.len()) as u64
    }

    /// Begins a DIE; returns where.
    pub fn code(&mut self, code: u64) -> u64 {
        let here = self.here();
        self.body.extend(uleb(code));
        here
    }

    /// A DIE whose attributes are these bytes; returns where it begins.
    pub fn die(&mut self, code: u64, attributes: &[u8]) -> u64 {
        let here = self.code(code);
        self.body.extend(attributes);
        here
    }

    /// Ends a list of children.
    pub fn end(&mut self) {
        self.body.push(0);
    }

    pub fn int(&mut self) -> u64 {
        self.die(INT, &[DW_ATE_signed.0, 4])
    }

    /// `ty name(parameters…)` at an address.
    pub fn function(&mut self, name: &str, address: u64, ty: u64, parameters: &[u64]) -> u64 {
        let here = self.code(FUNCTION);
        self.body.extend(name.bytes().chain([0]));
        self.body.extend(address.to_le_bytes());
        self.body.extend(ty.to_le_bytes());
        for parameter in parameters {
            self.die(PARAMETER, &parameter.to_le_bytes());
        }
        self.end();
        here
    }

    /// The unit with its header.
    pub fn bytes(&self) -> Vec<u8> {
        let mut unit = Vec::new();
        let rest = header_size(self.version) - 4 + self.body.len();
        unit.extend((rest as u32).to_le_bytes());
        unit.extend(self.version.to_le_bytes());
        match self.version {
            5.. => unit.extend([1, 8, 0, 0, 0, 0]),
            _ => unit.extend([0, 0, 0, 0, 8]),
        }
        unit.extend(&self.body);
        unit
    }

    /// A library that exports `f`, with this unit and these other sections.
    pub fn library(&self) -> Elf {
        Elf::default()
            .section(".debug_info", self.bytes())
            .section(".debug_abbrev", self.abbreviations.bytes())
            .function("f", CODE)
    }
}
