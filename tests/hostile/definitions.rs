//! Very many definitions of one name, and names that lead to each other.

use gimli::constants::*;

use crate::dwarf::{uleb, Unit, OWN};
use crate::elf::Elf;
use crate::survive;

/// A complete struct with a name, and one that is only declared; members of a type at an offset; a typedef.
fn unit(language: DwLang) -> Unit {
    let mut unit = Unit::in_language(5, language);
    let name = (DW_AT_name, DW_FORM_string);
    let size = (DW_AT_byte_size, DW_FORM_data4);
    unit.abbreviation(OWN, DW_TAG_structure_type, true, [name, size]);
    let declared = [name, (DW_AT_declaration, DW_FORM_flag_present)];
    unit.abbreviation(OWN + 1, DW_TAG_structure_type, false, declared);
    let member = [(DW_AT_type, DW_FORM_ref4), (DW_AT_data_member_location, DW_FORM_data4)];
    unit.abbreviation(OWN + 2, DW_TAG_member, false, member);
    unit.abbreviation(OWN + 3, DW_TAG_typedef, false, [name, (DW_AT_type, DW_FORM_ref4)]);
    unit.abbreviation(OWN + 4, DW_TAG_namespace, true, [name]);
    unit
}

fn named(name: &str, number: u64) -> Vec<u8> {
    [name.as_bytes(), &[0], &(number as u32).to_le_bytes()].concat()
}

/// A struct of that name and size, with one member at its start.
fn record(unit: &mut Unit, name: &str, size: u64, member: u64) -> u64 {
    let here = unit.die(OWN, &named(name, size));
    unit.die(OWN + 2, &[(member as u32).to_le_bytes(), 0_u32.to_le_bytes()].concat());
    unit.end();
    here
}

fn library(unit: &mut Unit) -> Elf {
    let int = unit.int();
    unit.function("f", crate::dwarf::CODE, int, &[int]);
    unit.library()
}

#[test]
fn definitions_that_all_differ() {
    // At once, and only in what they contain.
    for deep in [false, true] {
        let mut unit = unit(DW_LANG_C11);
        let int = unit.int();
        for index in 0..30_000 {
            let member =
                if deep { record(&mut unit, &format!("inner_{index}"), 4, int) } else { int };
            record(&mut unit, "s", if deep { 4 } else { index }, member);
        }
        survive(&format!("definitions-{deep}"), library(&mut unit)).f.unwrap();
    }
}

#[test]
fn declarations_beside_definitions() {
    let mut unit = unit(DW_LANG_C11);
    let int = unit.int();
    for index in 0..20_000 {
        let complete = record(&mut unit, "inner", index, int);
        unit.die(OWN + 3, &named("t", complete));
        let declared = unit.die(OWN + 1, format!("other_{index}\0").as_bytes());
        unit.die(OWN + 3, &named("t", declared));
    }
    survive("declarations-beside", library(&mut unit)).f.unwrap();
}

#[test]
fn one_name_in_very_many_scopes() {
    let mut unit = unit(DW_LANG_C_plus_plus);
    let int = unit.int();
    for _ in 0..30 {
        unit.die(OWN + 4, b"ns\0");
        unit.die(OWN, &named("c", 4));
    }
    for _ in 0..30_000 {
        record(&mut unit, "c", 4, int);
        unit.die(OWN + 4, b"ns\0");
        unit.end();
    }
    for _ in 0..60 {
        unit.end();
    }
    survive("scopes", library(&mut unit)).f.unwrap();
}

#[test]
fn completions_in_circles_and_long_chains() {
    for step in 0..3 {
        let mut unit = unit(DW_LANG_C_plus_plus);
        let completes = [(DW_AT_specification, DW_FORM_ref4)];
        unit.abbreviation(OWN + 5, DW_TAG_class_type, true, completes);
        let declared = [
            (DW_AT_name, DW_FORM_string),
            (DW_AT_declaration, DW_FORM_flag_present),
            (DW_AT_specification, DW_FORM_ref4),
        ];
        unit.abbreviation(OWN + 6, DW_TAG_class_type, true, declared);
        // Each completes itself, or what stands in the one before it, or what stands in itself.
        let mut before = unit.here();
        for _ in 0..20_000 {
            let here = unit.here();
            let target = [here, before, here + 5][step];
            unit.die(OWN + 5, &(target as u32).to_le_bytes());
            before = unit.die(OWN + 6, &named("c", target));
            unit.end();
            unit.end();
        }
        survive(&format!("completions-{step}"), library(&mut unit)).f.unwrap();
    }
}

#[test]
fn typedefs_of_each_other() {
    let mut unit = unit(DW_LANG_C11);
    for _ in 0..20_000 {
        let here = unit.here();
        let other = here + 1 + 2 + 4;
        unit.die(OWN + 3, &named("t", other));
        unit.die(OWN + 3, &named("t", here));
    }
    survive("typedefs", library(&mut unit)).f.unwrap();
}

#[test]
fn units_that_import_themselves() {
    let mut unit = unit(DW_LANG_C11);
    let own = [(DW_AT_import, DW_FORM_ref_addr)];
    unit.abbreviation(OWN + 5, DW_TAG_imported_unit, false, own);
    unit.abbreviation(OWN + 6, DW_TAG_imported_unit, false, [(DW_AT_import, DW_FORM_GNU_ref_alt)]);
    for target in [0_u32, 12, u32::MAX] {
        unit.die(OWN + 5, &target.to_le_bytes());
        unit.die(OWN + 6, &target.to_le_bytes());
    }
    unit.die(OWN, &uleb(0));
    survive("imports", library(&mut unit));
}

#[test]
fn declarations_to_complete_in_very_many_scopes() {
    let mut unit = unit(DW_LANG_C_plus_plus);
    let int = unit.int();
    let mut parameters = Vec::new();
    for index in 0..10_000 {
        unit.die(OWN + 4, format!("n{index}\0").as_bytes());
        parameters.push(record(&mut unit, "c", 4, int));
        parameters.push(unit.die(OWN + 1, b"c\0"));
        unit.end();
    }
    unit.function("f", crate::dwarf::CODE, int, &parameters);
    survive("declarations-scopes", unit.library()).f.unwrap();
}

#[test]
fn very_many_records_of_the_same_variants() {
    let mut unit = unit(DW_LANG_Rust);
    let int = unit.int();
    unit.abbreviation(OWN + 5, DW_TAG_variant_part, true, []);
    unit.abbreviation(OWN + 6, DW_TAG_variant, true, []);
    let empty = unit.die(OWN, &named("empty", 8));
    unit.end();
    let large = unit.die(OWN, &named("large", 8));
    for _ in 0..10_000 {
        unit.die(OWN + 2, &[(int as u32).to_le_bytes(), 0_u32.to_le_bytes()].concat());
    }
    unit.end();
    let mut parameters = Vec::new();
    for _ in 0..10_000 {
        parameters.push(unit.die(OWN, &named("option", 8)));
        unit.code(OWN + 5);
        for payload in [empty, large] {
            unit.code(OWN + 6);
            unit.die(OWN + 2, &[(payload as u32).to_le_bytes(), 0_u32.to_le_bytes()].concat());
            unit.end();
        }
        unit.end();
        unit.end();
    }
    unit.function("f", crate::dwarf::CODE, int, &parameters);
    let answer = survive("variants", unit.library());
    assert!(answer.reason().contains("more work"), "{}", answer.reason());
}
