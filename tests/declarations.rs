//! Declarations out of every kind of debug information that the compilers here write.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::abi;
use ffitypecheck::ctype::Evidence;
use ffitypecheck::image::SearchOptions;
use ffitypecheck::spell;
use ffitypecheck::{ErrorKind, Library};
use toolchain::{fixture, run, scratch};

const SOURCE: &str = include_str!("fixtures/declarations.c");

/// The `//: SYMBOL: TEXT` lines of a fixture.
fn expectations(source: &str) -> Vec<(&str, &str)> {
    let lines = source.lines().filter_map(|line| line.strip_prefix("//: ")?.split_once(": "));
    let all: Vec<_> = lines.collect();
    assert!(all.len() >= 8, "the fixture lost its expectations");
    all
}

fn nowhere() -> SearchOptions {
    SearchOptions { system: false, ..SearchOptions::default() }
}

/// Compiles the fixture in a directory of its own and returns the library.
fn build(name: &str, compiler: &str, flags: &[&str]) -> std::path::PathBuf {
    let directory = scratch(name);
    let library = directory.join("libfixture.so");
    let mut command = vec![compiler, "-shared", "-fPIC", "-w"];
    command.extend(flags);
    let (c, assembly) = (fixture("declarations.c"), fixture("assembly.S"));
    command.extend([c.to_str().unwrap(), assembly.to_str().unwrap(), "-o"]);
    command.push(library.to_str().unwrap());
    run(&directory, &command);
    library
}

fn check(library: &Path) {
    let library = Library::open(library, &nowhere()).unwrap();
    for (symbol, text) in expectations(SOURCE) {
        let declaration = library.describe(symbol).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(spell::declaration(&declaration), text, "{symbol}");
        let (file, line) = declaration.source().unwrap_or_else(|| panic!("{symbol}: no source"));
        assert!(file.as_str().ends_with("declarations.c"), "{symbol}: {file}");
        assert_ne!(line, 0, "{symbol}");
    }
}

#[test]
fn every_compiler_version_and_level() {
    for compiler in ["gcc", "clang"] {
        for version in ["-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5"] {
            for level in ["-O0", "-O2"] {
                let name = format!("{compiler}{version}{level}");
                check(&build(&name, compiler, &[version, level]));
            }
        }
    }
}

#[test]
fn every_way_to_lay_out_dwarf() {
    for (name, compiler, flags) in [
        ("strict-2", "gcc", &["-gdwarf-2", "-gstrict-dwarf"][..]),
        ("strict-3", "gcc", &["-gdwarf-3", "-gstrict-dwarf"]),
        ("64-bit-4", "gcc", &["-gdwarf-4", "-gdwarf64"]),
        ("64-bit-5", "gcc", &["-gdwarf-5", "-gdwarf64"]),
        ("64-bit-clang", "clang", &["-gdwarf-5", "-gdwarf64"]),
        ("types-4", "gcc", &["-gdwarf-4", "-fdebug-types-section"]),
        ("types-5", "gcc", &["-gdwarf-5", "-fdebug-types-section"]),
        ("types-clang", "clang", &["-gdwarf-4", "-fdebug-types-section"]),
        ("lto", "gcc", &["-g", "-O2", "-flto", "-flto-partition=none"]),
        ("lto-partitions", "gcc", &["-g", "-O2", "-flto", "-flto-partition=max"]),
        ("lto-clang", "clang", &["-g", "-O2", "-flto", "-fuse-ld=lld"]),
        ("zlib", "gcc", &["-g", "-gz=zlib"]),
        ("zlib-gnu", "gcc", &["-g", "-gz=zlib-gnu"]),
        ("zstd", "clang", &["-g", "-fuse-ld=lld", "-Wl,--compress-debug-sections=zlib"]),
        ("no-aranges", "clang", &["-g", "-fuse-ld=lld", "-O2"]),
    ] {
        check(&build(name, compiler, flags));
    }
}

#[test]
fn split_units() {
    for (name, compiler, flags) in [
        ("split-4", "gcc", &["-gdwarf-4"][..]),
        ("split-5", "gcc", &["-gdwarf-5"]),
        ("split-5-optimised", "gcc", &["-gdwarf-5", "-O2"]),
        ("split-4-types", "gcc", &["-gdwarf-4", "-fdebug-types-section"]),
        ("split-5-types", "gcc", &["-gdwarf-5", "-fdebug-types-section"]),
        ("split-4-clang", "clang", &["-gdwarf-4"]),
        ("split-5-packed", "gcc", &["-gdwarf-5", "-gz=zlib"]),
        ("split-5-clang", "clang", &["-gdwarf-5"]),
        ("split-5-clang-types", "clang", &["-gdwarf-5", "-fdebug-types-section"]),
    ] {
        let directory = scratch(name);
        let c = fixture("declarations.c");
        let mut compile = vec![compiler, "-c", "-fPIC", "-w", "-gsplit-dwarf", "-o", "fixture.o"];
        compile.extend(flags);
        compile.push(c.to_str().unwrap());
        run(&directory, &compile);
        let assembly = fixture("assembly.S");
        let library = directory.join("libfixture.so");
        let link = [compiler, "-shared", "fixture.o", assembly.to_str().unwrap(), "-o"];
        run(&directory, &[&link[..], &[library.to_str().unwrap()]].concat());
        check(&library);
        // The same from a package. Neither dwp (binutils 2.40) nor llvm-dwp (14) survives GCC's DWARF 5.
        if compiler == "clang" || !name.contains("split-5") {
            run(&directory, &["llvm-dwp", "fixture.dwo", "-o", "libfixture.so.dwp"]);
            std::fs::rename(directory.join("fixture.dwo"), directory.join("hidden")).unwrap();
            check(&library);
            std::fs::remove_file(directory.join("libfixture.so.dwp")).unwrap();
        } else {
            std::fs::remove_file(directory.join("fixture.dwo")).unwrap();
        }
        // And nothing without either.
        let library = Library::open(&library, &nowhere()).unwrap();
        let error = library.describe("plain").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoDebugInfo, "{error}");
        assert!(error.to_string().contains("fixture.dwo"), "{error}");
    }
}

#[test]
fn supplementary_files() {
    for version in ["-gdwarf-4", "-gdwarf-5"] {
        for optimised in [&["dwz", "libfixture.so"][..], &["dwz", "-5", "libfixture.so"]] {
            let name = format!("dwz{version}-{}", optimised.len());
            let library = build(&name, "gcc", &[version, "-O2"]);
            let directory = library.parent().unwrap();
            run(directory, &["cp", "libfixture.so", "libtwin.so"]);
            run(directory, optimised);
            check(&library);
            let shared = ["dwz", "-m", "shared.debug", "-h", "libfixture.so", "libtwin.so"];
            run(
                directory,
                &[&shared[..1], &optimised[1..optimised.len() - 1], &shared[1..]].concat(),
            );
            check(&library);
            // As Debian's packages have it: its strings then lie in memory, not in the file.
            run(directory, &["objcopy", "--compress-debug-sections=zlib", "shared.debug"]);
            check(&library);
        }
    }
}

#[test]
fn classes_references_and_templates() {
    let source = include_str!("fixtures/declarations.cc");
    for compiler in ["g++", "clang++"] {
        for flags in
            [["-gdwarf-4", "-O0"], ["-gdwarf-5", "-O2"], ["-gdwarf-4", "-fdebug-types-section"]]
        {
            let directory = scratch(&format!("cpp-{compiler}{}{}", flags[0], flags[1]));
            let library = directory.join("libfixture.so");
            let file = fixture("declarations.cc");
            let files = [file.to_str().unwrap(), "-o", library.to_str().unwrap()];
            run(&directory, &[&[compiler, "-shared", "-fPIC"], &flags[..], &files].concat());
            let library = Library::open(&library, &nowhere()).unwrap();
            for (symbol, text) in expectations(source) {
                let declaration =
                    library.describe(symbol).unwrap_or_else(|error| panic!("{error}"));
                // clang says `this` and gcc `const this`.
                let spelled = spell::declaration(&declaration).replace("*const this", "*this");
                assert_eq!(spelled, text, "{compiler} {flags:?}: {symbol}");
            }
            for (symbol, by_reference) in [("take", true), ("boxed", false), ("move_by", false)] {
                let function = library.describe(symbol).unwrap();
                let ty = function.function().unwrap().parameters[0].ty;
                assert_eq!(
                    abi::is_by_reference(&function.types, ty),
                    by_reference,
                    "{compiler} {symbol}"
                );
            }
        }
    }
}

#[test]
fn assembly_says_nothing() {
    let library = Library::open(&build("assembly", "gcc", &["-g", "-O2"]), &nowhere()).unwrap();
    let error = library.describe("undeclared").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoType);
    assert!(error.to_string().contains("assembly.S"), "{error}");
    let used = library.describe("used").unwrap();
    assert_eq!(used.evidence, Evidence::Use);
    assert_eq!(spell::declaration(&used), "int used(int)");
}

#[test]
fn an_address_tells_what_begins_there() {
    let library = Library::open(&build("address", "gcc", &["-g"]), &nowhere()).unwrap();
    let plain = library.export_table().unwrap().find("plain").unwrap().value;
    assert_eq!(library.describe_address(plain).unwrap().name, "plain");
    assert_eq!(library.describe_address(plain + 1).unwrap_err().kind(), ErrorKind::NoType);
}
