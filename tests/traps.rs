//! Symbols for which a careless reader finds the wrong declaration.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;

use ffitypecheck::ctype::Evidence;
use ffitypecheck::image::SearchOptions;
use ffitypecheck::spell;
use ffitypecheck::{ErrorKind, Library};
use toolchain::{run, scratch};

/// Builds a library from sources given as text, `NAME` and content.
fn build(name: &str, sources: &[(&str, &str)], command: &[&str]) -> PathBuf {
    let directory = scratch(name);
    for (file, text) in sources {
        std::fs::write(directory.join(file), text).unwrap();
    }
    run(&directory, &[command, &["-shared", "-fPIC", "-g", "-w", "-o", "lib.so"]].concat());
    directory.join("lib.so")
}

fn open(path: &std::path::Path) -> Library {
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(path, &options).unwrap()
}

fn spelled(library: &Library, symbol: &str) -> String {
    spell::declaration(&library.describe(symbol).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn static_functions_of_an_exported_name() {
    let library = build(
        "statics",
        &[
            ("a.c", "static long same(char *p) { return *p; } long a(char *p) { return same(p) + 1; }"),
            ("b.c", "int same(int x) { return x; } static double other(void) { return 1; } double b(void) { return other(); }"),
            ("c.c", "static float same(float f) { return f; } float c(float f) { return same(f); }"),
        ],
        &["gcc", "a.c", "b.c", "c.c"],
    );
    assert_eq!(spelled(&open(&library), "same"), "int same(int x)");
}

#[test]
fn the_definition_wins_over_a_header_that_disagrees() {
    let library = build(
        "header-disagrees",
        &[
            ("use.c", "extern int f(int); int use(void) { return f(1); }"),
            ("definition.c", "long f(char *p, long n) { return n; }"),
        ],
        &["gcc", "-O2", "use.c", "definition.c"],
    );
    assert_eq!(spelled(&open(&library), "f"), "long f(char *p, long n)");
}

const ASSEMBLY: &str = ".text\n.globl f\n.type f,@function\nf:\nret\n.size f,.-f\n.section .note.GNU-stack,\"\",@progbits\n";

#[test]
fn conflicting_declarations_of_an_assembly_function_decide_nothing() {
    let use_int = "extern int f(int); int use_int(void) { return f(1) + 1; }";
    let use_long = "extern long f(long, char *); long use_long(void) { return f(1, 0) + 1; }";
    for (name, second, expected) in
        [("agree", use_int, None), ("conflict", use_long, Some(ErrorKind::Ambiguous))]
    {
        let second = second.replace("use_int", "use_again");
        let library = build(
            name,
            &[("a.c", use_int), ("b.c", &second), ("f.S", ASSEMBLY)],
            &["gcc", "-O2", "a.c", "b.c", "f.S"],
        );
        match open(&library).describe("f") {
            Ok(declaration) => {
                assert_eq!(expected, None);
                assert_eq!(declaration.evidence, Evidence::Use);
                assert_eq!(spell::declaration(&declaration), "int f(int)");
            }
            Err(error) => {
                assert_eq!(Some(error.kind()), expected, "{error}");
                assert!(error.to_string().contains("long f(long, char *)"), "{error}");
            }
        }
    }
}

#[test]
fn what_gcc_says_of_its_built_in_functions_is_no_declaration() {
    // GCC declares the built-in that it calls instead, without type and parameters.
    let source = "void copy(char *a, char *b, unsigned long n) { __builtin_memcpy(a, b, n); }";
    let assembly =
        ASSEMBLY.replace("f,", "memcpy,").replace("f:", "memcpy:").replace("-f", "-memcpy");
    let assembly = assembly.replace(".globl f", ".globl memcpy");
    let library = build(
        "built-in",
        &[("copy.c", source), ("memcpy.S", &assembly)],
        &["gcc", "-O2", "copy.c", "memcpy.S"],
    );
    let error = open(&library).describe("memcpy").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoType, "{error}");
}

#[test]
fn every_version_of_a_symbol_has_its_own_type() {
    let source = "long old_f(long a, long b) { return a - b; } int new_f(char *p) { return *p; }\n\
                  __asm__(\".symver old_f,f@V1\"); __asm__(\".symver new_f,f@@V2\");";
    let library = build(
        "versions",
        &[("f.c", source), ("map", "V1 { global: f; local: *; }; V2 { global: f; } V1;")],
        &["gcc", "f.c", "-Wl,--version-script=map"],
    );
    let library = open(&library);
    assert_eq!(spelled(&library, "f"), "int f(char *p)");
    assert_eq!(spelled(&library, "f@V2"), "int f(char *p)");
    assert_eq!(spelled(&library, "f@@V2"), "int f(char *p)");
    assert_eq!(spelled(&library, "f@V1"), "long f(long a, long b)");
    for wrong in ["f@V3", "f@@V1", "g"] {
        assert_eq!(library.describe(wrong).unwrap_err().kind(), ErrorKind::NoSymbol, "{wrong}");
    }
}

#[test]
fn functions_folded_onto_one_address_keep_their_own_types() {
    let source = "struct s { long v; }; long get_s(struct s *p) { return p->v; } long get_l(long *p) { return *p; }\n\
                  static long hidden(char **p) { return (long)*p; } long (*table[])(char **) = { hidden };";
    let inlined = "unsigned long get_i(unsigned long *p) { return *p; }\n\
                   unsigned long call(unsigned long *p) { return get_i(p) + get_i(p + 1); }";
    let library = build(
        "folded",
        &[("f.c", source), ("g.c", inlined)],
        &["clang", "-O2", "-ffunction-sections", "-fuse-ld=lld", "-Wl,--icf=all", "f.c", "g.c"],
    );
    let library = open(&library);
    let value = |name| library.export_table().unwrap().find(name).unwrap().value;
    assert_eq!(value("get_s"), value("get_l"), "the linker folded nothing");
    assert_eq!(spelled(&library, "get_s"), "long get_s(struct s *p)");
    assert_eq!(spelled(&library, "get_l"), "long get_l(long *p)");
    // Its instance is folded away and has no name but its origin's.
    assert_eq!(value("get_i"), value("get_s"), "the linker folded nothing");
    assert_eq!(spelled(&library, "get_i"), "unsigned long get_i(unsigned long *p)");
}

#[test]
fn a_clone_with_other_parameters_is_not_the_function() {
    let source =
        "__attribute__((noinline)) int work(int used, int unused, int *p) { return used + *p; }\n\
                  int call(int a) { int x = a; return work(a, 3, &x) + work(a + 1, 3, &x); }";
    let library = build(
        "clones",
        &[("f.c", source)],
        &["gcc", "-O3", "-fno-semantic-interposition", "-fipa-sra", "-fipa-cp", "f.c"],
    );
    assert_eq!(spelled(&open(&library), "work"), "int work(int used, int unused, int *p)");
}

#[test]
fn a_variable_is_not_taken_for_a_function_of_its_name() {
    let library = build(
        "kinds",
        &[
            ("a.c", "int thing = 3;"),
            ("b.c", "static int thing(void) { return 1; } int b(void) { return thing(); }"),
        ],
        &["gcc", "a.c", "b.c"],
    );
    assert_eq!(spelled(&open(&library), "thing"), "int thing");
}

#[test]
fn a_tentative_definition() {
    let library = build(
        "common",
        &[
            ("a.c", "int tentative; int tentative;"),
            ("b.c", "extern int tentative; int b(void) { return tentative; }"),
        ],
        &["gcc", "-fcommon", "a.c", "b.c"],
    );
    assert_eq!(spelled(&open(&library), "tentative"), "int tentative");
}
