//! Types that contradict themselves.

use ffitypecheck::abi::{self, Value};
use ffitypecheck::spell;
use gimli::constants::*;

use crate::dwarf::{uleb, Unit, OWN};
use crate::survive;

/// `void f(T)` where the DIE of T is its own type.
fn own_type(tag: DwTag, version: u16) -> Unit {
    let mut unit = Unit::new(version);
    unit.abbreviation(OWN, tag, false, [(DW_AT_type, DW_FORM_ref_udata)]);
    let here = unit.here();
    let own = unit.die(OWN, &uleb(here));
    unit.function("f", crate::dwarf::CODE, own, &[own]);
    unit
}

#[test]
fn what_is_its_own_type() {
    for tag in [
        DW_TAG_typedef,
        DW_TAG_const_type,
        DW_TAG_atomic_type,
        DW_TAG_pointer_type,
        DW_TAG_reference_type,
        DW_TAG_array_type,
        DW_TAG_enumeration_type,
        DW_TAG_subroutine_type,
        DW_TAG_subrange_type,
        DW_TAG_base_type,
        DW_TAG_unspecified_type,
        DW_TAG_structure_type,
        DW_TAG_ptr_to_member_type,
    ] {
        for version in [4, 5] {
            let name = format!("own-{}-{version}", tag.static_string().unwrap());
            let answer = survive(&name, own_type(tag, version).library());
            assert!(answer.f.is_ok(), "{name}");
        }
    }
}

#[test]
fn an_enumeration_of_its_own_integers() {
    let mut unit = Unit::new(5);
    let attributes = [(DW_AT_type, DW_FORM_ref_udata), (DW_AT_byte_size, DW_FORM_data1)];
    unit.abbreviation(OWN, DW_TAG_enumeration_type, false, attributes);
    let here = unit.here();
    let own = unit.die(OWN, &[uleb(here), vec![4]].concat());
    unit.function("f", crate::dwarf::CODE, own, &[own]);
    let f = survive("own-integers", unit.library()).f.unwrap();
    let enumeration = abi::by_value(&f.types, f.function().unwrap().result);
    let class = ffitypecheck::abi::ScalarClass::Enumeration { signed: false, beyond_bool: false };
    assert_eq!(enumeration, Value::Scalar { class, size: 4 });
}

#[test]
fn cycles_of_several_kinds() {
    // const → typedef → array → const, through which nothing is told.
    let mut unit = Unit::new(5);
    for (code, tag) in
        [(OWN, DW_TAG_const_type), (OWN + 1, DW_TAG_typedef), (OWN + 2, DW_TAG_array_type)]
    {
        unit.abbreviation(code, tag, false, [(DW_AT_type, DW_FORM_ref8)]);
    }
    let first = unit.here();
    for code in [OWN, OWN + 1] {
        let next = unit.here() + 9;
        unit.die(code, &next.to_le_bytes());
    }
    unit.die(OWN + 2, &first.to_le_bytes());
    unit.function("f", crate::dwarf::CODE, first, &[first]);
    let answer = survive("cycle", unit.library());
    let f = answer.f.unwrap();
    assert_eq!(abi::size_of(&f.types, f.function().unwrap().result), None);
}

#[test]
fn long_chains() {
    for tag in [DW_TAG_typedef, DW_TAG_const_type, DW_TAG_pointer_type, DW_TAG_array_type] {
        let mut unit = Unit::new(5);
        unit.abbreviation(OWN, tag, false, [(DW_AT_type, DW_FORM_ref8)]);
        for _ in 0..50_000 {
            let next = unit.here() + 9;
            unit.die(OWN, &next.to_le_bytes());
        }
        let last = unit.int();
        let start = last - 9 * 50_000;
        unit.function("f", crate::dwarf::CODE, start, &[start, last]);
        let name = format!("chain-{}", tag.static_string().unwrap());
        let f = survive(&name, unit.library()).f.unwrap();
        assert!(spell::declaration(&f).len() < 40_000, "{name}");
    }
}

/// Adds a struct with members at offsets; its own DIE is at the returned place.
fn record(unit: &mut Unit, size: u64, members: &[(u64, u64)]) -> u64 {
    let here = unit.die(OWN, &size.to_le_bytes());
    for (ty, offset) in members {
        unit.die(OWN + 1, &[ty.to_le_bytes(), offset.to_le_bytes()].concat());
    }
    unit.end();
    here
}

fn with_records(language: DwLang, tag: DwTag) -> Unit {
    let mut unit = Unit::in_language(5, language);
    unit.abbreviation(OWN, tag, true, [(DW_AT_byte_size, DW_FORM_data8)]);
    let member = [(DW_AT_type, DW_FORM_ref8), (DW_AT_data_member_location, DW_FORM_data8)];
    unit.abbreviation(OWN + 1, DW_TAG_member, false, member);
    unit.abbreviation(OWN + 2, DW_TAG_inheritance, false, member);
    unit
}

#[test]
fn records_inside_themselves() {
    for tag in [DW_TAG_structure_type, DW_TAG_union_type, DW_TAG_class_type] {
        for language in [DW_LANG_C99, DW_LANG_C_plus_plus_14] {
            let mut unit = with_records(language, tag);
            let here = unit.here();
            record(&mut unit, 16, &[(here, 0), (here, 8), (here, u64::MAX)]);
            unit.function("f", crate::dwarf::CODE, here, &[here]);
            let name = format!("inside-{}-{}", tag.static_string().unwrap(), language.0);
            survive(&name, unit.library()).f.unwrap();
        }
    }
}

#[test]
fn a_class_that_is_its_own_base() {
    let mut unit = with_records(DW_LANG_C_plus_plus, DW_TAG_class_type);
    let here = unit.die(OWN, &1_u64.to_le_bytes());
    for _ in 0..20 {
        unit.die(OWN + 2, &[here.to_le_bytes(), 0_u64.to_le_bytes()].concat());
    }
    unit.end();
    unit.function("f", crate::dwarf::CODE, here, &[here]);
    survive("own-base", unit.library()).f.unwrap();
}

#[test]
fn records_that_double() {
    for tag in [DW_TAG_structure_type, DW_TAG_union_type] {
        for typedefs in [false, true] {
            let mut unit = with_records(DW_LANG_C99, tag);
            unit.abbreviation(
                OWN + 3,
                DW_TAG_typedef,
                false,
                [(DW_AT_name, DW_FORM_string), (DW_AT_type, DW_FORM_ref8)],
            );
            let mut inner = unit.int();
            for level in 0..40 {
                let size = 8_u64 << level;
                let offset = if tag == DW_TAG_union_type { 0 } else { size / 2 };
                inner = record(&mut unit, size, &[(inner, 0), (inner, offset)]);
                if typedefs {
                    // The record is used without the name that the typedef gives it.
                    unit.die(
                        OWN + 3,
                        &[format!("t{level}\0").as_bytes(), &inner.to_le_bytes()].concat(),
                    );
                }
            }
            let typedef = unit.here() - 12;
            let parameters = if typedefs { vec![typedef, inner] } else { vec![inner] };
            unit.function("f", crate::dwarf::CODE, inner, &parameters);
            let name = format!("doubling-{}-{typedefs}", tag.static_string().unwrap());
            survive(&name, unit.library()).f.unwrap();
        }
    }
}

#[test]
fn sizes_near_the_largest() {
    let mut unit = Unit::new(5);
    unit.abbreviation(
        OWN,
        DW_TAG_base_type,
        false,
        [
            (DW_AT_encoding, DW_FORM_data1),
            (DW_AT_byte_size, DW_FORM_udata),
            (DW_AT_bit_size, DW_FORM_udata),
            (DW_AT_alignment, DW_FORM_udata),
        ],
    );
    unit.abbreviation(
        OWN + 1,
        DW_TAG_structure_type,
        true,
        [(DW_AT_byte_size, DW_FORM_udata), (DW_AT_alignment, DW_FORM_udata)],
    );
    unit.abbreviation(
        OWN + 2,
        DW_TAG_member,
        false,
        [
            (DW_AT_type, DW_FORM_ref8),
            (DW_AT_data_member_location, DW_FORM_udata),
            (DW_AT_alignment, DW_FORM_udata),
        ],
    );
    unit.abbreviation(
        OWN + 3,
        DW_TAG_member,
        false,
        [
            (DW_AT_type, DW_FORM_ref8),
            (DW_AT_bit_size, DW_FORM_udata),
            (DW_AT_data_bit_offset, DW_FORM_udata),
        ],
    );
    unit.abbreviation(
        OWN + 4,
        DW_TAG_member,
        false,
        [
            (DW_AT_type, DW_FORM_ref8),
            (DW_AT_byte_size, DW_FORM_udata),
            (DW_AT_bit_size, DW_FORM_udata),
            (DW_AT_bit_offset, DW_FORM_udata),
            (DW_AT_data_member_location, DW_FORM_udata),
        ],
    );
    unit.abbreviation(OWN + 5, DW_TAG_array_type, true, [(DW_AT_type, DW_FORM_ref8)]);
    unit.abbreviation(OWN + 6, DW_TAG_subrange_type, false, [(DW_AT_count, DW_FORM_udata)]);
    unit.abbreviation(
        OWN + 7,
        DW_TAG_subrange_type,
        false,
        [(DW_AT_lower_bound, DW_FORM_sdata), (DW_AT_upper_bound, DW_FORM_udata)],
    );
    let sizes =
        [0, 1, 3, 16, 32, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1, (1 << 61) + 1, 1 << 60];
    let mut all = Vec::new();
    for size in sizes {
        for encoding in [DW_ATE_complex_float, DW_ATE_signed, DW_ATE_float, DW_ATE_lo_user] {
            let sizes = [uleb(size), uleb(size), uleb(size)].concat();
            all.push(unit.die(OWN, &[&[encoding.0][..], &sizes].concat()));
        }
    }
    let bases = all.clone();
    for size in sizes {
        for base in &bases {
            all.push(unit.die(OWN + 1, &[uleb(size), uleb(size)].concat()));
            for offset in [0, size] {
                let ty = base.to_le_bytes();
                unit.die(OWN + 2, &[&ty[..], &uleb(offset), &uleb(size)].concat());
                unit.die(OWN + 3, &[&ty[..], &uleb(size), &uleb(offset)].concat());
                unit.die(OWN + 3, &[&ty[..], &uleb(offset), &uleb(size)].concat());
                unit.die(OWN + 3, &[&ty[..], &uleb(3), &uleb(size)].concat());
                let bits = [uleb(offset), uleb(size), uleb(size), uleb(offset)].concat();
                unit.die(OWN + 4, &[&ty[..], &bits].concat());
            }
            unit.end();
        }
        let element = *all.last().unwrap();
        all.push(unit.die(OWN + 5, &element.to_le_bytes()));
        unit.die(OWN + 6, &uleb(size));
        unit.die(OWN + 7, &[uleb(size), uleb(size)].concat());
        unit.die(OWN + 6, &uleb(size));
        unit.end();
    }
    for (index, ty) in all.iter().enumerate() {
        unit.function(&format!("f{index}"), 0x2000 + index as u64, *ty, &[*ty]);
    }
    let mut elf = unit.library();
    for index in 0..all.len() {
        elf = elf.function(&format!("f{index}"), 0x2000 + index as u64);
    }
    survive("sizes", elf);
}

#[test]
fn arrays_of_very_many() {
    let mut unit = with_records(DW_LANG_C99, DW_TAG_structure_type);
    unit.abbreviation(OWN + 5, DW_TAG_array_type, true, [(DW_AT_type, DW_FORM_ref8)]);
    unit.abbreviation(OWN + 6, DW_TAG_subrange_type, false, [(DW_AT_count, DW_FORM_udata)]);
    let int = unit.int();
    let mut element = int;
    // An array of arrays of arrays …, and one of a hundred thousand dimensions.
    let mut arrays = Vec::new();
    for _ in 0..60 {
        let array = unit.die(OWN + 5, &element.to_le_bytes());
        unit.die(OWN + 6, &uleb(2));
        unit.end();
        element = record(&mut unit, 1 << 60, &[(array, 0), (array, 4)]);
        arrays.push(element);
    }
    let wide = unit.die(OWN + 5, &int.to_le_bytes());
    for _ in 0..100_000 {
        unit.die(OWN + 6, &uleb(1));
    }
    unit.end();
    let row = unit.die(OWN + 5, &wide.to_le_bytes());
    unit.die(OWN + 6, &uleb(1 << 40));
    unit.end();
    let by_value = record(&mut unit, 8, &[(wide, 0), (wide, 4), (row, 0)]);
    unit.function("f", crate::dwarf::CODE, by_value, &[by_value, wide, element, arrays[3]]);
    let f = survive("arrays", unit.library()).f.unwrap();
    let Value::Record(bytes) = abi::by_value(&f.types, f.function().unwrap().result) else {
        panic!("not a record")
    };
    assert!(!bytes.complete);
}

#[test]
fn a_small_record_of_very_many_bit_fields() {
    let mut unit = with_records(DW_LANG_C99, DW_TAG_structure_type);
    unit.abbreviation(
        OWN + 3,
        DW_TAG_member,
        false,
        [
            (DW_AT_type, DW_FORM_ref8),
            (DW_AT_bit_size, DW_FORM_data1),
            (DW_AT_data_bit_offset, DW_FORM_data1),
        ],
    );
    unit.abbreviation(OWN + 5, DW_TAG_array_type, true, [(DW_AT_type, DW_FORM_ref8)]);
    unit.abbreviation(OWN + 6, DW_TAG_subrange_type, false, [(DW_AT_count, DW_FORM_udata)]);
    let int = unit.int();
    let inner = unit.die(OWN, &1_u64.to_le_bytes());
    for _ in 0..100_000 {
        unit.die(OWN + 3, &[&int.to_le_bytes()[..], &[1, 1]].concat());
    }
    unit.end();
    let array = unit.die(OWN + 5, &inner.to_le_bytes());
    unit.die(OWN + 6, &uleb(u64::MAX));
    unit.end();
    let outer = record(&mut unit, 16, &[(array, 0)]);
    unit.function("f", crate::dwarf::CODE, outer, &[outer]);
    survive("bit-fields", unit.library()).f.unwrap();
}

#[test]
fn very_many_parameters() {
    let mut unit = with_records(DW_LANG_C99, DW_TAG_structure_type);
    unit.abbreviation(OWN + 5, DW_TAG_array_type, true, [(DW_AT_type, DW_FORM_ref8)]);
    unit.abbreviation(OWN + 6, DW_TAG_subrange_type, false, [(DW_AT_count, DW_FORM_udata)]);
    let int = unit.int();
    let array = unit.die(OWN + 5, &int.to_le_bytes());
    unit.die(OWN + 6, &uleb(4000));
    unit.end();
    let large = record(&mut unit, 16_000, &[(array, 0)]);
    unit.function("f", crate::dwarf::CODE, large, &vec![large; 100_000]);
    let f = survive("parameters", unit.library()).f.unwrap();
    assert_eq!(f.function().unwrap().parameters.len(), 100_000);
    let error = ffitypecheck::libffi::lower(&f).unwrap_err();
    assert!(error.to_string().contains("parameters"), "{error}");
}

#[test]
fn types_that_lie_over_each_other() {
    // Each struct's list of members holds all structs behind it, and nothing ends it but a fault.
    for fault in [&[][..], &uleb(77)] {
        let mut unit = Unit::new(5);
        unit.abbreviation(OWN, DW_TAG_structure_type, true, [(DW_AT_sibling, DW_FORM_ref1)]);
        unit.abbreviation(OWN + 1, DW_TAG_member, false, [(DW_AT_type, DW_FORM_ref1)]);
        let int = unit.int();
        let count = 200_000;
        // Behind a function of 19 bytes with parameters of 9 bytes each, and the end of those.
        let first = unit.here() + 19 + 9 * count + 1;
        let structs: Vec<u64> = (0..count).map(|index| first + 4 * index).collect();
        unit.function("f", crate::dwarf::CODE, int, &structs);
        assert_eq!(unit.here(), first);
        for _ in 0..count {
            unit.die(OWN, &[1]);
            unit.die(OWN + 1, &[int as u8]);
        }
        unit.body.extend(fault);
        let name = format!("overlap-{}", fault.len());
        let reason = survive(&name, unit.library()).reason();
        assert!(reason.contains("more work"), "{reason}");
    }
}
