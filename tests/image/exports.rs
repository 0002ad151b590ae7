//! Exports, held against binutils' nm.

use std::collections::BTreeMap;

use ffitypecheck::image::{Exports, Symbol, SymbolKind};
use ffitypecheck::ErrorKind;

use crate::fixture::Fixture;

/// The symbol as nm writes it.
fn spelled(symbol: &Symbol) -> String {
    match (&symbol.version, symbol.default_version) {
        (None, _) => symbol.name.to_string(),
        (Some(version), true) => format!("{}@@{version}", symbol.name),
        (Some(version), false) => format!("{}@{version}", symbol.name),
    }
}

fn ours(symbols: &[Symbol]) -> BTreeMap<String, u64> {
    symbols.iter().map(|symbol| (spelled(symbol), symbol.value)).collect()
}

/// Name to address of what nm lists as defined and global.
fn nm(fixture: &Fixture, path: &str) -> BTreeMap<String, u64> {
    let listing = fixture.run(&format!("nm -D --defined-only --with-symbol-versions {path}"));
    let lines = listing.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let value = u64::from_str_radix(words.next()?, 16).unwrap();
        let (kind, name) = (words.next()?, words.next()?);
        // A version's own symbol: absolute, called as the version.
        let version_node = kind == "A" && name.split('@').next() == name.split('@').next_back();
        let lone = kind == "A" && !name.contains('@');
        (!version_node && !lone).then(|| (name.to_string(), value))
    });
    lines.collect()
}

#[test]
fn real_libraries_export_what_nm_says() {
    let fixture = Fixture::new("nm");
    let lib = "/usr/lib/x86_64-linux-gnu";
    for (name, least) in [
        ("libc.so.6", 2900),
        ("libm.so.6", 900),
        ("libstdc++.so.6", 5000),
        ("libgsl.so.27", 5000),
        ("libkrb5.so.3", 300),
        ("librados.so.2", 200),
    ] {
        let path = format!("{lib}/{name}");
        let symbols = fixture.open(&path).exports().unwrap();
        assert_eq!(ours(&symbols), nm(&fixture, &path), "{name}");
        assert!(symbols.len() > least, "{name}: {}", symbols.len());
    }
}

#[test]
fn libc_has_its_versions_and_resolvers() {
    let fixture = Fixture::new("libc");
    let libc = fixture.open("/usr/lib/x86_64-linux-gnu/libc.so.6");
    let exports = Exports::read(&libc).unwrap();
    let find = |name| exports.find(name).unwrap();
    assert_eq!(spelled(find("memcpy")), "memcpy@@GLIBC_2.14");
    assert_eq!(spelled(find("memcpy@GLIBC_2.2.5")), "memcpy@GLIBC_2.2.5");
    assert_ne!(find("memcpy").value, find("memcpy@GLIBC_2.2.5").value);
    let error = exports.find("_sys_errlist").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoSymbol);
    assert!(error.to_string().contains("'_sys_errlist@GLIBC_2.2.5'"), "{error}");
    assert!(exports.find("GLIBC_2.2.5").is_err());
    let ifuncs = exports.symbols().iter().filter(|symbol| symbol.kind == SymbolKind::Ifunc);
    let listing = fixture.run("readelf --dyn-syms -W /usr/lib/x86_64-linux-gnu/libc.so.6");
    assert_eq!(ifuncs.count(), listing.lines().filter(|line| line.contains(" IFUNC ")).count());
    let printf: Vec<_> = exports.by_address(find("printf").value).map(spelled).collect();
    assert_eq!(printf, ["_IO_printf@@GLIBC_2.2.5", "printf@@GLIBC_2.2.5"]);
    assert_eq!(find("errno@GLIBC_PRIVATE").kind, SymbolKind::Tls);
}

#[test]
fn every_kind_of_symbol() {
    let fixture = Fixture::new("kinds");
    fixture.write(
        "a.c",
        "int plain(void) { return 1; }\n\
         int weak(void) __attribute__((weak)); int weak(void) { return 2; }\n\
         __attribute__((visibility(\"hidden\"))) int hidden(void) { return 3; }\n\
         __attribute__((visibility(\"protected\"))) int guarded(void) { return 3; }\n\
         static int own(void) { return 4; }\n\
         static int (*resolver(void))(void) { return own; }\n\
         int chosen(void) __attribute__((ifunc(\"resolver\")));\n\
         __thread int local_to_thread; int object;\n\
         int first(void) { return 5; } int second(void) { return 6; }\n\
         __asm__(\".symver first, both@V_1\\n.symver second, both@@V_2\\n\"\n\
                 \".globl untyped\\nuntyped: nop\\n\");\n",
    );
    fixture.write("a.map", "V_1 { global: both; local: first; second; };\nV_2 { both; } V_1;\n");
    let build = "gcc -shared -fPIC -Wl,--version-script=a.map,--defsym=absolute=0x1234";
    for hash_style in ["gnu", "sysv", "both"] {
        fixture.run(&format!("{build} -Wl,--hash-style={hash_style} -o a.so a.c"));
        let file = fixture.open("a.so");
        let exports = Exports::read(&file).unwrap();
        let kind = |name: &str| {
            let symbol = exports.find(name).unwrap();
            (symbol.kind, symbol.weak, symbol.absolute)
        };
        assert_eq!(kind("plain"), (SymbolKind::Function, false, false));
        assert_eq!(kind("weak"), (SymbolKind::Function, true, false));
        assert_eq!(kind("guarded"), (SymbolKind::Function, false, false));
        assert_eq!(kind("chosen"), (SymbolKind::Ifunc, false, false));
        assert_eq!(kind("object"), (SymbolKind::Object, false, false));
        assert_eq!(kind("local_to_thread"), (SymbolKind::Tls, false, false));
        assert_eq!(kind("untyped"), (SymbolKind::Untyped, false, false));
        assert_eq!(kind("absolute"), (SymbolKind::Untyped, false, true));
        assert_ne!(exports.find("both@V_1").unwrap().value, exports.find("both").unwrap().value);
        assert_eq!(spelled(exports.find("both").unwrap()), "both@@V_2");
        for absent in ["hidden", "own", "V_1", "first"] {
            assert!(exports.find(absent).is_err(), "{absent}");
        }
        let local = file.local_symbols().unwrap();
        assert!(local.iter().any(|symbol| symbol.name == "own"));
        assert!(local.iter().any(|symbol| spelled(symbol) == "both@V_1"));

        // Without section headers, the dynamic segment says the same.
        let mut data = std::fs::read(fixture.path("a.so")).unwrap();
        data[0x28..0x30].fill(0);
        data[0x3c..0x40].fill(0);
        fixture.write("b.so", &data);
        let stripped = fixture.open("b.so");
        assert_eq!(stripped.exports().unwrap(), exports.symbols(), "{hash_style}");
        assert_eq!(stripped.build_id(), file.build_id());
        assert!(stripped.local_symbols().unwrap().is_empty());
    }
}

#[test]
fn variables_copied_into_a_program_keep_their_version() {
    let fixture = Fixture::new("copied");
    fixture.write("a.c", "#include <stdio.h>\nint main(void) { return !stdout; }\n");
    fixture.run("gcc -no-pie -fno-pie -o a a.c");
    let exports = Exports::read(&fixture.open("a")).unwrap();
    let stdout = exports.by_name("stdout").next().unwrap();
    assert_eq!(stdout.version.as_ref().unwrap().as_str(), "GLIBC_2.2.5");
    assert_eq!(stdout.kind, SymbolKind::Object);
    fixture.run("gcc -static -o b a.c");
    assert!(fixture.open("b").exports().unwrap().is_empty());
}

/// What compilers make of names, and names of C that begin alike.
#[test]
fn mangled_names_are_told_from_those_of_c() {
    let symbol = |name: &str| Symbol {
        name: name.into(),
        version: None,
        default_version: true,
        value: 0,
        size: 0,
        kind: SymbolKind::Function,
        weak: false,
        absolute: false,
        number: 1,
    };
    for name in [
        "_Z3foov",
        "_ZTV6Parser",
        "_ZN5alloc3vec12Vec$LT$T$GT$4push17h0123456789abcdefE",
        "_RNvCs1234_7mycrate3foo",
        "_RNvMs0_NtCs4fqI2P2rA04_5crate4pathNtB5_4Type6method",
        "_RINvNtC3std3mem8align_ofdE",
        "_D3std5stdio7writelnFZv",
    ] {
        assert!(symbol(name).is_mangled(), "{name}");
    }
    let of_c = ["printf", "_DYNAMIC", "_Dmain", "_Rtable", "_RNG256_seed", "_RC", "_R", "_D", "Z1"];
    for name in of_c {
        assert!(!symbol(name).is_mangled(), "{name}");
    }
    for (name, expected) in
        [("PyInit_zlib", true), ("boot_Socket", true), ("Py_Init", false), ("reboot_", false)]
    {
        assert_eq!(symbol(name).is_entry_of_module(), expected, "{name}");
    }
}
