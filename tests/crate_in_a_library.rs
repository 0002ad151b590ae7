//! A Rust program that depends on the crate does not export the C interface: its symbols would take the place of the real library's.
#![cfg(not(feature = "capi"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use toolchain::run;

/// The names of the symbols that a shared library exports.
fn exports(library: &Path) -> Vec<String> {
    let text = run(Path::new("/"), &["nm", "-D", "--defined-only", library.to_str().unwrap()]);
    text.lines().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn a_cdylib_exports_none_of_our_symbols() {
    // `cargo test` builds the examples beside the tests.
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().with_file_name("examples").join("libplugin.so");
    assert_eq!(exports(&library), ["plugin_takes"]);
}
