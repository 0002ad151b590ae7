//! Files that are written to while they are in use: their types are not read any more, and the process lives on.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use ffitypecheck::ctype::Kind;
use ffitypecheck::image::SearchOptions;
use ffitypecheck::spell;
use ffitypecheck::{ErrorKind, Library};
use toolchain::{run, scratch};

const SOURCE: &str = "struct far { int far_member; };
    struct near { struct far *far; };
    int first(struct near *near) { return near != 0; }
    int second(void) { return 2; }
    double third(double x) { return x; }";

/// Longer than a tick.
const LATER: Duration = Duration::from_millis(20);

/// A library whose types are in a file of their own: the two paths.
fn build(directory: &Path) -> (PathBuf, PathBuf) {
    std::fs::write(directory.join("a.c"), SOURCE).unwrap();
    run(
        directory,
        &["gcc", "-g", "-O1", "-shared", "-fPIC", "-Wl,--build-id", "-o", "a.so", "a.c"],
    );
    run(directory, &["objcopy", "--only-keep-debug", "a.so", "a.debug"]);
    run(directory, &["strip", "a.so"]);
    run(directory, &["objcopy", "--add-gnu-debuglink=a.debug", "a.so"]);
    (directory.join("a.so"), directory.join("a.debug"))
}

fn open(library: &Path) -> Library {
    Library::open(library, &SearchOptions::default()).unwrap()
}

fn cut_short(path: &Path) {
    std::fs::File::options().write(true).open(path).unwrap().set_len(0).unwrap();
}

/// Every byte is there, but another.
fn overwrite(path: &Path) {
    let size = std::fs::metadata(path).unwrap().len();
    std::fs::write(path, vec![0x2e; size as usize]).unwrap();
}

#[test]
fn what_was_read_stays_and_nothing_more_is_read() {
    for (number, change) in [cut_short, overwrite].into_iter().enumerate() {
        for of_library in [false, true] {
            let directory = scratch(&format!("outdated-{number}-{of_library}"));
            let (library, debug) = build(&directory);
            let changed = if of_library { &library } else { &debug };
            let opened = open(&library);
            let first = opened.describe("first").unwrap();
            assert_eq!(spell::declaration(&first), "int first(struct near *near)");
            change(changed);
            std::thread::sleep(LATER);
            let error = opened.describe("second").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            assert_eq!(error.file(), Some(changed.as_path()));
            assert!(error.to_string().contains("was written to while it was in use"), "{error}");
            for error in [
                opened.describe_address(0x1000).unwrap_err(),
                opened.describe_type("struct far").unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            }
            // What the first declaration refers to was not read: it is not known.
            assert_eq!(spell::declaration(&first), "int first(struct near *near)");
            let Kind::Function(function) = &first.types.get(first.ty).kind else { panic!() };
            let near = &first.types.get(function.parameters[0].ty).kind;
            let Kind::Pointer { target, .. } = near else { panic!("{near:?}") };
            let Kind::Record(near) = &first.types.get(*target).kind else { panic!() };
            let far = &first.types.get(near.members[0].ty).kind;
            let Kind::Unknown { reason } = far else { panic!("{far:?}") };
            assert!(reason.as_str().contains("was written to"), "{reason}");
            assert_eq!(first.source(), None);
        }
    }
}

#[test]
fn another_file_in_its_place_changes_nothing() {
    let directory = scratch("outdated-replaced");
    let (library, debug) = build(&directory);
    let opened = open(&library);
    opened.describe("first").unwrap();
    let other = directory.join("other");
    std::fs::write(&other, "another build").unwrap();
    std::fs::rename(&other, &debug).unwrap();
    std::fs::remove_file(&library).unwrap();
    std::thread::sleep(LATER);
    assert_eq!(spell::declaration(&opened.describe("second").unwrap()), "int second(void)");
}
