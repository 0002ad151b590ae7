//! Lists that many share, and references that lead in circles or nowhere.

use ffitypecheck::ErrorKind;
use gimli::constants::{self as dw, *};

use crate::dwarf::{uleb, Unit, CODE, OWN};
use crate::elf::Elf;
use crate::{survive, survive_question};

#[test]
fn an_abbreviation_of_very_many_attributes() {
    let mut unit = Unit::new(5);
    let attributes = vec![(DW_AT_prototyped, DW_FORM_flag_present); 200_000];
    unit.abbreviation(OWN, DW_TAG_base_type, false, attributes);
    unit.abbreviation(OWN + 1, DW_TAG_structure_type, true, []);
    // Once to be skipped, once to be read.
    unit.code(OWN + 1);
    for _ in 0..2 {
        unit.body.extend(vec![OWN as u8; 100_000]);
        unit.end();
    }
    let error = survive("attributes", unit.library()).f.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

#[test]
fn siblings_that_lead_back_or_away() {
    let mut base = Unit::new(5);
    base.abbreviation(OWN, DW_TAG_structure_type, true, [(DW_AT_sibling, DW_FORM_ref8)]);
    base.abbreviation(OWN + 1, DW_TAG_member, true, [(DW_AT_sibling, DW_FORM_ref8)]);
    let first = base.here();
    base.function("f", CODE, first + 22, &[first + 22, first + 22 + 9]);
    for sibling in [0, 1, first, first + 22, first + 23, first + 31, u64::MAX, u64::MAX - 11] {
        let mut unit = base.clone();
        for code in [OWN, OWN + 1, OWN] {
            unit.die(code, &sibling.to_le_bytes());
            unit.end();
        }
        unit.die(OWN, &sibling.to_le_bytes());
        survive(&format!("sibling-{sibling:x}"), unit.library()).f.unwrap();
    }
}

#[test]
fn references_that_lead_nowhere() {
    for form in [
        DW_FORM_ref8,
        DW_FORM_ref_udata,
        DW_FORM_ref_addr,
        DW_FORM_ref_sig8,
        DW_FORM_ref_sup4,
        DW_FORM_ref_sup8,
        DW_FORM_GNU_ref_alt,
        DW_FORM_data8,
        DW_FORM_indirect,
    ] {
        for offset in [0, 5, 12, 0xffff, u64::MAX, u64::MAX - 12, 1 << 40, 1 << 63] {
            let mut unit = Unit::new(5);
            let value = match form {
                dw::DW_FORM_ref_udata => uleb(offset),
                dw::DW_FORM_ref_addr | dw::DW_FORM_ref_sup4 | dw::DW_FORM_GNU_ref_alt => {
                    (offset as u32).to_le_bytes().to_vec()
                }
                dw::DW_FORM_indirect => {
                    [uleb(DW_FORM_ref8.0.into()), offset.to_le_bytes().to_vec()].concat()
                }
                _ => offset.to_le_bytes().to_vec(),
            };
            unit.abbreviation(OWN, DW_TAG_pointer_type, false, [(DW_AT_type, form)]);
            let attributes =
                [(DW_AT_abstract_origin, form), (DW_AT_external, DW_FORM_flag_present)];
            unit.abbreviation(OWN + 1, DW_TAG_subprogram, false, attributes);
            unit.abbreviation(OWN + 2, DW_TAG_structure_type, false, [(DW_AT_signature, form)]);
            unit.abbreviation(OWN + 3, DW_TAG_structure_type, false, [(DW_AT_specification, form)]);
            let pointer = unit.die(OWN, &value);
            unit.die(OWN + 1, &value);
            let stub = unit.die(OWN + 2, &value);
            let specified = unit.die(OWN + 3, &value);
            unit.function("f", CODE, offset, &[pointer, stub, specified]);
            // Behind another unit, so that the offset is added to something.
            let elf = Elf::default()
                .section(".debug_info", [Unit::new(5).bytes(), unit.bytes()].concat())
                .section(".debug_abbrev", unit.abbreviations.bytes())
                .function("f", CODE);
            survive(&format!("reference-{}-{offset:x}", form.0), elf).f.unwrap();
        }
    }
}

#[test]
fn origins_in_circles_and_long_chains() {
    for attribute in [DW_AT_abstract_origin, DW_AT_specification] {
        for count in [1, 2, 50_000] {
            let mut unit = Unit::in_language(5, DW_LANG_C_plus_plus_14);
            unit.abbreviation(
                OWN,
                DW_TAG_subprogram,
                true,
                [(attribute, DW_FORM_ref8), (DW_AT_low_pc, DW_FORM_addr)],
            );
            unit.abbreviation(OWN + 1, DW_TAG_formal_parameter, false, [(attribute, DW_FORM_ref8)]);
            let first = unit.here();
            let size = 1 + 8 + 8 + 9 + 1;
            for index in 0..count {
                let next = first + size * ((index + 1) % count);
                unit.die(OWN, &[next.to_le_bytes(), CODE.to_le_bytes()].concat());
                unit.die(OWN + 1, &(next + 17).to_le_bytes());
                unit.end();
            }
            let name = format!("origins-{}-{count}", attribute.0);
            // There is a function at the address, or very many: without name, result or known parameters.
            let f = survive(&name, unit.library()).f;
            assert!(f.is_ok() || (count > 2 && f.is_err_and(|e| e.kind() == ErrorKind::Limit)));
        }
    }
}

/// A library in which `count` functions and units name one list of ranges, of which most entries yield nothing.
fn shared_ranges(version: u16, count: usize) -> Elf {
    let mut unit = Unit::new(version);
    unit.abbreviation(
        OWN,
        DW_TAG_subprogram,
        false,
        [(DW_AT_ranges, DW_FORM_sec_offset), (DW_AT_external, DW_FORM_flag_present)],
    );
    unit.abbreviation(OWN + 1, DW_TAG_compile_unit, false, [(DW_AT_ranges, DW_FORM_sec_offset)]);
    for _ in 0..count {
        unit.die(OWN, &[0; 4]);
    }
    unit.end();
    let mut info = unit.bytes();
    for _ in 0..count {
        let mut header = unit.clone();
        header.body.clear();
        header.die(OWN + 1, &[0; 4]);
        info.extend(header.bytes());
    }
    let mut list = Vec::new();
    for _ in 0..count {
        match version {
            // DW_RLE_base_address; a base address selection.
            5 => list.extend([&[5][..], &[0; 8]].concat()),
            _ => list.extend([[0xff; 8], [0; 8]].concat()),
        }
    }
    // Functions only at the end, from 1 to 2.
    match version {
        5 => list.extend([4, 1, 2, 0]),
        _ => list.extend([1_u64, 2, 0, 0].map(u64::to_le_bytes).concat()),
    }
    Elf::default()
        .section(".debug_info", info)
        .section(".debug_abbrev", unit.abbreviations.bytes())
        .section(if version == 5 { ".debug_rnglists" } else { ".debug_ranges" }, list)
        .function("f", CODE)
}

#[test]
fn one_list_of_ranges_for_all() {
    for version in [4, 5] {
        let error =
            survive(&format!("ranges-{version}"), shared_ranges(version, 40_000)).f.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    }
    // A few share one without harm.
    let few = survive("ranges-few", shared_ranges(5, 100)).f.unwrap_err();
    assert_eq!(few.kind(), ErrorKind::NoType, "{few}");
}

#[test]
fn aranges_of_one_unit_many_times() {
    let mut unit = Unit::new(5);
    let int = unit.int();
    unit.function("f", CODE, int, &[int]);
    let mut aranges = Vec::new();
    for _ in 0..20_000 {
        aranges.extend(44_u32.to_le_bytes());
        aranges.extend([2, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
        aranges.extend([CODE, u64::MAX, 0, 0].map(u64::to_le_bytes).concat());
    }
    // And one that is cut short.
    aranges.extend(44_u32.to_le_bytes());
    survive("aranges", unit.library().section(".debug_aranges", aranges)).f.unwrap();
}

#[test]
fn forms_that_name_forms() {
    let mut unit = Unit::new(5);
    unit.abbreviation(OWN, DW_TAG_variable, false, [(DW_AT_name, DW_FORM_indirect)]);
    let int = unit.int();
    unit.function("f", CODE, int, &[int]);
    unit.code(OWN);
    unit.body.extend(vec![DW_FORM_indirect.0 as u8; 1_000_000]);
    survive("indirect", unit.library()).f.unwrap();
}

#[test]
fn blocks_that_end_past_everything() {
    for form in [DW_FORM_block, DW_FORM_exprloc, DW_FORM_block4, DW_FORM_indirect] {
        let mut unit = Unit::new(5);
        let attributes = [(DW_AT_location, form), (DW_AT_byte_size, DW_FORM_data8)];
        unit.abbreviation(OWN, DW_TAG_variable, false, attributes);
        unit.abbreviation(OWN + 1, DW_TAG_structure_type, true, []);
        let int = unit.int();
        unit.function("f", CODE, int, &[int]);
        // Skipped as a member of something that is not read.
        unit.code(OWN + 1);
        unit.code(OWN);
        if form == DW_FORM_indirect {
            unit.body.extend(uleb(DW_FORM_block.0.into()));
        }
        unit.body.extend(if form == DW_FORM_block4 { vec![0xff; 4] } else { uleb(u64::MAX) });
        unit.body.extend([0; 64]);
        survive(&format!("block-{}", form.0), unit.library()).f.unwrap();
    }
}

/// A pointer to a struct of so many members of its own kind, in so many versions that differ at the end at most.
fn declarations_of_one_name(versions: u64, members: u64, address: bool) -> Elf {
    let mut unit = Unit::new(5);
    unit.abbreviation(OWN, DW_TAG_structure_type, true, [(DW_AT_byte_size, DW_FORM_data4)]);
    unit.abbreviation(OWN + 1, DW_TAG_member, false, [(DW_AT_type, DW_FORM_ref4)]);
    unit.abbreviation(
        OWN + 2,
        DW_TAG_subprogram,
        true,
        [
            (DW_AT_name, DW_FORM_string),
            (DW_AT_external, DW_FORM_flag_present),
            (DW_AT_declaration, DW_FORM_flag_present),
            (DW_AT_prototyped, DW_FORM_flag_present),
        ],
    );
    for _ in 0..versions {
        let own = unit.die(OWN, &4_u32.to_le_bytes());
        for _ in 0..members {
            unit.die(OWN + 1, &(own as u32).to_le_bytes());
        }
        unit.end();
        if address {
            unit.function("other", CODE, own, &[own]);
        } else {
            unit.die(OWN + 2, b"f\0");
            unit.die(crate::dwarf::PARAMETER, &own.to_le_bytes());
            unit.end();
        }
    }
    unit.library()
}

#[test]
fn very_many_declarations_of_one_symbol() {
    for address in [false, true] {
        // Few members, and many.
        for (versions, members) in [(20_000, 1), (600, 600)] {
            let elf = declarations_of_one_name(versions, members, address);
            let name = format!("declarations-{versions}-{address}");
            survive(&name, elf).f.unwrap();
        }
    }
}

#[test]
fn very_many_symbols_and_functions_at_one_address() {
    let mut unit = Unit::new(5);
    let int = unit.int();
    let mut elf = Elf::default();
    for index in 0..5000 {
        unit.function(&format!("g{index}"), CODE, int, &[int]);
        elf = elf.function(&format!("h{index}"), CODE);
    }
    let elf = elf
        .section(".debug_info", unit.bytes())
        .section(".debug_abbrev", unit.abbreviations.bytes());
    let mut elf = elf.function("f", CODE);
    for _ in 0..5000 {
        elf = elf.function("f", CODE);
    }
    survive_question("one-address", elf).f.unwrap();
}
