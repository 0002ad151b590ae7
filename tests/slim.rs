//! Slim type information says what the full debug information says, of real libraries and of fixtures.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use ffitypecheck::abi;
use ffitypecheck::ctype::Declaration;
use ffitypecheck::identity::{difference, Sameness};
use ffitypecheck::image::{find_library, FoundBy, SearchOptions, SECTION};
use ffitypecheck::slim::{self, extract, side_file, Options};
use ffitypecheck::spell;
use ffitypecheck::{Error, ErrorKind, Library};
use toolchain::{fixture, run, scratch};

/// Each with the number of exports that have a type.
const LIBRARIES: [(&str, usize); 8] = [
    ("libc.so.6", 2836),
    ("libm.so.6", 1135),
    ("libdb-5.3.so", 1805),
    ("libkrb5.so.3", 655),
    ("liblua5.4.so.0", 154),
    ("libgsl.so.27", 5468),
    ("librados.so.2", 877),
    ("libpython3.11.so.1.0", 1685),
];

const EQUAL: Sameness = Sameness {
    parameter_names: true,
    incomplete_is_equal: false,
    through_typedefs: false,
    pointees_by_name: false,
};

fn embed(file: &[u8], note: &[u8]) -> Result<Vec<u8>, Error> {
    slim::embed(file, note).map(|made| made.to_vec())
}

fn embed_allocated(file: &[u8], note: &[u8]) -> Result<Vec<u8>, Error> {
    slim::embed_allocated(file, note).map(|made| made.to_vec())
}

fn full(path: &Path) -> Library {
    let options = SearchOptions { slim: false, ..SearchOptions::default() };
    Library::open(path, &options).unwrap()
}

fn by_note(path: &Path) -> Library {
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    let library = Library::open(path, &options).unwrap();
    assert_eq!(library.attempts()[0].by, FoundBy::Note);
    assert!(library.files().slim.is_some(), "{:?}", library.attempts());
    library
}

/// Everything that a declaration says.
fn compare(full: &Declaration, slim: &Declaration) {
    let facts = |declaration: &Declaration| {
        let Declaration { kind, symbol, version, name, linkage_name, evidence, .. } = declaration;
        (*kind, symbol.clone(), version.clone(), name.clone(), linkage_name.clone(), *evidence)
    };
    assert_eq!(facts(full), facts(slim));
    assert_eq!(spell::declaration(full), spell::declaration(slim));
    assert_eq!(difference(&full.types, full.ty, &slim.types, slim.ty, EQUAL), None);
}

/// How many exports have a type, the same by both.
fn compare_all(full: &Library, slim: &Library) -> usize {
    let mut described = 0;
    for symbol in full.exports().unwrap() {
        match (full.describe_export(symbol), slim.describe_export(symbol)) {
            (Ok(full), Ok(slim)) => {
                compare(&full, &slim);
                described += 1;
            }
            (Err(_), Err(error)) => assert_eq!(error.kind(), ErrorKind::NoType),
            (full, slim) => panic!("{}: {full:?} {slim:?}", symbol.name),
        }
    }
    described
}

#[test]
fn every_export_of_real_libraries_is_described_as_before() {
    let directory = scratch("slim-libraries");
    for (soname, expected) in LIBRARIES {
        let path = find_library(soname).unwrap();
        let full = full(&path);
        let made = slim::encode(&full, &Options::default()).unwrap();
        let again = slim::encode(&self::full(&path), &Options::default()).unwrap();
        assert_eq!(made.note(), again.note(), "{soname}");
        let file = directory.join(soname);
        std::fs::write(&file, embed(&std::fs::read(&path).unwrap(), &made.note()).unwrap())
            .unwrap();
        let described = compare_all(&full, &by_note(&file));
        assert_eq!((made.described, described), (expected, expected), "{soname}");
    }
}

/// The user's cache answers as the full debug information does: with the source of each declaration and of its types, and with
/// the reason why a symbol has no type.
#[test]
fn what_the_cache_keeps_has_the_sources_and_the_reasons() {
    let directory = scratch("slim-sources");
    let options = Options { sources: true, ..Options::default() };
    for (soname, expected) in LIBRARIES {
        let path = find_library(soname).unwrap();
        let note = slim::encode(&full(&path), &options).unwrap().note();
        let file = directory.join(soname);
        std::fs::write(&file, embed(&std::fs::read(&path).unwrap(), &note).unwrap()).unwrap();
        let (full, slim) = (full(&file), Library::open(&file, &SearchOptions::default()).unwrap());
        assert_eq!(compare_all(&full, &slim), expected);
        for symbol in full.exports().unwrap() {
            match (full.describe_export(symbol), slim.describe_export(symbol)) {
                (Ok(full), Ok(slim)) => {
                    assert_eq!(full.source(), slim.source(), "{soname}: {}", symbol.name);
                    compare_sources_of_types(&full, &slim);
                }
                (Err(full), Err(slim)) => assert_eq!(format!("{full:#}"), format!("{slim:#}")),
                (full, slim) => panic!("{}: {full:?} {slim:?}", symbol.name),
            }
        }
    }
}

/// Equal types of several places are one type, and one of the places is kept.
fn compare_sources_of_types(full: &Declaration, slim: &Declaration) {
    let (Some(function), Some(same)) = (full.function(), slim.function()) else { return };
    for (parameter, same) in function.parameters.iter().zip(&same.parameters) {
        assert_eq!(
            full.types.source_of_type(parameter.ty).is_some(),
            slim.types.source_of_type(same.ty).is_some(),
            "{}: {}",
            full.symbol,
            spell::type_name(&full.types, parameter.ty)
        );
    }
}

#[test]
fn units_of_other_languages_are_kept() {
    let directory = scratch("slim-languages");
    let rust = "#[repr(C)] pub struct Pair { pub first: u8, pub second: f64 }\n\
        #[repr(C)] pub enum Level { Low = 1, High = 5 }\n\
        #[no_mangle] pub extern \"C\" fn sum(pair: Pair, level: Level) -> f64 { pair.second + level as i32 as f64 }\n\
        #[no_mangle] pub extern \"C\" fn first(pair: &Pair) -> u8 { pair.first }\n\
        #[no_mangle] pub static LIMIT: u32 = 7;\n";
    let fortran = "module shapes\n use iso_c_binding\n type, bind(C) :: pair\n integer(c_int) :: first\n real(c_double) :: second\n\
        end type\ncontains\n function total(value, scale) bind(C)\n type(pair) :: value\n real(c_double), value :: scale\n\
        real(c_double) :: total\n total = value%second * scale\n end function\nend module\n";
    std::fs::write(directory.join("library.rs"), rust).unwrap();
    std::fs::write(directory.join("library.f90"), fortran).unwrap();
    let cxx = fixture("declarations.cc");
    let cxx = cxx.to_str().unwrap();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let shared = ["-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "library.so"];
    let commands = [
        ([&["g++"], &shared[..], &[cxx]].concat(), "shapes::Point move_by(shapes::Point p, const shapes::Point &by)"),
        ([&["clang++"], &shared[..], &[cxx]].concat(), "shapes::Point move_by(shapes::Point p, const shapes::Point &by)"),
        ([&["gfortran"], &shared[..], &["library.f90"]].concat(), "double total(void /* by reference or by value */ value, void /* by reference or by value */ scale)"),
        (
            vec![
                &rustc,
                "--crate-type=cdylib",
                "-g",
                "-Clink-arg=-Wl,--build-id",
                "-o",
                "library.so",
                "library.rs",
            ],
            "double sum(library::Pair pair, library::Level level)",
        ),
    ];
    for (command, expected) in commands {
        run(&directory, &command);
        let path = directory.join("library.so");
        std::fs::write(directory.join("slim.so"), slimmed(&path)).unwrap();
        run(&directory, &["strip", "-g", "slim.so"]);
        let (full, slim) = (full(&path), by_note(&directory.join("slim.so")));
        compare_all(&full, &slim);
        let declarations = declarations(&slim);
        assert!(declarations.iter().any(|text| text == expected), "{command:?}: {declarations:?}");
    }
}

/// A library with versions, aliases, variables, thread-local ones, and assembly that is declared elsewhere.
fn library(directory: &Path, options: &[&str]) -> PathBuf {
    let source = fixture("declarations.c");
    let mut command = vec!["cc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "a.so"];
    command.extend(options);
    command.push(source.to_str().unwrap());
    run(directory, &command);
    directory.join("a.so")
}

fn slimmed(path: &Path) -> Vec<u8> {
    let note = slim::encode(&full(path), &Options::default()).unwrap().note();
    embed(&std::fs::read(path).unwrap(), &note).unwrap()
}

#[test]
fn a_note_survives_what_strips() {
    let directory = scratch("slim-strip");
    let path = library(&directory, &[]);
    let expected: Vec<String> = declarations(&full(&path));
    assert!(expected.len() > 20);
    let file = slimmed(&path);
    std::fs::write(directory.join("slim.so"), &file).unwrap();
    let commands: [&[&str]; 8] = [
        &["strip", "-g", "-o", "out.so", "slim.so"],
        &["strip", "-s", "-o", "out.so", "slim.so"],
        &["strip", "--strip-unneeded", "-R", ".comment", "-R", ".note", "-o", "out.so", "slim.so"],
        &["objcopy", "--strip-debug", "slim.so", "out.so"],
        &["eu-strip", "-o", "out.so", "slim.so"],
        &["eu-strip", "-g", "-o", "out.so", "slim.so"],
        &["llvm-strip", "-g", "-o", "out.so", "slim.so"],
        &["llvm-strip", "--strip-unneeded", "-o", "out.so", "slim.so"],
    ];
    for command in commands {
        run(&directory, command);
        let stripped = directory.join("out.so");
        assert_eq!(declarations(&by_note(&stripped)), expected, "{command:?}");
        // The full debug information would tell the same again, were it there.
        let gone = full_error(&stripped);
        assert_eq!(gone, ErrorKind::NoDebugInfo, "{command:?}");
    }
}

fn declarations(library: &Library) -> Vec<String> {
    let exports = library.exports().unwrap().iter();
    exports
        .filter_map(|symbol| Some(spell::declaration(&library.describe_export(symbol).ok()?)))
        .collect()
}

fn full_error(path: &Path) -> ErrorKind {
    let options = SearchOptions { slim: false, system: false, ..SearchOptions::default() };
    Library::open(path, &options).err().unwrap().kind()
}

#[test]
fn a_note_is_put_in_once() {
    let directory = scratch("slim-once");
    let path = library(&directory, &[]);
    let once = slimmed(&path);
    std::fs::write(directory.join("once.so"), &once).unwrap();
    assert_eq!(slimmed(&directory.join("once.so")), once);
    // Also where another tool has added a section behind it since.
    run(&directory, &["objcopy", "--add-section", ".more=a.so", "once.so", "more.so"]);
    let again = slimmed(&directory.join("more.so"));
    std::fs::write(directory.join("again.so"), &again).unwrap();
    assert_eq!(slimmed(&directory.join("again.so")), again);
    assert_eq!(declarations(&by_note(&directory.join("again.so"))), declarations(&full(&path)));
    // Another note takes the place of the first one.
    let small =
        slim::encode(&full(&path), &Options { names: false, ..Options::default() }).unwrap();
    let replaced = embed(&once, &small.note()).unwrap();
    assert_eq!(replaced, embed(&std::fs::read(&path).unwrap(), &small.note()).unwrap());
    assert!(replaced.len() < once.len());
}

#[test]
fn a_library_with_other_exports_is_not_described_by_the_note() {
    let directory = scratch("slim-other");
    let path = library(&directory, &[]);
    let note = slim::encode(&full(&path), &Options::default()).unwrap().note();
    run(&directory, &["sh", "-c", "echo 'int another(char c) { return c; }' > more.c"]);
    let source = fixture("declarations.c");
    let command = ["cc", "-shared", "-fPIC", "-Wl,--build-id", "-o", "other.so", "more.c"];
    run(&directory, &[&command[..], &[source.to_str().unwrap()]].concat());
    let other = embed(&std::fs::read(directory.join("other.so")).unwrap(), &note).unwrap();
    std::fs::write(directory.join("other.so"), other).unwrap();
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    let error = Library::open(&directory.join("other.so"), &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NoDebugInfo);
}

/// The index begins with the first symbol that has a type and ends with the last one. To ask for one that it has no place for is no
/// damage, and what has a type is described afterwards.
#[test]
fn a_symbol_outside_of_the_index_has_no_type() {
    let directory = scratch("slim-outside");
    let assembly = ["aaa", "mmm", "zzz"].map(|name| {
        format!(".globl {name}\n.type {name}, @function\n{name}: ret\n.size {name}, 1\n")
    });
    std::fs::write(directory.join("asm.s"), assembly.concat()).unwrap();
    std::fs::write(directory.join("f.c"), "int f(char c) { return c; }\n").unwrap();
    let command = ["cc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "a.so", "f.c", "asm.s"];
    run(&directory, &command);
    std::fs::write(directory.join("slim.so"), slimmed(&directory.join("a.so"))).unwrap();
    run(&directory, &["strip", "-s", "slim.so"]);
    let slim = by_note(&directory.join("slim.so"));
    assert_eq!(slim.exports().unwrap().len(), 4);
    for name in ["aaa", "mmm", "zzz"] {
        assert_eq!(slim.describe(name).err().unwrap().kind(), ErrorKind::NoType, "{name}");
    }
    assert_eq!(spell::declaration(&slim.describe("f").unwrap()), "int f(char c)");
}

#[test]
fn what_is_not_in_the_note_comes_from_the_full_debug_information() {
    let directory = scratch("slim-full");
    let path = library(&directory, &[]);
    std::fs::write(directory.join("both.so"), slimmed(&path)).unwrap();
    let both = by_note(&directory.join("both.so"));
    let full = full(&path);
    // A type that no export reaches, and a function that is not exported.
    run(&directory, &["sh", "-c", "echo 'struct unreached { int a; } hidden(void) { struct unreached u = { 1 }; return u; } int seen(void) { return 1; }' > u.c"]);
    run(
        &directory,
        &[
            "cc",
            "-g",
            "-shared",
            "-fPIC",
            "-Wl,--build-id",
            "-fvisibility=hidden",
            "-Dseen=__attribute__((visibility(\"default\"))) seen",
            "-o",
            "u.so",
            "u.c",
        ],
    );
    std::fs::write(directory.join("v.so"), slimmed(&directory.join("u.so"))).unwrap();
    let library = by_note(&directory.join("v.so"));
    assert_eq!(spell::declaration(&library.describe("seen").unwrap()), "int seen(void)");
    let found = library.describe_type("struct unreached").unwrap();
    assert_eq!(abi::size_of(&found[0].types, found[0].ty), Some(4));
    run(&directory, &["strip", "-g", "v.so"]);
    let stripped = by_note(&directory.join("v.so"));
    let error = stripped.describe_type("struct unreached").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoType);
    for symbol in full.exports().unwrap() {
        if !symbol.has_address() {
            continue;
        }
        let (a, b) = (full.describe_address(symbol.value), both.describe_address(symbol.value));
        assert_eq!(
            a.map(|found| spell::declaration(&found)).ok(),
            b.map(|found| spell::declaration(&found)).ok()
        );
    }
}

#[test]
fn every_part_of_a_damaged_note_is_an_error() {
    let directory = scratch("slim-damage");
    let path = library(&directory, &[]);
    let note = slim::encode(&full(&path), &Options::default()).unwrap().note();
    let bare = std::fs::read(&path).unwrap();
    let damaged = directory.join("damaged.so");
    let expected = declarations(&full(&path));
    let try_it = |note: &[u8]| {
        std::fs::write(&damaged, embed(&bare, note).unwrap()).unwrap();
        let options = SearchOptions { system: false, ..SearchOptions::default() };
        if let Ok(library) = Library::open(&damaged, &options) {
            let said = declarations(&library);
            assert!(said.is_empty() || said == expected, "{said:?}");
            let _ = library.describe_type("struct s");
        }
    };
    let size = u32::from_le_bytes(note[4..8].try_into().unwrap()) as usize + 28;
    for end in (0..size).step_by(7) {
        try_it(&note[..end]);
    }
    for index in 0..size {
        for bits in [0x01, 0x80, 0xff] {
            let mut note = note[..size].to_vec();
            note[index] ^= bits;
            try_it(&note);
        }
    }
}

#[test]
fn a_damaged_library_is_refused_and_not_made_worse() {
    let directory = scratch("slim-elf");
    let path = library(&directory, &[]);
    let file = std::fs::read(&path).unwrap();
    let note = slim::encode(&full(&path), &Options::default()).unwrap().note();
    for end in (0..file.len()).step_by(331) {
        assert!(embed(&file[..end], &note).is_err(), "{end}");
        let _ = side_file(&file[..end], &[1; 20], &note);
    }
    let headers = u64::from_le_bytes(file[40..48].try_into().unwrap()) as usize;
    for index in (0..64).chain(headers..file.len()) {
        let mut file = file.clone();
        file[index] ^= 0xff;
        let _ = embed(&file, &note);
    }
    assert_eq!(embed(b"#!/bin/sh", &note).err().unwrap().kind(), ErrorKind::NotElf);
    let mut behind = file.clone();
    behind.extend([0; 16]);
    assert_eq!(embed(&behind, &note).err().unwrap().kind(), ErrorKind::Unsupported);
}

#[test]
fn options_narrow_what_is_kept() {
    let directory = scratch("slim-options");
    std::fs::create_dir_all(directory.join("include/pub")).unwrap();
    run(&directory, &["sh", "-c", "echo 'struct open { int a; };' > include/pub/api.h; echo 'struct closed { int a; };' > private.h"]);
    run(&directory, &["sh", "-c", "printf '#include <pub/api.h>\\n#include \"private.h\"\\nint f(struct open *first, struct closed *second) { return first->a + second->a; }' > f.c"]);
    run(
        &directory,
        &["cc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-Iinclude", "-o", "f.so", "f.c"],
    );
    let whole = full(&directory.join("f.so"));
    let described = |options: &Options| {
        let note = slim::encode(&whole, options).unwrap().note();
        let file = embed(&std::fs::read(directory.join("f.so")).unwrap(), &note).unwrap();
        std::fs::write(directory.join("g.so"), file).unwrap();
        let library = by_note(&directory.join("g.so"));
        let library = library.describe("f").unwrap();
        let function = library.function().unwrap();
        let sizes: Vec<Option<u64>> = function
            .parameters
            .iter()
            .map(|parameter| match library.types.get(parameter.ty).kind {
                ffitypecheck::ctype::Kind::Pointer { target, .. } => {
                    abi::size_of(&library.types, target)
                }
                _ => None,
            })
            .collect();
        (spell::declaration(&library), sizes)
    };
    let text = "int f(struct open *first, struct closed *second)".to_owned();
    assert_eq!(described(&Options::default()), (text.clone(), vec![Some(4), Some(4)]));
    let headers = Some(vec![PathBuf::from("pub/api.h")]);
    let public = Options { headers, ..Options::default() };
    assert_eq!(described(&public), (text, vec![Some(4), None]));
    let nameless = Options { names: false, ..Options::default() };
    assert_eq!(described(&nameless).0, "int f(struct open *, struct closed *)");
}

#[test]
fn what_is_extracted_is_ordinary() {
    let directory = scratch("slim-extract");
    let path = library(&directory, &[]);
    std::fs::write(directory.join("slim.so"), slimmed(&path)).unwrap();
    run(&directory, &["strip", "-g", "slim.so"]);
    let library = by_note(&directory.join("slim.so"));
    let sections = extract(&library).unwrap();
    let file = slim::debug_file(
        &std::fs::read(directory.join("slim.so")).unwrap(),
        library.files().library.build_id(),
        &sections,
    );
    std::fs::write(directory.join("slim.debug"), file.unwrap()).unwrap();
    run(&directory, &["llvm-dwarfdump", "--verify", "slim.debug"]);
    // It serves as the library's debug file.
    let options = SearchOptions {
        system: false,
        slim: false,
        debug_file: Some(directory.join("slim.debug")),
        ..SearchOptions::default()
    };
    let extracted = Library::open(&directory.join("slim.so"), &options).unwrap();
    assert_eq!(declarations(&extracted), declarations(&library));
    assert!(std::fs::read(directory.join("slim.so"))
        .unwrap()
        .windows(18)
        .any(|w| w == SECTION.as_bytes()));
}

#[test]
fn a_note_that_is_loaded() {
    let directory = scratch("slim-alloc");
    run(
        &directory,
        &[
            "sh",
            "-c",
            "echo 'static char many[9999]; int half(int n) { return (many[n] = n) / 2; }' > half.c",
        ],
    );
    run(&directory, &["cc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "half.so", "half.c"]);
    let path = directory.join("half.so");
    let bare = std::fs::read(&path).unwrap();
    let note = slim::encode(&full(&path), &Options::default()).unwrap().note();
    let loaded = embed_allocated(&bare, &note).unwrap();
    assert_eq!(embed_allocated(&loaded, &note).unwrap(), loaded);
    // From one to the other and back.
    let plain = embed(&bare, &note).unwrap();
    assert_eq!(embed(&loaded, &note).unwrap(), plain);
    assert_eq!(embed_allocated(&plain, &note).unwrap(), loaded);
    std::fs::write(directory.join("loaded.so"), &loaded).unwrap();
    let expected = declarations(&full(&path));
    let commands: [&[&str]; 4] = [
        &["cp", "loaded.so", "out.so"],
        &["llvm-strip", "--strip-all", "-o", "out.so", "loaded.so"],
        &["llvm-strip", "--strip-unneeded", "-o", "out.so", "loaded.so"],
        &["llvm-objcopy", "--strip-non-alloc", "loaded.so", "out.so"],
    ];
    for command in commands {
        run(&directory, command);
        assert_eq!(declarations(&by_note(&directory.join("out.so"))), expected, "{command:?}");
        // The loader takes it, and the library does what it did.
        run(
            &directory,
            &["python3", "-c", "import ctypes; assert ctypes.CDLL('./out.so').half(84) == 42"],
        );
    }
    for index in (0..loaded.len()).filter(|index| *index < 64 || *index + 4096 > loaded.len()) {
        let mut damaged = loaded.clone();
        damaged[index] ^= 0xff;
        let _ = embed_allocated(&damaged, &note);
        let _ = embed(&damaged, &note);
    }
}
