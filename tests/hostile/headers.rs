//! Headers of files, sections and units that claim too much.

use ffitypecheck::ErrorKind;
use gimli::constants::*;

use crate::dwarf::{header_size, uleb, Unit, CODE, INT, OWN};
use crate::elf::{Elf, Section, NOTE};
use crate::survive;

fn plain() -> Unit {
    let mut unit = Unit::new(5);
    let int = unit.int();
    unit.function("f", CODE, int, &[int]);
    unit.end();
    unit
}

#[test]
fn sections_over_each_other() {
    let mut unit = plain();
    unit.body.resize(1 << 20, 0);
    let mut elf = unit.library();
    elf.repeated = Some((0, 20_000));
    let error = survive("sections", elf).f.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedElf, "{error}");
}

#[test]
fn notes_over_each_other() {
    let mut elf = plain().library();
    // Notes of nobody, of 12 bytes each.
    let data = vec![0; 12 << 17];
    elf.sections.insert(0, Section { name: ".note", kind: NOTE, link: 0, data });
    elf.repeated = Some((0, 50_000));
    survive("notes", elf).f.unwrap();
}

#[test]
fn unit_headers_of_every_kind() {
    let whole = plain().bytes();
    let with = |at: usize, bytes: &[u8]| {
        let mut info = whole.clone();
        info[at..at + bytes.len()].copy_from_slice(bytes);
        info
    };
    let mut infos = Vec::new();
    for length in [0, 1, 7, 8, 9, 0xffff_fff0, 0xffff_ffff, whole.len() as u32] {
        infos.push(with(0, &length.to_le_bytes()));
    }
    for version in [0_u16, 1, 2, 3, 4, 6, 0xffff] {
        infos.push(with(4, &version.to_le_bytes()));
    }
    for kind in 0..=255 {
        infos.push(with(6, &[kind]));
        infos.push(with(7, &[kind]));
    }
    for offset in [1, 2, 100, u32::MAX, u32::MAX - 1] {
        infos.push(with(8, &offset.to_le_bytes()));
    }
    // 64-bit DWARF that ends past everything.
    for length in [0, 1, 11, 12, u64::MAX, u64::MAX - 12, 1 << 63] {
        infos.push([&[0xff; 4][..], &length.to_le_bytes(), &whole[4..]].concat());
    }
    let abbreviations = plain().abbreviations.bytes();
    for (index, info) in infos.into_iter().enumerate() {
        let elf = Elf::default()
            .section(".debug_info", info)
            .section(".debug_abbrev", abbreviations.clone())
            .function("f", CODE);
        survive(&format!("unit-header-{index}"), elf);
    }
}

#[test]
fn very_many_units_over_one_table_of_abbreviations() {
    // Each begins its table one byte after the other's.
    let mut unit = Unit::new(5);
    for code in 0..100_000 {
        unit.abbreviation(OWN + code, DW_TAG_base_type, false, []);
    }
    let mut info = plain().bytes();
    let table = unit.abbreviations.bytes();
    let mut small = Unit::new(5);
    small.body.truncate(1);
    let small = small.bytes();
    for offset in 1..50_000_u32 {
        let at = info.len() + 8;
        info.extend(&small);
        info[at..at + 4].copy_from_slice(&offset.to_le_bytes());
    }
    let elf = Elf::default()
        .section(".debug_info", info)
        .section(".debug_abbrev", table)
        .function("f", CODE)
        .function("g", 0x777);
    survive("abbreviations", elf);
}

#[test]
fn damaged_tables_of_abbreviations() {
    let unit = plain();
    let whole = unit.abbreviations.bytes();
    let largest = uleb(u64::MAX);
    let too_long = [0xff; 30];
    for (index, table) in [
        &whole[..whole.len() - 1],
        &whole[..whole.len() / 2],
        &[],
        &[0],
        // A code twice.
        &[&whole[..whole.len() - 1], &whole[..]].concat(),
        &[&largest[..], &largest, &[1]].concat(),
        &[&too_long[..], &whole].concat(),
    ]
    .into_iter()
    .enumerate()
    {
        let elf = Elf::default()
            .section(".debug_info", unit.bytes())
            .section(".debug_abbrev", table)
            .function("f", CODE);
        survive(&format!("abbreviations-{index}"), elf);
    }
}

/// A type unit: its signature, the offset of its type, and what writes its DIEs.
type TypeUnit<'a> = (u64, u64, &'a dyn Fn(&mut Unit));

/// `.debug_info` with a unit whose function uses a type by its signature, and type units.
fn with_type_units(units: &[TypeUnit<'_>]) -> Elf {
    let mut user = Unit::new(5);
    user.abbreviation(OWN, DW_TAG_structure_type, false, [(DW_AT_signature, DW_FORM_ref_sig8)]);
    user.abbreviation(OWN + 1, DW_TAG_type_unit, true, []);
    user.abbreviation(OWN + 2, DW_TAG_typedef, false, [(DW_AT_type, DW_FORM_ref_sig8)]);
    let abbreviations = user.abbreviations.bytes();
    let stub = user.die(OWN, &1_u64.to_le_bytes());
    let typedef = user.die(OWN + 2, &1_u64.to_le_bytes());
    user.function("f", CODE, stub, &[stub, typedef]);
    user.end();
    let mut info = user.bytes();
    for (signature, offset, fill) in units {
        let mut unit = Unit { body: Vec::new(), ..Unit::new(5) };
        // The DIEs stand 12 bytes further behind the header of a type unit.
        unit.code(OWN + 1);
        fill(&mut unit);
        unit.end();
        let mut bytes = unit.bytes();
        bytes.splice(
            12..12,
            [signature.to_le_bytes().to_vec(), (*offset as u32).to_le_bytes().to_vec()].concat(),
        );
        let length = (bytes.len() - 4) as u32;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        bytes[6] = DW_UT_type.0;
        info.extend(bytes);
    }
    Elf::default()
        .section(".debug_info", info)
        .section(".debug_abbrev", abbreviations)
        .function("f", CODE)
}

#[test]
fn signatures_in_circles() {
    let type_at = header_size(5) as u64 + 12 + 1;
    let stub = |to: u64| {
        move |unit: &mut Unit| {
            unit.die(OWN, &to.to_le_bytes());
        }
    };
    let typedef = |to: u64| {
        move |unit: &mut Unit| {
            unit.die(OWN + 2, &to.to_le_bytes());
        }
    };
    for (index, units) in [
        vec![(1, type_at, &stub(1) as &dyn Fn(&mut Unit))],
        vec![(1, type_at, &stub(2)), (2, type_at, &stub(1))],
        vec![(1, type_at, &typedef(1))],
        vec![(1, type_at, &typedef(2)), (2, type_at, &stub(1))],
        vec![(1, 0, &stub(1))],
        vec![(1, 1, &stub(1))],
        vec![(1, u64::MAX, &stub(1))],
        vec![(1, type_at - 1, &stub(1))],
        // Twice the same.
        vec![(1, type_at, &stub(2)), (1, type_at, &typedef(1))],
        vec![(3, type_at, &stub(3))],
    ]
    .into_iter()
    .enumerate()
    {
        survive(&format!("signatures-{index}"), with_type_units(&units)).f.unwrap();
    }
}

#[test]
fn type_units_of_64_bits_that_begin_past_everything() {
    for version in [4_u16, 5] {
        let mut user = plain();
        user.abbreviation(OWN, DW_TAG_type_unit, false, []);
        let mut rest = version.to_le_bytes().to_vec();
        match version {
            5 => rest.extend([&[DW_UT_type.0, 8][..], &[0; 8]].concat()),
            _ => rest.extend([&[0; 8][..], &[8]].concat()),
        }
        rest.extend(1_u64.to_le_bytes());
        rest.extend((u64::MAX - 3).to_le_bytes());
        rest.extend(uleb(OWN));
        let unit = [&[0xff; 4][..], &(rest.len() as u64).to_le_bytes(), &rest].concat();
        let mut reference = user.clone();
        reference.body.clear();
        user.abbreviation(
            OWN + 1,
            DW_TAG_structure_type,
            false,
            [(DW_AT_signature, DW_FORM_ref_sig8)],
        );
        let (mut info, mut types) = (Vec::new(), Vec::new());
        let mut first = Unit::new(5);
        first.abbreviations = user.abbreviations.clone();
        let stub = first.die(OWN + 1, &1_u64.to_le_bytes());
        first.function("f", CODE, stub, &[stub]);
        first.end();
        info.extend(first.bytes());
        if version == 5 {
            info.extend(unit)
        } else {
            types.extend(unit)
        }
        let elf = Elf::default()
            .section(".debug_info", info)
            .section(".debug_types", types)
            .section(".debug_abbrev", first.abbreviations.bytes())
            .function("f", CODE);
        survive(&format!("type-offset-{version}"), elf).f.unwrap();
    }
}

#[test]
fn line_tables_that_claim_very_many_files() {
    // From the header's length on: see DWARF 5 §6.2.4.
    let fixed = [1, 1, 1, 0xff, 1, 1];
    let path = [1, DW_LNCT_path.0 as u8];
    let five = |tail: Vec<u8>| (5_u16, [&fixed[..], &tail].concat());
    let count = uleb(u64::MAX);
    for (index, (version, header)) in [
        // One directory format, and as many directories as there are numbers, of one byte each.
        five([&path[..], &[DW_FORM_udata.0 as u8], &count, &vec![0; 6 << 20]].concat()),
        five([&path[..], &[DW_FORM_udata.0 as u8], &count, &vec![0; 2 << 20]].concat()),
        five([&[0][..], &count].concat()),
        five([&path[..], &[DW_FORM_implicit_const.0 as u8], &count].concat()),
        five(
            [
                &path[..],
                &[DW_FORM_string.0 as u8, 0],
                &path,
                &[DW_FORM_string.0 as u8],
                &count,
                b"a\0b\0",
            ]
            .concat(),
        ),
        (4, [&fixed[..], b"a\0\0", &b"b\0\0\0\0".repeat(1 << 20)].concat()),
        (2, fixed.to_vec()),
        (77, fixed.to_vec()),
    ]
    .into_iter()
    .enumerate()
    {
        let mut unit = Unit::new(5);
        unit.abbreviations = Default::default();
        unit.body.clear();
        unit.abbreviation(1, DW_TAG_compile_unit, true, [(DW_AT_stmt_list, DW_FORM_sec_offset)]);
        unit.abbreviation(
            2,
            DW_TAG_subprogram,
            false,
            [
                (DW_AT_name, DW_FORM_string),
                (DW_AT_external, DW_FORM_flag_present),
                (DW_AT_prototyped, DW_FORM_flag_present),
                (DW_AT_low_pc, DW_FORM_addr),
                (DW_AT_decl_file, DW_FORM_udata),
            ],
        );
        unit.abbreviation(INT, DW_TAG_base_type, false, []);
        unit.die(1, &[0; 4]);
        for (number, file) in [1, 0, 100_000, u64::MAX].into_iter().enumerate() {
            let address = CODE + number as u64;
            unit.die(2, &[&b"f\0"[..], &address.to_le_bytes(), &uleb(file)].concat());
        }
        unit.end();
        let mut line = version.to_le_bytes().to_vec();
        if version == 5 {
            line.extend([8, 0]);
        }
        line.extend((header.len() as u32).to_le_bytes());
        line.extend(header);
        let line = [&(line.len() as u32).to_le_bytes()[..], &line].concat();
        let elf = unit.library().section(".debug_line", line);
        let elf = elf.function("g", CODE + 1).function("h", CODE + 2).function("i", CODE + 3);
        survive(&format!("lines-{index}"), elf).f.unwrap();
    }
}
