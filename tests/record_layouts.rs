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
use toolchain::{run, scratch, Random};

const SCALARS: [&str; 14] = [
    "char",
    "signed char",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "long long",
    "float",
    "double",
    "long double",
    "_Bool",
    "void *",
    "enum tiny",
    "int (*)(int)",
];
const FIELDS: [&str; 8] = [
    "char",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "unsigned long long",
    "_Bool",
    "enum tiny",
];

/// The members of a record, which may use the records `r0` to `r<count - 1>`.
fn members(random: &mut Random, count: usize, depth: u32, attributes: bool, text: &mut String) {
    let total = 1 + random.below(7);
    for index in 0..total {
        let name = format!("m{depth}_{index}");
        let attribute = if attributes && random.one_in(8) {
            format!(" __attribute__((aligned({})))", 1 << random.below(6))
        } else {
            String::new()
        };
        match random.below(12) {
            0 if count > 0 => writeln!(text, "struct r{} {name};", random.below(count)),
            1 if count > 0 => writeln!(text, "struct r{} {name}[2];", random.below(count)),
            2 if depth < 3 => {
                let named = random.one_in(2);
                writeln!(text, "{} {{", random.pick(&["struct", "union"])).unwrap();
                // The names of anonymous members are the outer record's: their depth and index keep them apart.
                let inner = if named { depth + 1 } else { depth * 100 + index as u32 + 10 };
                members(random, count, inner, attributes, text);
                writeln!(text, "}} {};", if named { name } else { String::new() })
            }
            3..=6 => {
                let ty = random.pick(&FIELDS);
                // Clang records no bit-field as wide as its type, wherever packing puts it.
                let most = match ty {
                    "_Bool" => 1,
                    "char" | "enum tiny" => 7,
                    "unsigned short" => 15,
                    "long" | "unsigned long long" => 32,
                    _ => 31,
                };
                let width = 1 + random.below(most);
                if random.one_in(6) {
                    writeln!(text, "{ty} : {};", random.below(width)).unwrap();
                }
                writeln!(text, "{ty} {name} : {width};")
            }
            7 => writeln!(text, "short {name}[{}][2]{attribute};", random.below(4)),
            _ => match random.pick(&SCALARS) {
                "int (*)(int)" => writeln!(text, "int (*{name})(int);"),
                scalar => writeln!(text, "{scalar} {name}{attribute};"),
            },
        }
        .unwrap();
    }
}

/// C with `count` random records, each the result of an exported function; half of them in another byte `order`, if given.
fn source(seed: u64, count: usize, attributes: bool, order: Option<&str>) -> String {
    let mut random = Random::new(seed);
    let mut text = "enum __attribute__((packed)) tiny { TINY_A, TINY_B = 100 };\n".to_owned();
    for index in 0..count {
        let packed = attributes && random.one_in(4);
        let attribute = match (packed, attributes && random.one_in(6)) {
            (true, _) => "__attribute__((packed))".to_owned(),
            // Clang records an alignment below the members' as if it had an effect.
            (false, true) => format!("__attribute__((aligned({})))", 16 << random.below(3)),
            (false, false) => String::new(),
        };
        writeln!(text, "struct r{index} {{").unwrap();
        members(&mut random, index.min(8), 0, attributes, &mut text);
        if random.one_in(8) {
            writeln!(text, "int last_named; int flexible[];").unwrap();
        }
        let order = order.filter(|_| random.one_in(2));
        let order =
            order.map(|order| format!("__attribute__((scalar_storage_order(\"{order}\")))"));
        writeln!(text, "}} {attribute} {};", order.unwrap_or_default()).unwrap();
        // Records with a flexible array are no members of others.
        text = text.replace(&format!("struct r{index} m"), "int m");
        writeln!(text, "struct r{index} *f{index}(struct r{index} *p) {{ return p; }}").unwrap();
    }
    text
}

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
    for seed in 10..15 {
        for compiler in ["gcc", "clang"] {
            let name = format!("attributes-{compiler}-{seed}");
            round_trip(&name, compiler, &["-gdwarf-5"], seed, true);
        }
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
