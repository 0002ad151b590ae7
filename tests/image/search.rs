//! The search for debug files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ffitypecheck::image::{
    find_debug_files, Attempt, DebugFiles, ElfFile, FoundBy, Outcome, SearchOptions,
};
use ffitypecheck::{Error, ErrorKind};

use crate::fixture::{build_id_file, digits, Fixture};

/// `lib/a.so`, stripped, and `a.debug`, its debug file, with the given options of the linker.
fn separate(name: &str, link: &str) -> Fixture {
    let fixture = Fixture::new(name);
    fixture.write("a.c", "int f(long a) { return (int)a; }\n");
    fixture.run("mkdir lib debug cache");
    fixture.run(&format!("gcc -g -shared -fPIC {link} -o whole.so a.c"));
    fixture.run("objcopy --only-keep-debug whole.so a.debug");
    fixture.run("objcopy --strip-debug --add-gnu-debuglink=a.debug whole.so lib/a.so");
    fixture
}

fn search(fixture: &Fixture, library: &str) -> (Result<DebugFiles, Error>, Vec<Attempt>) {
    find_debug_files(fixture.open(library), &fixture.options())
}

fn used(fixture: &Fixture) -> (FoundBy, PathBuf) {
    let (files, attempts) = search(fixture, "lib/a.so");
    let debug = files.unwrap().debug.unwrap();
    let last = attempts.last().unwrap();
    assert_eq!((last.path.as_path(), &last.outcome), (debug.path(), &Outcome::Used));
    assert_eq!(attempts.iter().filter(|attempt| attempt.outcome == Outcome::Used).count(), 1);
    (last.by, last.path.clone())
}

#[test]
fn the_library_itself_comes_first() {
    let fixture = separate("embedded", "");
    let (files, attempts) = search(&fixture, "whole.so");
    let files = files.unwrap();
    assert!(files.debug.is_none() && files.supplementary.is_none());
    assert_eq!(files.main().path(), fixture.path("whole.so"));
    let path = fixture.path("whole.so");
    assert_eq!(attempts, [Attempt { path, by: FoundBy::Embedded, outcome: Outcome::Used }]);
}

#[test]
fn each_place_in_turn() {
    let fixture = separate("places", "");
    let id = fixture.open("lib/a.so").build_id().unwrap().to_vec();
    let whole_path = |suffix: &str| {
        let path = fixture.path("debug").join(fixture.dir.strip_prefix("/").unwrap());
        path.join(format!("lib/a.so{suffix}"))
    };
    let repeated = fixture.path("debug").join(fixture.dir.strip_prefix("/").unwrap());
    // From the last place in the order to the first: each goes before those that are there already.
    for (by, place) in [
        (FoundBy::DebuginfodCache, fixture.path("cache").join(digits(&id)).join("debuginfo")),
        (FoundBy::PathLayout, whole_path("")),
        (FoundBy::PathLayout, whole_path(".debug")),
        (FoundBy::Debuglink, repeated.join("lib/a.debug")),
        (FoundBy::Debuglink, fixture.path("lib/.debug/a.debug")),
        (FoundBy::Debuglink, fixture.path("lib/a.debug")),
        (FoundBy::BuildId, fixture.path("debug").join(build_id_file(&id))),
    ] {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(fixture.path("a.debug"), &place).unwrap();
        assert_eq!(used(&fixture), (by, place));
    }
}

#[test]
fn a_file_of_another_build_is_not_taken() {
    let fixture = separate("other", "");
    let id = fixture.open("lib/a.so").build_id().unwrap().to_vec();
    fixture.write("b.c", "int f(int a, int b) { return a + b; }\n");
    fixture.run("gcc -g -shared -fPIC -o b.so b.c");
    fixture.run("gcc -g -shared -fPIC -Wl,--build-id=none -o anonymous.so a.c");
    let other = fixture.open("b.so").build_id().unwrap().to_vec();
    let place = fixture.path("debug").join(build_id_file(&id));
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    for (name, found) in [("b.so", Some(other)), ("anonymous.so", None)] {
        std::fs::copy(fixture.path(name), &place).unwrap();
        let (files, attempts) = search(&fixture, "lib/a.so");
        let error = files.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DebugFileMismatch);
        assert_eq!(error.file(), Some(fixture.path("lib/a.so").as_path()));
        assert!(error.to_string().contains(&digits(&id)), "{error}");
        assert!(attempts.contains(&Attempt {
            path: place.clone(),
            by: FoundBy::BuildId,
            outcome: Outcome::OtherBuild { found },
        }));
    }
    // Of another machine, though of the same build-id.
    fixture.run(&format!(
        "i686-linux-gnu-gcc -g -shared -fPIC -nostdlib -Wl,--build-id=0x{} -o b.so a.c",
        digits(&id)
    ));
    std::fs::copy(fixture.path("b.so"), &place).unwrap();
    assert_eq!(search(&fixture, "lib/a.so").0.unwrap_err().kind(), ErrorKind::DebugFileMismatch);
    // And the right one is found behind the wrong one.
    std::fs::copy(fixture.path("a.debug"), fixture.path("lib/a.debug")).unwrap();
    assert_eq!(used(&fixture).0, FoundBy::Debuglink);
}

#[test]
fn the_checksum_of_a_debuglink_is_checked() {
    for link in ["", "-Wl,--build-id=none"] {
        let fixture = separate("crc", link);
        let place = fixture.path("lib/a.debug");
        let mut data = std::fs::read(fixture.path("a.debug")).unwrap();
        std::fs::write(&place, &data).unwrap();
        assert_eq!(used(&fixture), (FoundBy::Debuglink, place.clone()));
        data.push(0);
        std::fs::write(&place, &data).unwrap();
        let (files, attempts) = search(&fixture, "lib/a.so");
        assert_eq!(files.unwrap_err().kind(), ErrorKind::DebugFileMismatch);
        let bad = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::BadChecksum { .. });
        assert_eq!(attempts.iter().find(bad).unwrap().path, place);
    }
}

#[test]
fn a_path_alone_proves_nothing() {
    let fixture = separate("unproven", "-Wl,--build-id=none");
    fixture.run("objcopy --remove-section=.gnu_debuglink lib/a.so");
    let place = fixture.path("debug").join(fixture.dir.strip_prefix("/").unwrap()).join("lib/a.so");
    fixture.move_to("a.debug", &place);
    let (files, attempts) = search(&fixture, "lib/a.so");
    let error = files.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DebugFileMismatch);
    assert_eq!(attempts.last().unwrap().outcome, Outcome::OtherBuild { found: None });
}

#[test]
fn nothing_found_says_what_to_do() {
    let fixture = separate("nothing", "");
    let id = fixture.open("lib/a.so").build_id().unwrap().to_vec();
    fixture.run("strip -o lib/.debug_less.so lib/a.so");
    let cache = format!("cache/{}/debuginfo", digits(&id));
    fixture.write(&cache, "");
    std::fs::create_dir_all(fixture.path("lib/.debug/a.debug")).unwrap();
    let (files, attempts) = search(&fixture, "lib/a.so");
    let error = files.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoDebugInfo);
    for part in [digits(&id).as_str(), "debug package", &build_id_file(&id).display().to_string()] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let outcome =
        |path: &Path| &attempts.iter().find(|attempt| attempt.path == path).unwrap().outcome;
    assert_eq!(*outcome(&fixture.path("lib/a.so")), Outcome::NoDwarf);
    assert_eq!(*outcome(&fixture.path("lib/a.debug")), Outcome::Missing);
    assert_eq!(*outcome(&fixture.path(&cache)), Outcome::Unreadable("the file is empty".into()));
    let directory = Outcome::Unreadable("this is not a regular file".into());
    assert_eq!(*outcome(&fixture.path("lib/.debug/a.debug")), directory);
    // A stripped copy at the build-id's place has no DWARF.
    let place = fixture.path("debug").join(build_id_file(&id));
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::copy(fixture.path("lib/a.so"), &place).unwrap();
    let (files, attempts) = search(&fixture, "lib/a.so");
    assert_eq!(files.unwrap_err().kind(), ErrorKind::NoDebugInfo);
    assert!(attempts
        .iter()
        .any(|attempt| attempt.path == place && attempt.outcome == Outcome::NoDwarf));
}

#[test]
fn symbolic_links_lead_to_the_real_place() {
    let fixture = separate("links", "");
    fixture.run("mkdir elsewhere");
    fixture.run("ln -s ../lib/a.so elsewhere/b.so");
    std::fs::copy(fixture.path("a.debug"), fixture.path("lib/a.debug")).unwrap();
    let (files, _) = search(&fixture, "elsewhere/b.so");
    assert_eq!(files.unwrap().debug.unwrap().path(), fixture.path("lib/a.debug"));
}

#[test]
fn elfutils_strip_is_understood() {
    let fixture = separate("elfutils", "");
    fixture.run("eu-strip -g -f lib/a.debug -o lib/a.so whole.so");
    assert_eq!(used(&fixture), (FoundBy::Debuglink, fixture.path("lib/a.debug")));
}

/// Two libraries whose DWARF shares a supplementary file that dwz made.
fn with_supplementary(name: &str, dwarf5: bool) -> Fixture {
    let fixture = Fixture::new(name);
    let members = (0..40).map(|n| format!("int member_{n}; "));
    fixture.write("s.h", format!("struct shared {{ {} }};\n", members.collect::<String>()));
    fixture.run("mkdir -p lib debug/.dwz");
    for (library, function) in [("a", "f"), ("b", "g")] {
        let source = format!(
            "#include \"s.h\"\nint {function}(struct shared *s) {{ return s->member_0; }}\n"
        );
        fixture.write(&format!("{library}.c"), source);
        fixture.run(&format!(
            "gcc -gdwarf-5 -shared -fPIC -Wl,--compress-debug-sections=none -o lib/{library}.so {library}.c"
        ));
    }
    let format = if dwarf5 { "-5" } else { "" };
    fixture.run(&format!("dwz {format} -m debug/.dwz/common.debug -r lib/a.so lib/b.so"));
    fixture
}

#[test]
fn the_supplementary_file_is_found_and_held_to_its_identity() {
    for dwarf5 in [false, true] {
        let fixture = with_supplementary(&format!("dwz-{dwarf5}"), dwarf5);
        let link = fixture.open("lib/a.so").supplementary_link().unwrap().unwrap();
        assert_eq!((link.dwarf5, link.identity.is_empty()), (dwarf5, false));
        assert_eq!(link.name, Path::new("../debug/.dwz/common.debug"));
        let found = |fixture: &Fixture| {
            let (files, attempts) = search(fixture, "lib/a.so");
            let path = files.map(|files| files.supplementary.unwrap().path().to_path_buf());
            assert_eq!(attempts.last().unwrap().by, FoundBy::Supplementary);
            path
        };
        let beside = fixture.path("lib/../debug/.dwz/common.debug");
        assert_eq!(found(&fixture).unwrap(), beside);
        if !dwarf5 {
            let place = fixture.path("debug").join(build_id_file(&link.identity));
            fixture.move_to("debug/.dwz/common.debug", &place);
            assert_eq!(found(&fixture).unwrap(), place);
            std::fs::rename(&place, fixture.path("debug/.dwz/common.debug")).unwrap();
        }
        // The library moves: only the directory `.dwz` still has it.
        fixture.move_to("lib/a.so", &fixture.path("x/y/z/a.so"));
        let (files, _) = search(&fixture, "x/y/z/a.so");
        let path = files.unwrap().supplementary.unwrap().path().to_path_buf();
        assert_eq!(path, fixture.path("debug/.dwz/common.debug"));
        fixture.move_to("x/y/z/a.so", &fixture.path("lib/a.so"));

        std::fs::copy(fixture.path("lib/b.so"), fixture.path("debug/.dwz/common.debug")).unwrap();
        let error = found(&fixture).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DebugFileMismatch);
        std::fs::remove_file(fixture.path("debug/.dwz/common.debug")).unwrap();
        let error = found(&fixture).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoDebugInfo);
        assert!(error.to_string().contains("../debug/.dwz/common.debug"), "{error}");
    }
}

#[test]
fn debian_packages_are_found() {
    for (library, supplementary) in [
        ("/lib/x86_64-linux-gnu/libc.so.6", false),
        ("/lib/x86_64-linux-gnu/libm.so.6", false),
        ("/usr/lib/x86_64-linux-gnu/libkrb5.so.3", false),
        ("/usr/lib/x86_64-linux-gnu/libbfd-2.40-system.so", true),
        ("/usr/lib/x86_64-linux-gnu/liblua5.4.so.0", true),
        ("/usr/lib/x86_64-linux-gnu/libdb-5.3.so", false),
        ("/usr/lib/x86_64-linux-gnu/libgsl.so.27", false),
        ("/usr/lib/x86_64-linux-gnu/librados.so.2", false),
    ] {
        let file = Arc::new(ElfFile::open(Path::new(library)).unwrap());
        let (files, attempts) = find_debug_files(file, &SearchOptions::default());
        let files = files.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(attempts.get(1).unwrap().by, FoundBy::BuildId, "{library}");
        assert!(files.debug.is_some());
        assert_eq!(files.supplementary.is_some(), supplementary, "{library}");
        let info = files.main().section(".debug_info").unwrap().unwrap();
        assert!(info.len() > 10_000, "{library}: {}", info.len());
    }
}
