//! One name that many share is not copied, nor looked through, for each of them.

use gimli::constants::*;

use ffitypecheck::abi;
use ffitypecheck::ctype::Declaration;
use ffitypecheck::header::write_header;
use ffitypecheck::Library;

use crate::bounds::within;
use crate::dwarf::{uleb, Unit, CODE, OWN};
use crate::{nowhere, scratch, survive};

/// `.debug_str` with one name of so many bytes.
fn long_name(length: usize) -> Vec<u8> {
    let mut name = vec![b'x'; length];
    name.push(0);
    name
}

#[test]
fn a_long_name_of_very_many_dies() {
    // As long as a name may be, and longer.
    for length in [60_000, 3_000_000] {
        let mut unit = Unit::new(5);
        let name = (DW_AT_name, DW_FORM_strp);
        unit.abbreviation(OWN, DW_TAG_structure_type, true, [name]);
        unit.abbreviation(OWN + 1, DW_TAG_member, false, [name, (DW_AT_type, DW_FORM_ref_udata)]);
        unit.abbreviation(OWN + 2, DW_TAG_enumeration_type, true, [name]);
        let value = (DW_AT_const_value, DW_FORM_implicit_const);
        unit.abbreviation(OWN + 3, DW_TAG_enumerator, false, [name, value]);
        let global = (DW_AT_external, DW_FORM_flag_present);
        unit.abbreviation(
            OWN + 4,
            DW_TAG_subprogram,
            false,
            [name, (DW_AT_linkage_name, DW_FORM_strp), global],
        );
        let parameter = [name, (DW_AT_type, DW_FORM_ref_udata)];
        unit.abbreviation(OWN + 5, DW_TAG_formal_parameter, false, parameter);
        unit.abbreviation(OWN + 6, DW_TAG_subroutine_type, true, []);
        let int = unit.int();
        let record = unit.die(OWN, &[0; 4]);
        for _ in 0..50_000 {
            unit.die(OWN + 1, &[&[0; 4][..], &uleb(int)].concat());
        }
        unit.end();
        let enumeration = unit.die(OWN + 2, &[0; 4]);
        for _ in 0..50_000 {
            unit.die(OWN + 3, &[0; 4]);
        }
        unit.end();
        let callback = unit.code(OWN + 6);
        for _ in 0..50_000 {
            unit.die(OWN + 5, &[&[0; 4][..], &uleb(int)].concat());
        }
        unit.end();
        for _ in 0..50_000 {
            unit.die(OWN + 4, &[0; 8]);
        }
        unit.function("f", CODE, int, &[record, enumeration, callback]);
        let elf = unit.library().section(".debug_str", long_name(length));
        let answer = survive(&format!("name-{length}"), elf.function("g", 0x1234));
        if length == 60_000 {
            assert!(answer.reason().contains("more work"), "{}", answer.reason());
        }
    }
}

#[test]
fn a_name_repeated_in_an_abbreviation() {
    let mut unit = Unit::new(5);
    let names = vec![(DW_AT_name, DW_FORM_strp); 5000];
    unit.abbreviation(OWN, DW_TAG_variable, false, names);
    for _ in 0..20 {
        unit.die(OWN, &vec![0; 4 * 5000]);
    }
    let int = unit.int();
    unit.function("f", CODE, int, &[int]);
    let elf = unit.library().section(".debug_str", long_name(60_000));
    survive("name-repeated", elf);
}

#[test]
fn a_long_inline_name_that_many_refer_to() {
    let mut unit = Unit::new(4);
    let origin = [(DW_AT_abstract_origin, DW_FORM_ref_udata)];
    unit.abbreviation(OWN, DW_TAG_formal_parameter, false, [(DW_AT_name, DW_FORM_string)]);
    unit.abbreviation(OWN + 1, DW_TAG_subroutine_type, true, []);
    unit.abbreviation(OWN + 2, DW_TAG_formal_parameter, false, origin);
    let named = unit.die(OWN, &long_name(2_000_000));
    let callback = unit.code(OWN + 1);
    for _ in 0..100_000 {
        unit.die(OWN + 2, &uleb(named));
    }
    unit.end();
    let int = unit.int();
    unit.function("f", CODE, int, &[callback]);
    survive("inline-name", unit.library());
}

#[test]
fn namespaces_with_long_names() {
    let mut unit = Unit::in_language(5, DW_LANG_C_plus_plus);
    let name = (DW_AT_name, DW_FORM_strp);
    unit.abbreviation(OWN, DW_TAG_namespace, true, [name]);
    unit.abbreviation(OWN + 1, DW_TAG_structure_type, false, [name]);
    unit.abbreviation(OWN + 2, DW_TAG_pointer_type, false, [(DW_AT_type, DW_FORM_ref4)]);
    for _ in 0..100 {
        unit.die(OWN, &[0; 4]);
    }
    let mut pointers = Vec::new();
    for _ in 0..20_000 {
        let record = unit.die(OWN + 1, &[0; 4]) as u32;
        pointers.push(unit.die(OWN + 2, &record.to_le_bytes()));
    }
    let int = unit.int();
    for _ in 0..100 {
        unit.end();
    }
    unit.function("f", CODE, int, &pointers);
    let elf = unit.library().section(".debug_str", long_name(60_000));
    survive("namespaces", elf);
}

#[test]
fn a_class_of_very_many_constructors() {
    let mut unit = Unit::in_language(5, DW_LANG_C_plus_plus);
    let class = [(DW_AT_name, DW_FORM_strp), (DW_AT_byte_size, DW_FORM_data1)];
    unit.abbreviation(OWN, DW_TAG_class_type, true, class);
    unit.abbreviation(OWN + 1, DW_TAG_subprogram, true, [(DW_AT_name, DW_FORM_strp)]);
    unit.abbreviation(OWN + 2, DW_TAG_formal_parameter, false, [(DW_AT_type, DW_FORM_ref4)]);
    let here = unit.die(OWN, &[0, 0, 0, 0, 1]);
    for _ in 0..50_000 {
        unit.die(OWN + 1, &[0; 4]);
        unit.die(OWN + 2, &(here as u32).to_le_bytes());
        unit.end();
    }
    unit.end();
    unit.function("f", CODE, here, &[here]);
    let elf = unit.library().section(".debug_str", long_name(50_000));
    let reason = survive("constructors", elf).reason();
    assert!(reason.contains("more work"), "{reason}");
}

#[test]
fn indices_of_strings_and_addresses_past_everything() {
    for (form, size) in
        [(DW_FORM_strx, 0), (DW_FORM_strx4, 4), (DW_FORM_line_strp, 4), (DW_FORM_strp_sup, 4)]
    {
        for base in [0, 8, u32::MAX] {
            let mut unit = Unit::new(5);
            unit.abbreviations = Default::default();
            unit.body.clear();
            let offset = DW_FORM_sec_offset;
            unit.abbreviation(
                1,
                DW_TAG_compile_unit,
                true,
                [
                    (DW_AT_str_offsets_base, offset),
                    (DW_AT_addr_base, offset),
                    (DW_AT_rnglists_base, offset),
                    (DW_AT_name, form),
                    (DW_AT_ranges, DW_FORM_rnglistx),
                ],
            );
            unit.abbreviation(
                OWN,
                DW_TAG_subprogram,
                false,
                [
                    (DW_AT_name, form),
                    (DW_AT_low_pc, DW_FORM_addrx),
                    (DW_AT_external, DW_FORM_flag_present),
                ],
            );
            unit.abbreviation(
                OWN + 1,
                DW_TAG_subprogram,
                false,
                [
                    (DW_AT_name, form),
                    (DW_AT_ranges, DW_FORM_rnglistx),
                    (DW_AT_external, DW_FORM_flag_present),
                ],
            );
            unit.abbreviation(OWN + 2, DW_TAG_variable, false, [(DW_AT_location, DW_FORM_exprloc)]);
            let largest = uleb(u64::MAX);
            let text = if size == 0 { largest.clone() } else { vec![0xff; size] };
            let bases = [base.to_le_bytes(); 3].concat();
            unit.die(1, &[&bases[..], &text, &largest].concat());
            unit.die(OWN, &[&text[..], &largest].concat());
            unit.die(OWN, &[&text[..], &uleb(1 << 61)].concat());
            unit.die(OWN + 1, &[&text[..], &largest].concat());
            unit.die(OWN + 1, &[&text[..], &uleb(1 << 61)].concat());
            // DW_OP_addrx.
            unit.die(OWN + 2, &[&[11, 0xa1][..], &largest].concat());
            unit.end();
            let elf = unit
                .library()
                .section(".debug_str", *b"name\0")
                .section(".debug_str_offsets", vec![0xff; 64])
                .section(".debug_addr", vec![0xff; 64])
                .section(".debug_rnglists", vec![0xff; 64]);
            let error = survive(&format!("indices-{}-{base}", form.0), elf).f.unwrap_err();
            assert_eq!(error.kind(), ffitypecheck::ErrorKind::NoType, "{error}");
        }
    }
}

#[test]
fn base_types_of_other_languages_are_not_those_of_c() {
    for (language, name, encoding, size, found) in [
        (DW_LANG_Go, "uint", DW_ATE_unsigned, 8, false),
        (DW_LANG_Go, "int", DW_ATE_signed, 8, false),
        (DW_LANG_Rust, "char", DW_ATE_UTF, 4, false),
        (DW_LANG_Rust, "u32", DW_ATE_unsigned, 4, false),
        (DW_LANG_Go, "float", DW_ATE_float, 4, true),
        (DW_LANG_C11, "int", DW_ATE_signed, 4, true),
        (DW_LANG_C11, "long int", DW_ATE_signed, 8, true),
        (DW_LANG_C11, "__int128", DW_ATE_signed, 16, true),
        (DW_LANG_C11, "unsigned _BitInt(7)", DW_ATE_unsigned, 1, true),
        (DW_LANG_C_plus_plus, "wchar_t", DW_ATE_signed, 4, true),
        (DW_LANG_C_plus_plus, "bool", DW_ATE_boolean, 1, true),
    ] {
        let mut unit = Unit::in_language(5, language);
        let attributes = [
            (DW_AT_name, DW_FORM_string),
            (DW_AT_encoding, DW_FORM_data1),
            (DW_AT_byte_size, DW_FORM_data1),
        ];
        unit.abbreviation(OWN, DW_TAG_base_type, false, attributes);
        let typedef = [(DW_AT_name, DW_FORM_string), (DW_AT_type, DW_FORM_ref_udata)];
        unit.abbreviation(OWN + 1, DW_TAG_typedef, false, typedef);
        let base = unit.die(OWN, &[name.as_bytes(), &[0, encoding.0, size]].concat());
        let int = unit.int();
        unit.die(OWN + 1, &[&b"other\0"[..], &uleb(int)].concat());
        unit.function("f", CODE, base, &[base]);
        let path = crate::scratch("base").join("libbase.so");
        std::fs::write(&path, unit.library().bytes()).unwrap();
        let library = ffitypecheck::Library::open(&path, &crate::nowhere()).unwrap();
        let type_found = library.describe_type(name);
        assert_eq!(type_found.is_ok(), found, "{name} in {language}: {type_found:?}");
        assert!(library.describe_type("other").is_ok());
        // The type itself is what it is.
        let f = library.describe("f").unwrap();
        assert_eq!(abi::size_of(&f.types, f.function().unwrap().result), Some(size.into()));
    }
}

#[test]
fn a_long_name_in_very_many_declarations() {
    const COUNT: usize = 8000;
    let mut unit = Unit::new(5);
    let attributes = [(DW_AT_name, DW_FORM_strp), (DW_AT_type, DW_FORM_ref_udata)];
    unit.abbreviation(OWN, DW_TAG_typedef, false, attributes);
    let int = unit.int();
    let named = unit.die(OWN, &[&[0; 4][..], &uleb(int)].concat());
    let name = |number: usize| format!("f{number}");
    let address = |number: usize| CODE + 1 + number as u64;
    for number in 0..COUNT {
        unit.function(&name(number), address(number), named, &[named, named]);
    }
    let mut elf = unit.library().section(".debug_str", long_name(4000));
    for number in 0..COUNT {
        elf = elf.function(&name(number), address(number));
    }
    let bytes = elf.bytes();
    let path = scratch("name-declared").join("libtrap.so");
    std::fs::write(&path, &bytes).unwrap();
    let (header, report) = within(bytes.len(), move || {
        let library = Library::open(&path, &nowhere()).unwrap();
        let declarations: Vec<Declaration> = library
            .exports()
            .unwrap()
            .iter()
            .filter_map(|symbol| library.describe_export(symbol).ok())
            .collect();
        assert_eq!(declarations.len(), COUNT);
        let mut header = String::new();
        let report = write_header(&declarations, &mut header).unwrap();
        (header.len(), report)
    });
    assert!(report.cut && report.declared > 100, "{} declared", report.declared);
    assert!(report.omitted.iter().any(|(_, reason)| reason.contains("larger than")));
    let explained = 8 * bytes.len() + (6 << 20);
    assert!(header < explained, "{} bytes make {header}", bytes.len());
}

#[test]
fn a_long_tag_of_a_record_with_very_many_members() {
    const COUNT: u64 = 50_000;
    let mut unit = Unit::new(5);
    let size = (DW_AT_byte_size, DW_FORM_udata);
    unit.abbreviation(OWN, DW_TAG_structure_type, true, [(DW_AT_name, DW_FORM_string), size]);
    let (name, ty) = ((DW_AT_name, DW_FORM_string), (DW_AT_type, DW_FORM_ref_udata));
    let location = (DW_AT_data_member_location, DW_FORM_udata);
    unit.abbreviation(OWN + 1, DW_TAG_member, false, [name, ty, location]);
    let int = unit.int();
    let tag = long_name(60_000);
    let record = unit.die(OWN, &[&tag[..], &uleb(4 * COUNT)].concat());
    for number in 0..COUNT {
        let name = format!("m{number}\0");
        unit.die(OWN + 1, &[name.as_bytes(), &uleb(int), &uleb(4 * number)].concat());
    }
    unit.end();
    unit.function("f", CODE, int, &[record]);
    survive("name-tag", unit.library()).f.unwrap();
}
