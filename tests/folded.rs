//! Exports that are aliases: of functions that were found identical to others and folded away, and of functions of another name.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::ctype::Evidence;
use ffitypecheck::image::SearchOptions;
use ffitypecheck::slim::{self, Options};
use ffitypecheck::spell;
use ffitypecheck::{ErrorKind, Library};
use toolchain::{run, scratch};

fn open(path: &Path) -> Library {
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(path, &options).unwrap()
}

/// A definition of another name that is hidden, and an export that is its alias, as libxml2 has 1,600 of.
fn aliased(result: &str, name: &str, parameters: &str, body: &str) -> String {
    format!(
        "__attribute__((visibility(\"hidden\"))) {result} {name}__internal({parameters});
        {result} {name}__internal({parameters}) {{ {body} }}
        extern __typeof({name}__internal) {name} __attribute__((alias(\"{name}__internal\")));\n"
    )
}

fn build(directory: &Path, text: &str, compiler: &[&str]) -> Library {
    std::fs::write(directory.join("a.c"), text).unwrap();
    let flags = ["-shared", "-fPIC", "-g", "-O2", "-Wl,--build-id", "-o", "liba.so", "a.c"];
    run(directory, &[compiler, &flags].concat());
    open(&directory.join("liba.so"))
}

/// GCC leaves a function of `two` that calls the other one; its DIE has no address.
#[test]
fn an_alias_of_a_function_that_the_compiler_folded() {
    let directory = scratch("folded-compiler");
    let text = aliased("int", "one", "int c", "return c >= 0x370 && c <= 0x3ff;")
        + &aliased("int", "two", "int d", "return d >= 0x370 && d <= 0x3ff;");
    let library = build(&directory, &text, &["gcc"]);
    let check = |library: &Library| {
        let two = library.describe("two").unwrap();
        assert_eq!(
            (spell::declaration(&two).as_str(), two.evidence),
            ("int two(int d)", Evidence::Name)
        );
        assert_eq!(two.name, "two__internal");
        assert_eq!(spell::declaration(&library.describe("one").unwrap()), "int one(int c)");
    };
    check(&library);
    // The separate debug file has the symbols.
    run(&directory, &["objcopy", "--only-keep-debug", "liba.so", "liba.debug"]);
    run(&directory, &["strip", "liba.so"]);
    run(&directory, &["objcopy", "--add-gnu-debuglink=liba.debug", "liba.so"]);
    check(&open(&directory.join("liba.so")));
}

/// The linker gives both one address, and nothing says whose alias an export is.
#[test]
fn aliases_of_functions_that_the_linker_folded() {
    let directory = scratch("folded-linker");
    let alike = aliased("int", "one", "int c", "return c + 7;")
        + &aliased("int", "two", "int c", "return c + 7;");
    let lld = ["clang", "-fuse-ld=lld", "-ffunction-sections", "-Wl,--icf=all"];
    let library = build(&directory, &alike, &lld);
    for name in ["one", "two"] {
        assert_eq!(
            spell::declaration(&library.describe(name).unwrap()),
            format!("int {name}(int c)")
        );
    }
    let other = aliased("int", "one", "int c", "return c + 7;")
        + &aliased("unsigned", "two", "unsigned c", "return c + 7;");
    let library = build(&directory, &other, &lld);
    let address =
        |name: &str| library.exports().unwrap().iter().find(|one| one.name == name).unwrap().value;
    assert_eq!(address("one"), address("two"), "the linker folded nothing");
    for name in ["one", "two"] {
        assert_eq!(library.describe(name).unwrap_err().kind(), ErrorKind::Ambiguous, "{name}");
    }
}

/// Slim type information keeps what stands around the symbol, once, and not each name.
#[test]
fn names_that_contain_the_symbol() {
    let directory = scratch("folded-names");
    let mut text = String::from(
        "int __before(int a) { return a; } int before(int) __attribute__((alias(\"__before\")));\n",
    );
    text.push_str("int otherwise(int a) { return a + 2; } int alias(int) __attribute__((alias(\"otherwise\")));\n");
    for number in 0..100 {
        text.push_str(&aliased(
            "int",
            &format!("f{number}"),
            "int a",
            &format!("return a * {number};"),
        ));
    }
    let library = build(&directory, &text, &["gcc"]);
    let side_file = |options: &Options, name: &str| {
        let made = slim::encode(&library, options).unwrap();
        let path = directory.join(name);
        let whole = std::fs::read(directory.join("liba.so")).unwrap();
        std::fs::write(&path, slim::embed(&whole, &made.note()).unwrap().to_vec()).unwrap();
        (open(&path), made.note())
    };
    let count = |note: &[u8]| note.windows(8).filter(|bytes| bytes == b"internal").count();
    let (named, note) = side_file(&Options::default(), "named.so");
    assert_eq!(count(&note), 1);
    let (unnamed, note) = side_file(&Options { names: false, ..Options::default() }, "unnamed.so");
    assert_eq!(count(&note), 0);
    for symbol in library.exports().unwrap() {
        let full = library.describe_export(symbol).unwrap();
        assert_eq!(named.describe_export(symbol).unwrap().name, full.name);
        assert_eq!(unnamed.describe_export(symbol).unwrap().name, full.symbol);
    }
    for (symbol, name) in [("before", "__before"), ("alias", "otherwise"), ("f7", "f7__internal")] {
        assert_eq!(named.describe(symbol).unwrap().name, name);
    }
}
