//! Debug information of real compilers, damaged at places of every kind a few thousand times: never a panic.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code, reason = "the hostile files need more of it")]
mod everything;

use std::sync::Arc;

use ffitypecheck::image::{ElfFile, SearchOptions};
use ffitypecheck::Library;
use object::{Object, ObjectSection};
use toolchain::{fixture, run, scratch, Random};

/// Damaged copies of each fixture.
const COPIES: usize = 400;

/// The sections that are damaged, and how often compared with each other.
const SECTIONS: [(&str, usize); 10] = [
    (".debug_info", 8),
    (".debug_abbrev", 6),
    (".debug_types", 3),
    (".debug_str", 1),
    (".debug_str_offsets", 1),
    (".debug_line", 1),
    (".debug_aranges", 1),
    (".debug_ranges", 1),
    (".debug_rnglists", 1),
    (".debug_addr", 1),
];

/// Changes one to eight places in the bytes of one section.
fn damage(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..1 + random.below(8) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            2 => bytes[at] = random.pick(&[0, 0x7f, 0x80, 0xff]),
            3 => bytes[at] = bytes[random.below(bytes.len())],
            4 => bytes[at..].iter_mut().take(1 + random.below(9)).for_each(|byte| *byte = 0xff),
            // Something from elsewhere: DIEs that begin in others.
            _ => {
                let from = random.below(bytes.len());
                let length = (1 + random.below(24)).min(bytes.len() - at.max(from));
                bytes.copy_within(from..from + length, at);
            }
        }
    }
}

fn check(name: &str, compiler: &str, flags: &[&str]) {
    let directory = scratch(&format!("damage-{name}"));
    let source = if compiler.ends_with("++") { "declarations.cc" } else { "declarations.c" };
    let source = fixture(source);
    let command = [
        &[compiler, "-shared", "-fPIC", "-w", "-nostdlib", "-o", "whole.so"],
        flags,
        &[source.to_str().unwrap()],
    ];
    run(&directory, &command.concat());
    let whole = std::fs::read(directory.join("whole.so")).unwrap();
    let parsed = object::File::parse(&*whole).unwrap();
    let mut places = Vec::new();
    for (section, times) in SECTIONS {
        let range = parsed.section_by_name(section).and_then(|section| section.file_range());
        places.extend(vec![range; times].into_iter().flatten().filter(|(_, size)| *size > 0));
    }
    assert!(places.len() >= 16, "{name}: {}", places.len());
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    let mut random = Random::new(1);
    let (mut opened, mut described, mut complete) = (0, 0, 0);
    for copy in 0..COPIES {
        let mut bytes = whole.clone();
        if copy > 0 {
            let (start, size) = random.pick(&places);
            damage(&mut bytes[start as usize..(start + size) as usize], &mut random);
        }
        // A new file: the old one may still be mapped.
        let path = directory.join("damaged.so");
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, &bytes).unwrap();
        let file = Arc::new(ElfFile::open(&path).unwrap());
        let Ok(library) = Library::from_file(file, &options) else { continue };
        let count = everything::everything(&library);
        opened += 1;
        described += count;
        complete = complete.max(count);
    }
    // Most damage leaves most of it readable, so that what is behind the damage is read too.
    assert!(opened > COPIES / 2, "{name}: {opened}");
    assert!(described > opened * complete / 3, "{name}: {described} of {opened} × {complete}");
}

#[test]
fn damaged_dwarf_of_gcc() {
    check("gcc-4", "gcc", &["-gdwarf-4", "-O2"]);
    check("gcc-5", "gcc", &["-gdwarf-5", "-O2"]);
    check("gcc-types", "gcc", &["-gdwarf-4", "-fdebug-types-section"]);
    check("gcc-2", "gcc", &["-gdwarf-2", "-gstrict-dwarf"]);
    check("g++-5", "g++", &["-gdwarf-5"]);
}

#[test]
fn damaged_dwarf_of_clang() {
    check("clang-4", "clang", &["-gdwarf-4", "-O2"]);
    check("clang-5", "clang", &["-gdwarf-5", "-O2"]);
    check("clang-64", "clang", &["-gdwarf-5", "-gdwarf64"]);
}
