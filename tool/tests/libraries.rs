//! Debian's own libraries: what `describe` writes of them holds, and so do their headers.

mod fixture;

use std::path::Path;

use fixture::outcome;
use toolchain::{run, scratch};

/// The last line that `check` prints; nothing before it, and every claim passes.
fn summary(arguments: &[&str]) -> String {
    let (code, out, errors) = outcome(arguments);
    assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}: {out}");
    assert_eq!(out.lines().count(), 1, "{arguments:?}: {out}");
    out.trim_end().to_owned()
}

/// Only what has no type is UNVERIFIED; nothing even DIFFERS.
#[test]
fn what_describe_writes_holds() {
    let directory = scratch("what_describe_writes_of_libraries");
    for library in [
        "libc.so.6",
        "libm.so.6",
        "liblua5.4.so.0",
        "libgsl.so.27",
        "libkrb5.so.3",
        "librados.so.2",
        "libpython3.11.so.1.0",
    ] {
        let (_, document, errors) = outcome(&["describe", library, "--all", "--as", "json"]);
        assert!(document.ends_with("}}}\n"), "{library}: {errors}");
        let file = directory.join("claims.json");
        std::fs::write(&file, document).unwrap();
        let summary = summary(&["check", library, file.to_str().unwrap(), "--strict"]);
        assert!(summary.contains(" checked: "), "{library}: {summary}");
        assert!(!summary.contains("differ"), "{library}: {summary}");
    }
}

/// As many functions as these headers declare, none of which is a false alarm.
#[test]
fn headers_hold() {
    let lua = "/usr/include/lua5.4";
    assert!(Path::new(lua).is_dir(), "the package liblua5.4-dev is missing");
    let lua = ["lua", "lualib", "lauxlib"].map(|name| format!("{lua}/{name}.h"));
    for (arguments, at_least) in [
        (vec!["libc.so.6", "stdio.h", "stdlib.h", "string.h", "sys/stat.h", "time.h"], 250),
        (vec!["libc.so.6", "sys/stat.h", "fcntl.h", "dirent.h", "-D", "_FILE_OFFSET_BITS=64"], 30),
        (vec!["libm.so.6", "math.h", "complex.h", "fenv.h"], 300),
        (vec!["liblua5.4.so.0", &lua[0], &lua[1], &lua[2]], 150),
    ] {
        for cc in ["gcc", "clang"] {
            let mut command = vec!["check", "--cc", cc];
            command.extend(&arguments);
            let summary = summary(&command);
            let checked: usize = summary.split(' ').next().unwrap().parse().unwrap();
            assert!(checked >= at_least, "{arguments:?}: {summary}");
            assert!(!summary.contains("missing"), "{arguments:?}: {summary}");
        }
    }
}

/// Types by their names: definitions that the compiler lays out the same, and that hold as claims.
#[test]
fn types_by_name() {
    let directory = scratch("types_by_name");
    for (library, types) in [
        (
            "libc.so.6",
            &["struct stat", "struct tm", "FILE", "union sigval", "struct rtld_global"][..],
        ),
        ("libpython3.11.so.1.0", &["PyTypeObject", "struct _typeobject", "PyThreadState"]),
        ("librados.so.2", &["librados::IoCtx", "ceph::buffer::list", "std::string", "rados_t"]),
        ("liblua5.4.so.0", &["lua_State", "struct lua_Debug", "lua_Number"]),
        ("libkrb5.so.3", &["krb5_context", "krb5_principal_data", "struct krb5_rc_st"]),
    ] {
        let named: Vec<&str> = types.iter().flat_map(|name| ["--type", name]).collect();
        let (code, header, errors) =
            outcome(&[&["describe", library, "--as", "header"], &named[..]].concat());
        assert_eq!((code, errors.as_str()), (0, ""), "{library}");
        assert!(!header.contains("differs from"), "{library}: {header}");
        let file = directory.join("types.h");
        std::fs::write(&file, header).unwrap();
        let compile = ["gcc", "-std=gnu17", "-fno-builtin", "-fsyntax-only", "types.h"];
        run(&directory, &compile);
        let (_, document, _) =
            outcome(&[&["describe", library, "--as", "json"], &named[..]].concat());
        let file = directory.join("types.json");
        std::fs::write(&file, document).unwrap();
        let summary = summary(&["check", library, file.to_str().unwrap(), "--strict", "--require"]);
        let count = types.len();
        assert_eq!(summary, format!("{count} checked: {count} match"), "{library}");
    }
}
