//! What the command prints, as sessions of a shell: tests/cmd/*.md, each in a copy of the directory *.in.
//! `TRYCMD=overwrite cargo test -p ffitypecheck-tool --test sessions` writes what it prints now.

use std::path::Path;

#[test]
fn sessions() {
    // The sessions may set them otherwise.
    for (variable, value) in
        [("FFITYPECHECK_CACHE", "off"), ("HOME", "/nonexistent"), ("LC_ALL", "C")]
    {
        std::env::set_var(variable, value);
    }
    for variable in [
        "CC",
        "DEBUGINFOD_CACHE_PATH",
        "FFITYPECHECK_DEBUG_PATH",
        "LD_LIBRARY_PATH",
        "XDG_CACHE_HOME",
    ] {
        std::env::remove_var(variable);
    }
    // Cargo builds it beside the tests.
    let preload = std::env::current_exe().unwrap().with_file_name("libffitypecheck_preload.so");
    std::env::set_var("FFITYPECHECK_PRELOAD_LIBRARY", preload);
    let cases = trycmd::TestCases::new();
    for tool in ["gcc", "g++", "grep", "i686-linux-gnu-gcc", "ln", "mv", "objcopy", "rm", "strip"] {
        cases.register_bin(tool, Path::new("/usr/bin").join(tool));
    }
    cases.case("tests/cmd/*.md");
}
