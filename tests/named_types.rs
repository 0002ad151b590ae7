//! Types by their names, out of every way to lay out debug information.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use ffitypecheck::abi;
use ffitypecheck::ctype::{Declaration, DeclarationKind};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::{ErrorKind, Library};
use toolchain::{fixture, run, scratch};

fn nowhere() -> SearchOptions {
    SearchOptions { system: false, ..SearchOptions::default() }
}

fn open(library: &Path) -> Library {
    Library::open(library, &nowhere()).unwrap()
}

/// Compiles the two units of the C fixture and links them.
fn build(name: &str, compiler: &str, flags: &[&str]) -> PathBuf {
    let directory = scratch(&format!("named-{name}"));
    let source = fixture("named.c");
    for unit in ["1", "2"] {
        let (define, object) = (format!("-DUNIT={unit}"), format!("unit{unit}.o"));
        let compile = [compiler, "-c", "-fPIC", "-w", &define, "-o", &object];
        run(&directory, &[&compile, flags, &[source.to_str().unwrap()]].concat());
    }
    let link = [compiler, "-shared", "unit1.o", "unit2.o", "-o", "libnamed.so"];
    run(&directory, &[&link, flags].concat());
    directory.join("libnamed.so")
}

/// How often it is defined differently, the size of each, and whether they are complete.
fn sizes(library: &Library, name: &str) -> Vec<Option<u64>> {
    let found = library.describe_type(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let size = |declaration: &Declaration| abi::size_of(&declaration.types, declaration.ty);
    found.iter().map(size).collect()
}

fn line_of(source: &str, text: &str) -> u64 {
    let line = source.lines().position(|line| line.starts_with(text)).unwrap();
    line as u64 + 1
}

fn check(library: &Library) {
    for (name, expected) in [
        ("struct same", &[Some(24)][..]),
        ("struct differs", &[Some(8), Some(16)]),
        ("struct holder", &[Some(16)]),
        ("struct container", &[Some(24), Some(24)]),
        ("union  value", &[Some(4)]),
        ("enum colour", &[Some(4)]),
        ("struct late", &[Some(2)]),
        ("struct never", &[None]),
        ("struct twice", &[Some(1)]),
        ("twice", &[Some(4)]),
        ("nameless_t", &[Some(32)]),
        ("handler_t", &[Some(8)]),
        ("late_t", &[Some(2)]),
        ("word", &[Some(8)]),
        ("alias", &[Some(8)]),
        ("size_t", &[Some(8)]),
        ("unsigned long", &[Some(8)]),
        ("long unsigned int", &[Some(8)]),
        ("unsigned long long", &[Some(8)]),
        ("short unsigned", &[Some(2)]),
        ("float", &[Some(4)]),
        ("float _Complex", &[Some(8)]),
    ] {
        assert_eq!(sizes(library, name), expected, "{name}");
    }
    let source = include_str!("fixtures/named.c");
    for (name, text) in [
        ("struct same", "struct same {"),
        ("struct differs", "struct differs {"),
        ("union value", "union value {"),
        ("enum colour", "enum colour {"),
        ("handler_t", "typedef int (*handler_t)"),
    ] {
        for declaration in library.describe_type(name).unwrap() {
            assert_eq!(declaration.kind, DeclarationKind::Type);
            assert_eq!((declaration.symbol.as_str(), declaration.name.as_str()), (name, name));
            let (file, line) = declaration.source().unwrap();
            assert!(file.as_str().ends_with("named.c"), "{name}: {file}");
            assert_eq!(line, line_of(source, text), "{name}");
        }
    }
    for (name, hint) in [
        ("struct nothing", "'struct nothing'"),
        ("union same", "but there is 'struct same'"),
        ("same", "but there is 'struct same'"),
        ("struct nameless_t", "but there is 'typedef nameless_t'"),
        ("enum twice", "but there is 'struct twice', 'typedef twice'"),
        ("struct hidden", "defines 'struct hidden'"),
    ] {
        let error = library.describe_type(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoType, "{name}: {error}");
        assert!(error.to_string().ends_with(hint), "{name}: {error}");
        assert!(error.file().unwrap().ends_with("libnamed.so"));
    }
    assert_eq!(library.describe_type("char *").unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn two_units_in_every_version() {
    for compiler in ["gcc", "clang"] {
        for flag in ["-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5"] {
            check(&open(&build(&format!("{compiler}{flag}"), compiler, &[flag])));
        }
    }
}

#[test]
fn every_way_to_lay_out_dwarf() {
    for (name, compiler, flags) in [
        ("types-4", "gcc", &["-gdwarf-4", "-fdebug-types-section"][..]),
        ("types-5", "gcc", &["-gdwarf-5", "-fdebug-types-section"]),
        ("types-clang", "clang", &["-gdwarf-4", "-fdebug-types-section"]),
        ("types-5-clang", "clang", &["-gdwarf-5", "-fdebug-types-section"]),
        ("lto-partitions", "gcc", &["-g", "-O2", "-flto", "-flto-partition=max"]),
        ("strict-2", "gcc", &["-gdwarf-2", "-gstrict-dwarf"]),
        ("64-bit-5", "gcc", &["-gdwarf-5", "-gdwarf64"]),
    ] {
        check(&open(&build(name, compiler, flags)));
    }
}

#[test]
fn split_units() {
    for (name, compiler, flags) in [
        ("split-4", "gcc", &["-gdwarf-4", "-gsplit-dwarf"][..]),
        ("split-5", "gcc", &["-gdwarf-5", "-gsplit-dwarf"]),
        ("split-4-types", "gcc", &["-gdwarf-4", "-gsplit-dwarf", "-fdebug-types-section"]),
        ("split-5-types", "gcc", &["-gdwarf-5", "-gsplit-dwarf", "-fdebug-types-section"]),
        ("split-5-clang", "clang", &["-gdwarf-5", "-gsplit-dwarf"]),
        ("split-5-clang-types", "clang", &["-gdwarf-5", "-gsplit-dwarf", "-fdebug-types-section"]),
    ] {
        let library = build(name, compiler, flags);
        let directory = library.parent().unwrap();
        check(&open(&library));
        // The same from a package. Neither dwp (binutils 2.40) nor llvm-dwp (14) survives GCC's DWARF 5.
        if compiler == "clang" || !name.contains("split-5") {
            let package = ["llvm-dwp", "unit1.dwo", "unit2.dwo", "-o", "libnamed.so.dwp"];
            run(directory, &package);
            for unit in ["unit1", "unit2"] {
                let (from, to) = (format!("{unit}.dwo"), format!("{unit}.hidden"));
                std::fs::rename(directory.join(from), directory.join(to)).unwrap();
            }
            check(&open(&library));
            std::fs::remove_file(directory.join("libnamed.so.dwp")).unwrap();
        } else {
            std::fs::remove_file(directory.join("unit1.dwo")).unwrap();
            std::fs::remove_file(directory.join("unit2.dwo")).unwrap();
        }
        // What is not there may be in what is missing.
        let error = open(&library).describe_type("struct same").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoDebugInfo, "{name}: {error}");
    }
}

#[test]
fn a_supplementary_file_is_shared_with_other_libraries() {
    for (version, dwz) in
        [("-gdwarf-4", &["dwz"][..]), ("-gdwarf-5", &["dwz"]), ("-gdwarf-5", &["dwz", "-5"])]
    {
        let library = build(&format!("dwz{version}-{}", dwz.len()), "gcc", &[version]);
        let directory = library.parent().unwrap();
        run(directory, &["cp", "libnamed.so", "libtwin.so"]);
        // Two others, which share what the first does not have.
        let other = directory.join("other.c");
        let text = "struct foreign { int member[7]; struct foreign *next; } foreign;\n\
                    struct holder { struct foreign *a, *b, *c; } holder;\n";
        std::fs::write(&other, text).unwrap();
        for name in ["libother1.so", "libother2.so"] {
            run(directory, &["gcc", "-g", version, "-shared", "-fPIC", "other.c", "-o", name]);
        }
        run(directory, &[dwz, &["libnamed.so"]].concat());
        check(&open(&library));
        let all = ["libnamed.so", "libtwin.so", "libother1.so", "libother2.so"];
        run(directory, &[dwz, &["-m", "shared.debug", "-h"], &all[..]].concat());
        check(&open(&library));
        let other = open(&directory.join("libother1.so"));
        assert_eq!(sizes(&other, "struct foreign"), [Some(40)]);
        assert_eq!(sizes(&other, "struct holder"), [Some(24)]);
        let error = open(&library).describe_type("struct foreign").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoType, "{error}");
    }
}

#[test]
fn namespaces_and_classes() {
    for compiler in ["g++", "clang++"] {
        for (name, flags) in [
            ("4", &["-gdwarf-4"][..]),
            ("5", &["-gdwarf-5"]),
            ("types", &["-gdwarf-4", "-fdebug-types-section"]),
            ("types-5", &["-gdwarf-5", "-fdebug-types-section"]),
            // dwz knows no .debug_addr, which clang makes for DWARF 5.
            ("dwz", &["-gdwarf-4"]),
        ] {
            let directory = scratch(&format!("named-{compiler}-{name}"));
            let file = fixture("named.cc");
            for (number, path) in ["one.o", "two.o"].into_iter().enumerate() {
                let (used, unit) = (format!("-Duse=use{number}"), format!("-DUNIT={number}"));
                let compile = [compiler, "-c", "-fPIC", "-w", &used, &unit, "-o", path];
                run(&directory, &[&compile, flags, &[file.to_str().unwrap()]].concat());
            }
            let link = [compiler, "-shared", "one.o", "two.o", "-o", "libnamed.so"];
            run(&directory, &link);
            if name == "dwz" {
                run(&directory, &["dwz", "libnamed.so"]);
            }
            let library = open(&directory.join("libnamed.so"));
            for (asked, size, own) in [
                ("outer::plain", Some(4), "outer::plain"),
                ("struct outer::plain", Some(4), "outer::plain"),
                ("class outer::plain", Some(4), "outer::plain"),
                ("plain", Some(8), "plain"),
                ("::plain", Some(8), "plain"),
                ("outer::versioned", Some(4), "outer::v2::versioned"),
                ("outer::v2::versioned", Some(4), "outer::v2::versioned"),
                ("class outer::versioned", Some(4), "outer::v2::versioned"),
                ("outer::unnamed", Some(3), "outer::(anonymous)::unnamed"),
                ("outer::(anonymous namespace)::unnamed", Some(3), "outer::(anonymous)::unnamed"),
                ("outer::holds::nested", Some(2), "outer::holds::nested"),
                ("outer::holds::level", Some(1), "outer::holds::level"),
                ("enum class outer::holds::level", Some(1), "outer::holds::level"),
                ("outer::holds::alias", Some(4), "outer::holds::alias"),
                ("outer::holds::later", Some(16), "outer::holds::later"),
                ("outer::holds::later::deeper", Some(4), "outer::holds::later::deeper"),
                ("outer::box<int>", Some(4), "outer::box<int>"),
                ("opaque", None, "opaque"),
                ("class virtual_", None, "virtual_"),
                ("short", Some(2), "short"),
            ] {
                let found = library.describe_type(asked);
                let found =
                    found.unwrap_or_else(|error| panic!("{compiler} {flags:?} {name}: {error}"));
                assert_eq!(found.len(), 1, "{compiler} {flags:?}: {asked}");
                let types = &found[0].types;
                assert_eq!(abi::size_of(types, found[0].ty), size, "{compiler} {flags:?}: {asked}");
                let named = types.get(found[0].ty).name.as_ref().map(ToString::to_string);
                let named = named.unwrap_or_default();
                assert!(
                    own == named || asked == "short",
                    "{compiler} {flags:?}: {asked} is {named}"
                );
            }
            for (asked, hint) in [
                ("versioned", "'struct outer::v2::versioned'"),
                ("union outer::plain", "'struct outer::plain', 'struct plain'"),
                ("inner::plain", "'struct outer::plain', 'struct plain'"),
                ("plain::plain", "'struct outer::plain', 'struct plain'"),
            ] {
                let error = library.describe_type(asked).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NoType);
                assert!(error.to_string().ends_with(hint), "{compiler} {flags:?}: {error}");
            }
        }
    }
}
