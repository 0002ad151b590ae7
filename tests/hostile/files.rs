//! Files that name files: split units, packages, supplementary files.

use ffitypecheck::ErrorKind;
use gimli::constants::*;

use crate::dwarf::{Unit, CODE, OWN};
use crate::elf::{Elf, Section, NOTE};
use crate::{scratch, survive, survive_file};

/// A unit that is the skeleton with that identity, of the file with that name.
fn skeleton(name: &[u8], identity: u64) -> Unit {
    let mut unit = Unit::new(4);
    unit.abbreviations = Default::default();
    unit.body.clear();
    unit.abbreviation(
        1,
        DW_TAG_compile_unit,
        false,
        [
            (DW_AT_GNU_dwo_name, DW_FORM_string),
            (DW_AT_comp_dir, DW_FORM_string),
            (DW_AT_GNU_dwo_id, DW_FORM_data8),
        ],
    );
    unit.die(1, &[name, b"\0.\0", &identity.to_le_bytes()].concat());
    unit
}

/// The sections of a `.dwo` file with units of these identities, each of which is a skeleton of the file `name` too.
fn split_units(elf: Elf, name: &str, identities: impl IntoIterator<Item = u64>) -> Elf {
    let mut unit = Unit::new(4);
    let split = [
        (DW_AT_GNU_dwo_name, DW_FORM_string),
        (DW_AT_GNU_dwo_id, DW_FORM_data8),
        (DW_AT_language, DW_FORM_data2),
    ];
    unit.abbreviation(OWN, DW_TAG_compile_unit, true, split);
    let mut info = Vec::new();
    for identity in identities {
        let mut unit = unit.clone();
        unit.body.clear();
        unit.die(OWN, &[name.as_bytes(), &[0], &identity.to_le_bytes(), &[12, 0]].concat());
        let int = unit.int();
        unit.function("f", CODE, int, &[int]);
        unit.end();
        info.extend(unit.bytes());
    }
    elf.section(".debug_info.dwo", info).section(".debug_abbrev.dwo", unit.abbreviations.bytes())
}

#[test]
fn a_library_that_is_its_own_split_file() {
    let unit = skeleton(b"libtrap.so", 7);
    survive("own-split", split_units(unit.library(), "libtrap.so", [7])).f.unwrap();
}

#[test]
fn a_split_unit_that_names_itself() {
    let directory = scratch("split-of-split");
    let dwo = split_units(Elf::default(), "a.dwo", [7]).bytes();
    let library = skeleton(b"a.dwo", 7).library().bytes();
    std::fs::write(directory.join("a.dwo"), &dwo).unwrap();
    std::fs::write(directory.join("libtrap.so"), &library).unwrap();
    survive_file(&directory.join("libtrap.so"), dwo.len() + library.len()).f.unwrap();
}

#[test]
fn very_many_skeletons_of_one_file() {
    let directory = scratch("skeletons");
    // As many units as skeletons; none is the skeletons'.
    let dwo = split_units(Elf::default(), "", 0..5000).bytes();
    let mut info = Vec::new();
    for number in 0..5000_u64 {
        let name = format!("{}a.dwo", "./".repeat(number as usize % 50));
        info.extend(skeleton(name.as_bytes(), 1_000_000 + number).bytes());
    }
    let abbreviations = skeleton(b"", 0).abbreviations.bytes();
    let library = Elf::default()
        .section(".debug_info", info)
        .section(".debug_abbrev", abbreviations)
        .function("f", CODE)
        .bytes();
    std::fs::write(directory.join("a.dwo"), &dwo).unwrap();
    std::fs::write(directory.join("libtrap.so"), &library).unwrap();
    let answer = survive_file(&directory.join("libtrap.so"), dwo.len() + library.len());
    assert_eq!(answer.f.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn very_many_skeletons_of_one_compressed_file() {
    let directory = scratch("packed-skeletons");
    // 2 MiB of one letter.
    let mut data = [1_u32, 0].map(u32::to_le_bytes).concat();
    data.extend([2_u64 << 20, 1].map(u64::to_le_bytes).concat());
    data.extend(miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'x'; 2 << 20], 9));
    let mut dwo = split_units(Elf::default(), "", [7]);
    dwo.compressed = Some(dwo.sections.len());
    let dwo = dwo.section(".debug_str.dwo", data).bytes();
    let mut unit = skeleton(b"a.dwo", 7);
    let info = unit.bytes().repeat(5000);
    unit.body.clear();
    let library = Elf::default()
        .section(".debug_info", info)
        .section(".debug_abbrev", unit.abbreviations.bytes())
        .function("f", CODE)
        .bytes();
    std::fs::write(directory.join("a.dwo"), &dwo).unwrap();
    std::fs::write(directory.join("libtrap.so"), &library).unwrap();
    let answer = survive_file(&directory.join("libtrap.so"), dwo.len() + library.len());
    assert_eq!(answer.f.unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn names_of_split_files_that_are_no_names() {
    let long = vec![b'x'; 1_000_000];
    for (index, name) in [
        &long[..],
        b"",
        b"/",
        b".",
        b"..",
        b"/dev/zero",
        b"/proc/self/mem",
        b"/proc/self/exe",
        b"\xff\xfe",
    ]
    .into_iter()
    .enumerate()
    {
        let unit = skeleton(name, 7);
        let error = survive(&format!("dwo-name-{index}"), unit.library()).f.unwrap_err();
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn a_package_whose_index_claims_very_many_units() {
    let directory = scratch("package");
    let library = skeleton(b"a.dwo", 7).library().bytes();
    std::fs::write(directory.join("libtrap.so"), &library).unwrap();
    // Version 2; then the numbers of sections, of units and of slots.
    for (sections, units, slots) in [
        (0_u32, u32::MAX, 0_u32),
        (1, u32::MAX, 0),
        (0, u32::MAX, u32::MAX),
        (0, 0, 1 << 31),
        (8, 1, 2),
        (u32::MAX, 1, 2),
    ] {
        let numbers = [2, sections, units, slots].map(u32::to_le_bytes).concat();
        let mut index = numbers.clone();
        index.extend(7_u64.to_le_bytes());
        index.extend([0; 8]);
        index.extend([1, 0, 0, 0, 1, 0, 0, 0]);
        index.extend([0xff; 200]);
        let package = split_units(Elf::default(), "", [7])
            .section(".debug_tu_index", index.clone())
            .section(".debug_cu_index", index)
            .bytes();
        std::fs::write(directory.join("libtrap.so.dwp"), &package).unwrap();
        let size = package.len() + library.len();
        assert!(survive_file(&directory.join("libtrap.so"), size).f.is_err());
    }
}

fn build_id(id: &[u8]) -> Section {
    let mut data = [4, id.len() as u32, 3].map(u32::to_le_bytes).concat();
    data.extend(b"GNU\0");
    data.extend(id);
    Section { name: ".note.gnu.build-id", kind: NOTE, link: 0, data }
}

#[test]
fn a_library_that_is_its_own_supplementary_file() {
    let mut unit = Unit::new(4);
    unit.abbreviation(
        OWN,
        DW_TAG_typedef,
        false,
        [(DW_AT_name, DW_FORM_GNU_strp_alt), (DW_AT_type, DW_FORM_GNU_ref_alt)],
    );
    unit.abbreviation(OWN + 1, DW_TAG_imported_unit, false, [(DW_AT_import, DW_FORM_GNU_ref_alt)]);
    unit.die(OWN + 1, &[0; 4]);
    let here = unit.here() as u32;
    // A typedef of itself, in what it takes for another file.
    let typedef = unit.die(OWN, &[[0; 4], here.to_le_bytes()].concat());
    unit.function("f", CODE, typedef, &[typedef]);
    unit.end();
    let link = [&b"libtrap.so\0"[..], &[1; 20]].concat();
    let mut elf =
        unit.library().section(".gnu_debugaltlink", link).section(".debug_str", *b"name\0");
    elf.sections.push(build_id(&[1; 20]));
    let answer = survive("own-supplement", elf);
    assert_eq!(answer.parameter().name.as_ref().unwrap(), "name");
}

#[test]
fn a_supplementary_file_that_is_not_there() {
    for link in
        [&b"nowhere\0abc"[..], b"\0", b"", b"no end", &[&vec![b'/'; 1 << 20][..], b"\0x"].concat()]
    {
        let mut unit = Unit::new(4);
        let int = unit.int();
        unit.function("f", CODE, int, &[int]);
        let elf = unit.library().section(".gnu_debugaltlink", link);
        survive(&format!("link-{}", link.len()), elf);
    }
    for sup in [
        &b"\x05\0\0name\0\x02ab"[..],
        b"\x05\0",
        b"\x05\0\0name\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    ] {
        let mut unit = Unit::new(5);
        let int = unit.int();
        unit.function("f", CODE, int, &[int]);
        let error =
            survive(&format!("sup-{}", sup.len()), unit.library().section(".debug_sup", sup));
        assert!(error.f.is_err());
    }
}

#[test]
fn sections_that_unpack_to_too_much() {
    // 1 MiB of zstd blocks of 128 KiB each (RFC 8878 §3.1.1): 32 GiB.
    let block = |last: u32| [&((128_u32 << 10 << 3) | 2 | last).to_le_bytes()[..3], b"x"].concat();
    let frame = |blocks: usize| {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3];
        frame.extend(block(0).repeat(blocks - 1));
        frame.extend(block(1));
        frame
    };
    for (blocks, claim) in
        [(1 << 18, 4_u64 << 30), (1 << 18, 1 << 35), (1 << 10, 1 << 27), (16, 1 << 21)]
    {
        let mut unit = Unit::new(5);
        let int = unit.int();
        unit.function("f", CODE, int, &[int]);
        let mut data = [2_u32, 0].map(u32::to_le_bytes).concat();
        data.extend([claim, 1].map(u64::to_le_bytes).concat());
        data.extend(frame(blocks));
        let mut elf = unit.library();
        elf.compressed = Some(elf.sections.len());
        let elf = elf.section(".debug_str", data);
        let answer = survive(&format!("unpacked-{blocks}-{claim}"), elf);
        assert_eq!(answer.f.is_ok(), claim == 1 << 21);
    }
}
