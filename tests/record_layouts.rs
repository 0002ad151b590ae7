//! Records of random shape, compiled for several machines, read back, and written as a header: the compiler's own
//! static assertions in it say whether every size, alignment and offset is as it was.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Write;
use std::path::Path;

use ffitypecheck::ctype::Declaration;
use ffitypecheck::header::write_header;
use ffitypecheck::identity::{difference, Sameness};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::spell;
use ffitypecheck::Library;
use random_records::source;
use toolchain::{run, scratch};

mod random_records;

fn declarations(path: &Path) -> Vec<Declaration> {
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    let library = Library::open(path, &options).unwrap();
    let mut symbols: Vec<_> = library.exports().unwrap().iter().collect();
    symbols.sort_by_key(|symbol| symbol.name.to_string());
    symbols.into_iter().map(|symbol| library.describe_export(symbol).unwrap()).collect()
}

/// Compiles the source, writes its header, compiles that, and compares what both describe.
fn round_trip(name: &str, compiler: &str, flags: &[&str], seed: u64, attributes: bool) {
    round_trip_of(name, compiler, flags, &source(seed, 120, attributes, None));
}

/// The same with 120 records of any source.
fn round_trip_of(name: &str, compiler: &str, flags: &[&str], source: &str) {
    let directory = scratch(&format!("record-layouts-{name}"));
    std::fs::write(directory.join("source.c"), source).unwrap();
    let mut command = vec![compiler, "-std=gnu17", "-w", "-shared", "-fPIC", "-nostdlib"];
    command.extend(flags);
    run(&directory, &[&command[..], &["-o", "first.so", "source.c"]].concat());
    let first = declarations(&directory.join("first.so"));
    assert_eq!(first.len(), 120);
    let mut header = String::new();
    let report = write_header(&first, &mut header).unwrap();
    assert_eq!((report.declared, report.omitted.len()), (120, 0));
    for index in 0..120 {
        writeln!(header, "struct r{index} *f{index}(struct r{index} *p) {{ return p; }}").unwrap();
    }
    std::fs::write(directory.join("header.c"), &header).unwrap();
    let mut command = vec![compiler, "-std=gnu17", "-Wall", "-shared", "-fPIC", "-nostdlib"];
    command.extend(["-fno-builtin", "-Wno-packed-not-aligned"]);
    command.extend(flags);
    run(&directory, &[&command[..], &["-o", "second.so", "header.c"]].concat());
    for (a, b) in first.iter().zip(declarations(&directory.join("second.so"))) {
        let sameness = Sameness { parameter_names: true, ..Sameness::default() };
        let differs = difference(&a.types, a.ty, &b.types, b.ty, sameness);
        assert_eq!(differs, None, "{name}: {}", spell::declaration(a));
    }
}

#[test]
fn records_of_this_machine() {
    for (seed, compiler) in [(1, "gcc"), (2, "clang"), (3, "gcc")] {
        for (level, dwarf) in [("-O0", "-gdwarf-5"), ("-O2", "-gdwarf-4")] {
            let name = format!("{compiler}-{seed}{level}");
            round_trip(&name, compiler, &[level, dwarf], seed, false);
        }
    }
}

#[test]
fn packed_and_aligned_records() {
    for seed in 0..=60 {
        let compiler = if seed % 2 == 0 { "clang" } else { "gcc" };
        let name = format!("attributes-{compiler}-{seed}");
        round_trip(&name, compiler, &["-gdwarf-5"], seed, true);
    }
}

#[test]
fn records_of_other_machines() {
    for compiler in ["aarch64-linux-gnu-gcc", "i686-linux-gnu-gcc", "s390x-linux-gnu-gcc"] {
        round_trip(compiler, compiler, &["-gdwarf-5"], 20, false);
        round_trip(&format!("attributes-{compiler}"), compiler, &["-gdwarf-5"], 21, true);
    }
}

#[test]
fn records_of_the_other_byte_order() {
    for (compiler, order) in [
        ("gcc", "big-endian"),
        ("i686-linux-gnu-gcc", "big-endian"),
        ("s390x-linux-gnu-gcc", "little-endian"),
    ] {
        for (seed, dwarf, attributes) in [(30, "-gdwarf-5", false), (31, "-gdwarf-4", true)] {
            let name = format!("order-{compiler}{dwarf}");
            let source = source(seed, 120, attributes, Some(order));
            round_trip_of(&name, compiler, &[dwarf], &source);
        }
    }
}

/// How a vector is aligned depends on the machine and on options of the compiler, and DWARF does not say it.
#[test]
fn records_with_vectors() {
    let mut source = String::new();
    for (index, (element, size)) in [
        ("char", 2),
        ("short", 8),
        ("int", 8),
        ("int", 16),
        ("double", 16),
        ("int", 32),
        ("int", 64),
    ]
    .into_iter()
    .enumerate()
    {
        let ty = format!("v{index}");
        writeln!(source, "typedef {element} {ty} __attribute__((vector_size({size})));").unwrap();
        for (kind, members) in [
            ("struct", format!("{ty} v;")),
            ("struct", format!("char c; {ty} v;")),
            ("struct", format!("char c; {ty} v[2]; char d;")),
            ("struct", format!("int c; struct {{ char d; {ty} v; }} inner; char e;")),
            ("union", format!("char c; {ty} v;")),
        ] {
            let number = source.len();
            let record = format!("{kind} r{number}");
            writeln!(source, "{record} {{ {members} }};").unwrap();
            writeln!(source, "struct o{number} {{ char c; {record} v; }};").unwrap();
            let text = format!("void *f{number}({record} *p, struct o{number} *q) {{ return p; }}");
            writeln!(source, "{text}").unwrap();
        }
    }
    let directory = scratch("record-layouts-vectors");
    std::fs::write(directory.join("source.c"), &source).unwrap();
    for (compiler, options) in [
        ("gcc", &["", "-mavx512f"][..]),
        ("clang", &["", "-mavx"]),
        ("i686-linux-gnu-gcc", &["", "-msse2", "-mavx"]),
        ("s390x-linux-gnu-gcc", &["", "-march=z13"]),
        ("aarch64-linux-gnu-gcc", &[""]),
    ] {
        for option in options {
            let flags = ["-w", "-g", "-shared", "-fPIC", "-nostdlib", "-o", "a.so", "source.c"];
            let option = Some(*option).filter(|option| !option.is_empty());
            let compiler: Vec<&str> = std::iter::once(compiler).chain(option).collect();
            run(&directory, &[&compiler[..], &flags].concat());
            let mut header = String::new();
            write_header(&declarations(&directory.join("a.so")), &mut header).unwrap();
            std::fs::write(directory.join("header.c"), &header).unwrap();
            let flags = ["-std=gnu17", "-fno-builtin", "-w", "-fsyntax-only", "header.c"];
            run(&directory, &[&compiler[..], &flags].concat());
        }
    }
}
