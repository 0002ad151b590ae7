//! `survey` on packages that are built here.

mod fixture;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use fixture::outcome;
use toolchain::{run, scratch};

const SOURCE: &str = r#"
#include "shape.h"
struct hidden { double secret[4]; struct hidden *next; };
int shape_area(const struct point *corner, struct hidden *state) { return corner->x + (state->next != 0); }
int shape_depth = 4;
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
"#;
const HEADER: &str = "struct point { int x, y; };\nstruct hidden;\n";

/// A package of the source package `shape` with what is in the directory of its name.
fn build(pool: &Path, name: &str, version: &str) {
    let control = pool.join(name).join("DEBIAN");
    std::fs::create_dir_all(&control).unwrap();
    let text = format!(
        "Package: {name}\nSource: shape\nVersion: {version}\nArchitecture: amd64\nMaintainer: none <none@localhost>\nDescription: a fixture\n"
    );
    std::fs::write(control.join("control"), text).unwrap();
    run(pool, &["dpkg-deb", "--build", "--root-owner-group", name, "."]);
    std::fs::remove_dir_all(pool.join(name)).unwrap();
}

fn directory(path: PathBuf) -> PathBuf {
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A library package, its debug package and its headers; and a second version of the library without debug package.
fn pool(name: &str) -> PathBuf {
    let pool = scratch(name);
    let sources = directory(pool.join("build"));
    std::fs::write(sources.join("shape.c"), SOURCE).unwrap();
    std::fs::write(sources.join("shape.h"), HEADER).unwrap();
    run(
        &sources,
        &[
            "gcc",
            "-g",
            "-shared",
            "-fPIC",
            "-Wl,--build-id,-soname,libshape.so.1",
            "-o",
            "full.so",
            "shape.c",
        ],
    );
    let notes = run(&sources, &["readelf", "-n", "full.so"]);
    let id = notes.split("Build ID: ").nth(1).unwrap().split_whitespace().next().unwrap();
    let debug = directory(pool.join("libshape1-dbg/usr/lib/debug/.build-id").join(&id[..2]));
    let debug = debug.join(format!("{}.debug", &id[2..]));
    run(
        &sources,
        &[
            "objcopy",
            "--only-keep-debug",
            "--compress-debug-sections=zlib",
            "full.so",
            debug.to_str().unwrap(),
        ],
    );
    run(&sources, &["strip", "-o", "libshape.so.1", "full.so"]);
    let headers = directory(pool.join("libshape-dev/usr/include"));
    std::fs::copy(sources.join("shape.h"), headers.join("shape.h")).unwrap();
    for (package, version) in [("libshape1", "1.0-1"), ("libshape1", "0.9-1")] {
        let libraries = directory(pool.join(package).join("usr/lib"));
        std::fs::copy(sources.join("libshape.so.1"), libraries.join("libshape.so.1")).unwrap();
        build(&pool, package, version);
    }
    build(&pool, "libshape1-dbg", "1.0-1");
    build(&pool, "libshape-dev", "1.0-1");
    std::fs::remove_dir_all(sources).unwrap();
    pool
}

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn survey(arguments: &[&str]) -> String {
    let (code, out, errors) = outcome(&[&["survey"], arguments].concat());
    assert_eq!((code, errors.as_str()), (0, ""));
    out
}

#[test]
fn packages_are_measured_with_their_debug_packages() {
    let pool = pool("survey_packages");
    let found = records(&survey(&[pool.to_str().unwrap(), "--dwz"]));
    let kinds: Vec<(&str, &str)> = found
        .iter()
        .map(|record| (record["group"].as_str().unwrap(), record["record"].as_str().unwrap()))
        .collect();
    let (old, new) = ("shape 0.9-1", "shape 1.0-1");
    let expected = [
        (old, "library"),
        (old, "package"),
        (old, "group"),
        (new, "package"),
        (new, "package"),
        (new, "library"),
        (new, "package"),
        (new, "group"),
    ];
    let sorted = |mut kinds: Vec<(&'static str, &'static str)>| {
        kinds.sort_unstable();
        kinds
    };
    let leaked = kinds.iter().map(|(group, kind)| {
        let group = if *group == old { old } else { new };
        (group, ["library", "package", "group"].into_iter().find(|name| name == kind).unwrap())
    });
    assert_eq!(sorted(leaked.collect()), sorted(expected.to_vec()));

    let of = |group: &str, kind: &str, package: &str| {
        let fits = |record: &&Value| {
            record["group"] == group && record["record"] == kind && record["package"] == package
        };
        found.iter().find(fits).unwrap().clone()
    };
    let library = of(new, "library", "libshape1");
    assert_eq!(library["path"], "/usr/lib/libshape.so.1");
    assert_eq!(library["soname"], "libshape.so.1");
    let exports = &library["exports"];
    assert_eq!((&exports["functions"], &exports["variables"]), (&2.into(), &1.into()));
    assert_eq!(
        (&exports["described"], &exports["undescribed"]["in no unit"]),
        (&2.into(), &1.into())
    );
    let debug = &library["debug"];
    assert_eq!(debug["found"], "build-id");
    let info = &debug["separate"][".debug_info"];
    assert!(info["raw"].as_u64() >= info["file"].as_u64() && info["raw"].as_u64() > Some(0));
    assert!(debug["dwz"]["sections"][".debug_info"]["raw"].as_u64() > Some(0), "{debug}");
    let (note, public) = (&library["note"], &library["public_note"]);
    assert_eq!(note["described"], 2);
    // `struct hidden` is in no header.
    assert!(public["bytes"].as_u64() < note["bytes"].as_u64(), "{library}");
    let added = note["library_bytes"].as_u64().unwrap() - library["file_bytes"].as_u64().unwrap();

    let package = of(new, "package", "libshape1");
    assert_eq!((&package["libraries"], &package["noted"]), (&1.into(), &1.into()));
    assert_eq!(package["added_bytes"].as_u64(), Some(added));
    assert!(package["built_noted_bytes"].as_u64() > package["built_bytes"].as_u64(), "{package}");
    assert!(of(new, "package", "libshape1-dbg")["debug_bytes"].as_u64() > Some(0));

    let old_library = of(old, "library", "libshape1");
    assert_eq!((&old_library["note"], &old_library["debug"]), (&Value::Null, &Value::Null));
    assert!(old_library["error"]
        .as_str()
        .unwrap()
        .starts_with("the library has no debug information"));
    assert_eq!(old_library["exports"]["described"], Value::Null);
    assert_eq!(of(old, "package", "libshape1")["built_bytes"], Value::Null);
}

#[test]
fn the_records_are_the_same_in_each_way_of_running() {
    let pool = pool("survey_ways");
    let target = pool.to_str().unwrap();
    let whole = survey(&[target, "--jobs", "1"]);
    assert_eq!(survey(&[target, "--jobs", "2"]), whole);
    // Nothing of where and when it ran.
    assert!(!whole.contains(target));

    let mut shards: Vec<String> = ["1/2", "2/2"]
        .iter()
        .flat_map(|shard| {
            survey(&[target, "--shard", shard]).lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    shards.sort_unstable();
    assert_eq!(shards.join("\n") + "\n", whole);

    let mut groups: Vec<String> = Vec::new();
    for group in survey(&[target, "--plan"]).lines() {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ffitypecheck"))
            .args(["survey", "--group"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), group.as_bytes()).unwrap();
        let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        groups.extend(out.lines().map(str::to_owned));
    }
    groups.sort_unstable();
    assert_eq!(groups.join("\n") + "\n", whole);

    // Interrupted at any byte.
    let file = pool.join("records.jsonl");
    let file = file.to_str().unwrap();
    for end in [0, 1, whole.len() / 3, whole.len() / 2, whole.len() - 1, whole.len()] {
        std::fs::write(file, &whole[..end]).unwrap();
        assert_eq!(survey(&[target, "--output", file]), "");
        assert_eq!(std::fs::read_to_string(file).unwrap(), whole, "cut at {end}");
    }
    assert_eq!(survey(&[target, "--output", file, "--plan"]), "");
    std::fs::write(file, "something else\n").unwrap();
    let (code, _, errors) = outcome(&["survey", target, "--output", file]);
    assert_eq!(code, 2, "{errors}");
}

#[test]
fn what_cannot_be_measured_is_a_record() {
    let directory = scratch("survey_errors");
    std::fs::write(directory.join("damaged.deb"), "!<arch>\n").unwrap();
    std::fs::write(directory.join("libcut.so"), b"\x7fELF\x02\x01\x01").unwrap();
    std::fs::write(directory.join("libscript.so"), "INPUT(libc.so.6)").unwrap();
    let found = records(&survey(&[directory.to_str().unwrap()]));
    let errors: Vec<(&str, &str)> = found
        .iter()
        .filter(|record| record["record"] != "group")
        .map(|record| (record["record"].as_str().unwrap(), record["error"].as_str().unwrap()))
        .collect();
    assert_eq!(errors.len(), 2, "{found:?}");
    assert!(errors[0].0 == "package" && errors[0].1.starts_with("dpkg-deb: "), "{errors:?}");
    assert!(errors[1].0 == "library" && errors[1].1.contains("truncated"), "{errors:?}");
    for wrong in [&["survey"][..], &["survey", "/nonexistent"], &["survey", "/", "--shard", "3/2"]]
    {
        assert_eq!(outcome(wrong).0, 2, "{wrong:?}");
    }
}

/// A library in a root, whose debug file is at its own path below /usr/lib/debug.
#[test]
fn a_root_has_its_own_debug_files() {
    let root = scratch("survey_root");
    let libraries = directory(root.join("usr/lib"));
    let debug = directory(root.join("usr/lib/debug/usr/lib"));
    std::fs::write(libraries.join("shape.c"), "int shape_depth;\n").unwrap();
    run(
        &libraries,
        &["gcc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "libshape.so", "shape.c"],
    );
    let debug = debug.join("libshape.so");
    run(&libraries, &["objcopy", "--only-keep-debug", "libshape.so", debug.to_str().unwrap()]);
    run(&libraries, &["strip", "libshape.so"]);
    let found = records(&survey(&[root.to_str().unwrap()]));
    assert_eq!((found.len(), &found[1]["path"]), (2, &"/usr/lib/libshape.so".into()), "{found:?}");
    assert_eq!(
        (&found[1]["debug"]["found"], &found[1]["note"]["described"]),
        (&"path".into(), &1.into())
    );
}
