//! The header: generated, committed, the same; and it compiles alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use toolchain::{run, scratch};

const FILES: [&str; 13] = [
    "version", "status", "settings", "describe", "named", "decl", "types", "parts", "cif",
    "report", "claim", "check", "memory",
];

fn generate() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in FILES {
        builder = builder.with_src(root.join(format!("src/capi/{file}.rs")));
    }
    let mut bytes = Vec::new();
    builder.generate().unwrap().write(&mut bytes);
    // rustdoc's heading, in words that fit C; and C89 has one kind of comment.
    let text = String::from_utf8(bytes).unwrap();
    text.replace(" * # Safety\n", " * The caller promises:\n")
        .replace("// __cplusplus", "/* __cplusplus */")
        .replace("// extern \"C\"", "/* extern \"C\" */")
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
        &["clang", "-std=c99", "-x", "c"],
        &["g++", "-std=c++17", "-x", "c++"],
        &["clang++", "-std=c++17", "-x", "c++"],
    ] {
        let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", header];
        run(&directory, &[compiler, &flags].concat());
    }
}

/// The version script lists what the header declares, and nothing else.
#[test]
fn the_exports_are_the_headers_functions() {
    let map = include_str!("../pkgconfig/ffitypecheck.map");
    let mut exported: Vec<&str> = map
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter(|name| name.starts_with("ftc_") || name.starts_with("ffi_"))
        .collect();
    exported.sort_unstable();
    let header = generate();
    let word = |text: &str| {
        let start = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
        text[start..].to_owned()
    };
    let code = header.lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
    let mut declared: Vec<String> =
        code.flat_map(|line| line.match_indices('(').map(|(at, _)| word(&line[..at]))).collect();
    declared.retain(|name| name.starts_with("ftc_") || name.starts_with("ffi_"));
    declared.sort_unstable();
    declared.dedup();
    assert_eq!(exported, declared);
}
