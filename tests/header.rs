//! The header: generated, committed, the same; and it compiles alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;

use toolchain::{run, scratch};

/// The topics of the header, in order. What a file needs is in the files before it. The comment at the head of the first
/// file is the introduction of its topic.
const TOPICS: [(&str, &[&str]); 10] = [
    ("Version", &["version"]),
    ("Errors", &["status"]),
    ("Types", &["kinds", "types"]),
    ("Declarations", &["decl", "describe", "named"]),
    ("Libraries", &["library"]),
    ("Reports", &["report"]),
    ("Calls", &["cif"]),
    ("Claims", &["claim", "built_types"]),
    ("Checks", &["check", "memory"]),
    ("Settings", &["settings"]),
];

/// What a caller passes may have any value, so the functions take a number. The header shows the enumeration.
const PASSED: &str = "_passed";

fn generate() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut body = String::new();
    for (topic, files) in TOPICS {
        body += &format!("\n/* {topic}\n\n{} */\n\n", introduction(root, files[0]));
        for file in files {
            body += &declarations(root, file);
        }
    }
    // rustdoc's heading, in words that fit C.
    body = body.replace(" * # Safety\n", " * The caller promises:\n").replace(PASSED, "");
    // C89 has no comma after the last enumerator.
    body = body.replace(",\n} ftc_", "\n} ftc_");
    let around = std::fs::read_to_string(root.join("src/capi/header.h")).unwrap();
    around.replace("@TOPICS@\n", &body)
}

/// The comment at the head of a file.
fn introduction(root: &Path, file: &str) -> String {
    let source = std::fs::read_to_string(root.join(format!("src/capi/{file}.rs"))).unwrap();
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// What cbindgen makes of a file.
fn declarations(root: &Path, file: &str) -> String {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let source = root.join(format!("src/capi/{file}.rs"));
    let bindings = cbindgen::Builder::new().with_config(config).with_src(source).generate();
    let mut bytes = Vec::new();
    bindings.unwrap().write(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

/// With `FFITYPECHECK_WRITE_HEADER` set, as `make header` sets it, writes the header instead of comparing it.
#[test]
fn the_committed_header_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/ffitypecheck.h");
    let generated = generate();
    if std::env::var_os("FFITYPECHECK_WRITE_HEADER").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/ffitypecheck.h is not what src/capi says: make header"
    );
}

#[test]
fn it_compiles_alone_as_c_and_as_cpp() {
    let directory = scratch("header");
    let header = concat!(env!("CARGO_MANIFEST_DIR"), "/include/ffitypecheck.h");
    for compiler in [
        &["gcc", "-std=c89", "-Wno-long-long", "-x", "c"][..],
        &["gcc", "-std=c99", "-x", "c"],
        &["gcc", "-std=c2x", "-x", "c"],
        &["clang", "-std=c99", "-x", "c"],
        &["g++", "-std=c++98", "-Wno-long-long", "-x", "c++"],
        &["g++", "-std=c++23", "-x", "c++"],
        &["clang++", "-std=c++17", "-x", "c++"],
    ] {
        let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", header];
        run(&directory, &[compiler, &flags].concat());
    }
}

/// The word that a text ends in.
fn last_word(text: &str) -> &str {
    let start = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    &text[start..]
}

fn is_ours(name: &str) -> bool {
    name.starts_with("ftc_") || name.starts_with("ffi_")
}

/// The functions of the header, each with its arguments. One without arguments has `void`.
fn functions(header: &str) -> Vec<(&str, Vec<&str>)> {
    let calls = header.match_indices('(').filter_map(|(at, _)| {
        let line = &header[..at][header[..at].rfind('\n').map_or(0, |end| end + 1)..];
        let arguments = header[at + 1..].split(')').next()?.split(',').map(last_word).collect();
        let is_code = !line.trim_start().starts_with(['*', '/', '#']);
        (is_code && is_ours(last_word(line))).then_some((last_word(line), arguments))
    });
    calls.collect()
}

/// The version script lists what the header declares, and nothing else.
#[test]
fn the_exports_are_the_headers_functions() {
    let map = include_str!("../pkgconfig/ffitypecheck.map");
    let exported: BTreeSet<&str> = map
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter(|name| is_ours(name))
        .collect();
    let header = generate();
    assert_eq!(exported, functions(&header).into_iter().map(|(name, _)| name).collect());
}

/// A row of a C test: `REFUSED(name, ffi_describe_symbol(handle, NULL, &decl_out), ...)`. Returns the function and the
/// argument.
fn row(line: &str) -> Option<(&str, &str)> {
    let (_, row) = line.trim_start().split_once('(').filter(|(start, _)| !start.contains(' '))?;
    let (argument, call) = row.split_once(", ").filter(|(start, _)| last_word(start) == *start)?;
    let mut called = call.match_indices('(').map(|(at, _)| last_word(&call[..at]));
    Some((called.find(|name| is_ours(name))?, argument))
}

/// The C tests call each function with each of its arguments wrong.
#[test]
fn every_argument_is_wrong_in_a_c_test() {
    let mut tests = String::new();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/c-tests")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("wrong_") && name.ends_with(".c") {
            tests += &std::fs::read_to_string(&path).unwrap();
        }
    }
    let rows: BTreeSet<(&str, &str)> = tests.lines().filter_map(row).collect();
    let header = generate();
    let pairs = |(name, arguments): (_, Vec<_>)| arguments.into_iter().map(move |it| (name, it));
    let declared = functions(&header).into_iter().flat_map(pairs).collect();
    let differing: Vec<_> = rows.symmetric_difference(&declared).collect();
    assert!(differing.is_empty(), "a row without an argument, or the reverse: {differing:?}");
}

/// A C test fixes the value of each constant.
#[test]
fn every_constant_has_a_fixed_value() {
    let header = generate();
    let lines = header.lines().map(str::trim_start);
    let constants = lines.filter_map(|line| {
        let (name, _) = match line.strip_prefix("#define ") {
            Some(macro_definition) => macro_definition.split_once(' ')?,
            None => line.split_once(" = ")?,
        };
        let is_number = name.starts_with("FTC_") && !line.contains('{');
        (is_number && !name.starts_with("FTC_VERSION_")).then_some(name)
    });
    let values = include_str!("../c-tests/header_values.c").lines();
    let fixed = values.filter_map(|line| line.strip_prefix("IS(")?.split_once(','));
    let fixed = fixed.map(|(name, _)| name).filter(|name| name.starts_with("FTC_"));
    let (constants, fixed) = (constants.collect::<BTreeSet<_>>(), fixed.collect());
    let differing: Vec<_> = constants.symmetric_difference(&fixed).collect();
    assert!(differing.is_empty(), "not in one of the two: {differing:?}");
}
