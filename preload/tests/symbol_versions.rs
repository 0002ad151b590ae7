//! The library as `make` links it: its symbols have the versions of libffi's and glibc's, and programs that were linked
//! with another libffi keep their own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use toolchain::{run, scratch};

const OTHER: &str = "#include <stdio.h>\nvoid ffi_call(void) { puts(\"other\"); }\n";
const CALLER: &str = "extern void ffi_call(void); int main(void) { ffi_call(); return 0; }\n";

/// What a library defines, with versions.
fn defined(directory: &Path, library: &str) -> BTreeSet<String> {
    let text = run(directory, &["nm", "-D", "--defined-only", "--with-symbol-versions", library]);
    let functions = text.lines().filter_map(|line| line.split_once(" T "));
    functions.map(|(_, name)| name.to_owned()).collect()
}

/// The library, linked from the static one that cargo builds beside the tests.
fn link(directory: &Path) {
    let preload = Path::new(env!("CARGO_MANIFEST_DIR"));
    let test = std::env::current_exe().unwrap();
    let archive = test.with_file_name("libffitypecheck_preload.a").display().to_string();
    let map = format!("-Wl,--version-script={}", preload.join("preload.map").display());
    let versions = preload.join("versions.c").display().to_string();
    let before =
        ["cc", "-shared", "-fPIC", "-o", "preload.so", &map, "-Wl,--gc-sections", &versions];
    let whole = ["-Wl,--whole-archive", &archive, "-Wl,--no-whole-archive"];
    let after = ["-Wl,--no-as-needed", "-lffi", "-lgcc_s", "-lpthread", "-lm", "-ldl"];
    run(directory, &[&before[..], &whole, &after].concat());
}

#[test]
fn symbols_have_the_versions_of_libffi() {
    let directory = scratch("preload-versions");
    link(&directory);
    let mut own = defined(&directory, "preload.so");
    for dlclose in ["dlclose@@GLIBC_2.34", "dlclose@GLIBC_2.2.5"] {
        assert!(own.remove(dlclose), "{own:?}");
    }
    let libffi = run(&directory, &["cc", "-print-file-name=libffi.so"]);
    let libffi = defined(&directory, libffi.trim());
    assert!(own.len() == 13 && own.is_subset(&libffi), "{own:?} {libffi:?}");

    std::fs::write(directory.join("other.c"), OTHER).unwrap();
    std::fs::write(directory.join("caller.c"), CALLER).unwrap();
    std::fs::write(directory.join("other.map"), "LIBFFI_BASE_7.0 { global: ffi_call; };\n")
        .unwrap();
    let map = "-Wl,--version-script=other.map";
    run(&directory, &["cc", "-shared", "-fPIC", map, "-o", "libother.so", "other.c"]);
    run(&directory, &["cc", "-o", "caller", "caller.c", "-L.", "-Wl,-rpath,.", "-lother"]);
    let mut caller = Command::new(directory.join("caller"));
    let output =
        caller.env("LD_PRELOAD", directory.join("preload.so")).current_dir(&directory).output();
    assert_eq!(output.unwrap().stdout, b"other\n");
}
