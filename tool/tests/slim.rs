//! Types that stay in a library, as scripts use the commands for them.

mod fixture;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use fixture::{library, outcome};
use toolchain::{run, scratch};

const SOURCE: &str = r#"
struct point { int x, y; };
int shape_area(const struct point *corner, int width) { return corner->x + width; }
int shape_depth = 4;
"#;

const EXPECTED: &str = "int shape_area(const struct point *corner, int width);\nint shape_depth;\n";

fn describe(path: &str) -> (i32, String) {
    let (code, out, _) = outcome(&["describe", path, "shape_area", "shape_depth"]);
    (code, out)
}

#[test]
fn in_place_and_stripped() {
    let (directory, path) = library("slim_in_place", SOURCE, &["-g"]);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    run(&directory, &["touch", "-d", "2001-09-09", &path]);
    let before = std::fs::metadata(&path).unwrap();
    let (code, out, errors) = outcome(&["slim", "--in-place", "--verbose", &path]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(errors.contains("2 of 2 exports"), "{errors}");
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!((after.mode(), after.mtime()), (before.mode(), before.mtime()));
    let bytes = std::fs::read(&path).unwrap();
    // Again: the same bytes, and the file is not touched.
    assert_eq!(outcome(&["slim", "--in-place", &path]).0, 0);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(std::fs::metadata(&path).unwrap().ino(), after.ino());
    run(&directory, &["strip", "--strip-unneeded", &path]);
    assert_eq!(describe(&path), (0, EXPECTED.to_owned()));
    let (_, out, _) = outcome(&["where", &path]);
    assert!(out.contains("(the library's own note): used"), "{out}");
    // There is nothing to make it from any more, and it stays as it is.
    let bytes = std::fs::read(&path).unwrap();
    let (code, _, errors) = outcome(&["slim", "--in-place", &path]);
    assert_eq!(code, 3, "{errors}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn from_a_debug_file() {
    let (directory, path) = library("slim_debug", SOURCE, &["-g", "-Wl,--build-id"]);
    let path = Path::new(&path);
    let name = path.file_name().unwrap().to_str().unwrap();
    run(&directory, &["objcopy", "--only-keep-debug", name, "the.debug"]);
    run(&directory, &["strip", "-s", name]);
    let debug = directory.join("the.debug").to_str().unwrap().to_owned();
    let out = directory.join("out.so").to_str().unwrap().to_owned();
    let compressed = directory.join("zstd.so").to_str().unwrap().to_owned();
    let file = path.to_str().unwrap();
    assert_eq!(outcome(&["slim", file, "-o", &out]).0, 3);
    assert!(!Path::new(&out).exists());
    assert_eq!(outcome(&["slim", file, "-o", &out, "--debug", &debug]).0, 0);
    assert_eq!(describe(&out), (0, EXPECTED.to_owned()));
    assert_eq!(outcome(&["slim", file, "-o", &compressed, "--debug", &debug, "--zstd"]).0, 0);
    assert_eq!(describe(&compressed), (0, EXPECTED.to_owned()));
    // Of another build.
    let (_, other) = library("slim_debug_other", SOURCE, &["-g", "-O1", "-Wl,--build-id"]);
    let (code, _, errors) = outcome(&["slim", &other, "-o", &out, "--debug", &debug]);
    // Its own debug information comes first.
    assert_eq!((code, errors.as_str()), (0, ""));
    run(&directory, &["strip", "-s", &other]);
    let (code, _, errors) = outcome(&["slim", &other, "-o", &out, "--debug", &debug]);
    assert_eq!(code, 3);
    assert!(errors.contains("belongs to another build"), "{errors}");
}

/// Whatever would write the library anew, ourselves or objcopy, would lose it.
#[test]
fn what_is_appended_is_not_lost() {
    let (directory, path) = library("slim_appended", SOURCE, &["-g", "-Wl,--build-id"]);
    let note = directory.join("the.note").to_str().unwrap().to_owned();
    assert_eq!(outcome(&["slim", &path, "--note", &note]).0, 0);
    let bytes = std::fs::read(&note).unwrap();
    let root = directory.join("root");
    std::fs::create_dir(&root).unwrap();
    let (plain, signed) = (root.join("plain.so"), root.join("signed.so"));
    std::fs::copy(&path, &plain).unwrap();
    let whole = [std::fs::read(&path).unwrap(), b"a signature".to_vec()].concat();
    std::fs::write(&signed, &whole).unwrap();

    let file = signed.to_str().unwrap();
    let out = directory.join("out").to_str().unwrap().to_owned();
    let ways: [&[&str]; 4] =
        [&["--in-place"], &["-o", &out], &["--alloc", "-o", &out], &["--note", &out]];
    for way in ways {
        let (code, _, errors) = outcome(&[&["slim", file], way].concat());
        assert_eq!(code, 3, "{way:?}");
        assert!(errors.contains("data after everything"), "{way:?}: {errors}");
    }
    assert!(!Path::new(&out).exists());

    // As rpm runs it.
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/rpm/brp-ffitypecheck");
    let command = Path::new(env!("CARGO_BIN_EXE_ffitypecheck")).parent().unwrap();
    let done = Command::new("sh")
        .arg(script)
        .env("FFITYPECHECK_CACHE", "off")
        .env("RPM_BUILD_ROOT", &root)
        .env("PATH", format!("{}:{}", command.display(), std::env::var("PATH").unwrap()))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{errors}");
    assert!(errors.contains("signed.so") && !errors.contains("plain.so"), "{errors}");
    assert_eq!(std::fs::read(&signed).unwrap(), whole);
    let made = std::fs::read(&plain).unwrap();
    assert!(made.windows(bytes.len()).any(|window| window == bytes));
}

#[test]
fn extracted_and_measured() {
    let (directory, path) = library("slim_extract", SOURCE, &["-g", "-Wl,--build-id"]);
    let out = directory.join("types.debug").to_str().unwrap().to_owned();
    assert_eq!(outcome(&["extract", &path, "-o", &out]), (0, String::new(), String::new()));
    run(&directory, &["llvm-dwarfdump", "--verify", &out]);
    let (code, out, errors) = outcome(&["size", &path]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.contains("2 of 2 exports"), "{out}");
    assert!(out.contains("DW_TAG_member: 2,"), "{out}");
    // The same where there is nothing else.
    assert_eq!(outcome(&["slim", "--in-place", &path]).0, 0);
    run(&directory, &["strip", "-s", &path]);
    let (_, again, _) = outcome(&["size", &path]);
    let rest = |text: &str| text.split_once("2 of 2").map(|(_, rest)| rest.to_owned());
    assert_eq!(rest(&again), rest(&out), "{again}");
}

fn build_id(library: &str) -> String {
    let text = run(Path::new("/"), &["readelf", "-n", library]);
    text.split("Build ID: ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn the_cache_is_listed_and_cleared() {
    let (directory, path) = library("slim_cache", SOURCE, &["-g"]);
    let cache = directory.join("cache");
    let cache = cache.to_str().unwrap();
    let build_id = &build_id(&path);
    let file = format!("{cache}/{}/{}.types", &build_id[..2], &build_id[2..]);
    std::fs::create_dir_all(Path::new(&file).parent().unwrap()).unwrap();
    for directory in [cache, Path::new(&file).parent().unwrap().to_str().unwrap()] {
        std::fs::set_permissions(directory, PermissionsExt::from_mode(0o700)).unwrap();
    }
    assert_eq!(outcome(&["slim", &path, "--side-file", &file]).0, 0);
    let with =
        |arguments: &[&str]| fixture::outcome_with(&[("FFITYPECHECK_CACHE", cache)], arguments);
    let (_, out, errors) = with(&["cache"]);
    assert!(out.contains(build_id) && out.contains("1 entries, "), "{out} {errors}");
    let (_, out, _) = with(&["cache", "--as", "json", &path]);
    assert!(out.contains(&format!("\"build_id\": \"{build_id}\"")), "{out}");
    let (_, out, _) = with(&["cache", "--older-than", "1", "--clear"]);
    assert!(out.starts_with("0 entries"), "{out}");
    // It serves a library that is stripped.
    run(&directory, &["strip", "-s", &path]);
    assert_eq!(with(&["describe", &path, "shape_area", "shape_depth"]).1, EXPECTED);
    assert!(with(&["where", &path]).1.contains("(in the cache of types): used"));
    assert_eq!(with(&["describe", "--no-cache", &path, "shape_area"]).0, 3);
    assert_eq!(describe(&path).0, 3);
    let (_, out, _) = with(&["cache", "--clear", build_id]);
    assert!(out.starts_with("1 entries"), "{out}");
    assert!(!Path::new(&file).exists());
    assert_eq!(outcome(&["cache"]).0, 2);
    let (_, _, errors) = fixture::outcome_with(&[("FFITYPECHECK_CACHE", "types")], &["cache"]);
    assert!(errors.contains("FFITYPECHECK_CACHE is no absolute path: types"), "{errors}");
}

/// A library of C++ with a part that C calls; both are there before it is stripped, the first part only with --mangled after it.
#[test]
fn mangled_names_are_left_out_unless_asked_for() {
    let directory = scratch("slim_mangled");
    let source = "namespace shapes { struct corner { int x, y; }; int width(const corner *c) { return c->x; } long depth = 4; }\n\
        extern \"C\" int shape_width(const shapes::corner *c) { return shapes::width(c); }\n";
    std::fs::write(directory.join("library.cc"), source).unwrap();
    run(
        &directory,
        &["g++", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "library.so", "library.cc"],
    );
    run(&directory, &["objcopy", "--only-keep-debug", "library.so", "library.debug"]);
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let (library, plain, whole) = (path("library.so"), path("plain.so"), path("whole.so"));
    assert_eq!(outcome(&["slim", &library, "-o", &plain]).0, 0);
    assert_eq!(outcome(&["slim", &library, "-o", &whole, "--mangled"]).0, 0);
    let (_, out, _) = outcome(&["size", &library]);
    assert!(out.contains("1 of 3 exports (2 with mangled names are not in it)"), "{out}");
    let (_, out, _) = outcome(&["size", "--mangled", &library]);
    assert!(out.contains("3 of 3 exports, "), "{out}");
    for file in [&plain, &whole] {
        run(&directory, &["strip", "-s", file]);
    }
    let size = |file: &str| std::fs::metadata(file).unwrap().len();
    assert!(size(&plain) < size(&whole));

    let names = ["shape_width", "_ZN6shapes5widthEPKNS_6cornerE", "_ZN6shapes5depthE"];
    let all = [
        "int shape_width(const shapes::corner *c);\n",
        "int _ZN6shapes5widthEPKNS_6cornerE(const shapes::corner *c);\n",
        "long _ZN6shapes5depthE;\n",
    ];
    let describe = |file: &str, options: &[&str]| {
        outcome(&[&["describe"], options, &[file], &names[..]].concat())
    };
    let complete = describe(&whole, &[]);
    assert_eq!((complete.0, complete.1), (0, all.concat()), "{}", complete.2);
    let (code, out, errors) = describe(&plain, &[]);
    assert_eq!((code, out.as_str()), (1, all[0]));
    for name in &names[1..] {
        assert!(errors.contains(&format!("no type for '{name}'")), "{errors}");
    }
    assert!(errors.contains("--mangled"), "{errors}");
    let (_, out, _) = outcome(&["where", &plain]);
    assert!(out.contains("1 of 3 exports (2 with mangled names are not in it)"), "{out}");
    // Where the debug package is installed, they come from there.
    let id = build_id(&library);
    let place = directory.join("debug/.build-id").join(&id[..2]);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::copy(directory.join("library.debug"), place.join(format!("{}.debug", &id[2..])))
        .unwrap();
    let (code, out, errors) = describe(&plain, &["--debug-dir", &path("debug")]);
    assert_eq!((code, out), (0, all.concat()), "{errors}");
}

/// What would keep nothing that anybody asks for, or could not be found again.
#[test]
fn what_is_left_alone() {
    let module = "int PyInit_shapes(void) { return 0; }\nint _RNG256_seed(int C) { return C; }\n";
    let (first, rest) = module.split_once('\n').unwrap();
    let cases = [
        ("slim_module", first.to_owned(), vec!["-g"], "exports nothing but 'PyInit_shapes'"),
        ("slim_identity", SOURCE.to_owned(), vec!["-g", "-Wl,--build-id=none"], "no build-id"),
        ("slim_without", SOURCE.to_owned(), vec!["-g0"], "compiled without -g"),
    ];
    for (name, source, options, expected) in cases {
        let (directory, path) = library(name, &source, &options);
        let before = std::fs::read(&path).unwrap();
        let out = directory.join("out").to_str().unwrap().to_owned();
        let ways: [&[&str]; 4] =
            [&["--in-place"], &["-o", &out], &["--note", &out], &["--side-file", &out]];
        for way in ways {
            let (code, _, errors) = outcome(&[&["slim", &path, "--debug", &path], way].concat());
            assert_eq!(code, 3, "{name} {way:?}: {errors}");
            assert!(errors.contains(expected), "{name} {way:?}: {errors}");
            assert!(!errors.contains("debug package"), "{errors}");
        }
        assert!(!Path::new(&out).exists());
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
    // With anything else it is a library, and this only looks like a name of Rust's.
    let (_, path) = library("slim_module_and_more", &format!("{first}\n{rest}"), &["-g"]);
    let (code, _, errors) = outcome(&["slim", "--verbose", "--in-place", &path]);
    assert_eq!(code, 0, "{errors}");
    assert!(errors.contains("2 of 2 exports, "), "{errors}");
}
