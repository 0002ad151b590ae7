//! What putting type information into an ELF file leaves as it was: files of several linkers, of either class and byte order.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::image::PLAIN;
use ffitypecheck::slim;
use ffitypecheck::{Error, ErrorKind};
use toolchain::{run, scratch};

const SOURCE: &str =
    "static char many[9999]; int half(int n) { return (many[n & 63] = n) / 2; } int of_two = 2;";

/// Compilers and linkers, by the class and byte order that they are there for.
const BUILDS: [(&str, &[&str]); 7] = [
    ("bfd", &["cc"]),
    ("gold", &["cc", "-fuse-ld=gold"]),
    ("lld", &["clang", "-fuse-ld=lld"]),
    ("i686", &["i686-linux-gnu-gcc", "-nostdlib"]),
    ("s390x", &["s390x-linux-gnu-gcc", "-nostdlib"]),
    ("ppc", &["clang", "--target=powerpc-linux-gnu", "-nostdlib", "-fuse-ld=lld"]),
    ("aarch64", &["clang", "--target=aarch64-linux-gnu", "-nostdlib", "-fuse-ld=lld"]),
];

fn embed(file: &[u8], note: &[u8]) -> Result<Vec<u8>, Error> {
    slim::embed(file, note).map(|made| made.to_vec())
}

fn embed_allocated(file: &[u8], note: &[u8]) -> Result<Vec<u8>, Error> {
    slim::embed_allocated(file, note).map(|made| made.to_vec())
}

/// The libraries of all `BUILDS`, each as linked and stripped.
fn libraries(directory: &Path) -> Vec<(String, Vec<u8>)> {
    std::fs::write(directory.join("half.c"), SOURCE).unwrap();
    let mut all = Vec::new();
    for (name, compiler) in BUILDS {
        let flags = ["-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "out.so", "half.c"];
        run(directory, &[compiler, &flags[..]].concat());
        all.push((name.to_owned(), std::fs::read(directory.join("out.so")).unwrap()));
        // eu-strip takes files of any machine; it and strip put the sections in another order.
        run(directory, &["eu-strip", "out.so"]);
        all.push((format!("{name}, eu-strip"), std::fs::read(directory.join("out.so")).unwrap()));
    }
    run(directory, &["cc", "-shared", "-fPIC", "-Wl,--build-id", "-s", "-o", "out.so", "half.c"]);
    all.push(("bfd, -s".to_owned(), std::fs::read(directory.join("out.so")).unwrap()));
    all
}

fn is_little_endian(file: &[u8]) -> bool {
    file[5] == 1
}

/// A note that any tool can read, with a descriptor of `size` bytes.
fn note(file: &[u8], size: u32) -> Vec<u8> {
    let number = |number: u32| {
        if is_little_endian(file) {
            number.to_le_bytes()
        } else {
            number.to_be_bytes()
        }
    };
    let mut note = [number(13), number(size), number(PLAIN)].concat();
    note.extend(b"ffitypecheck\0\0\0\0");
    note.resize(note.len() + size as usize, 0x5a);
    note
}

/// Whether a tool succeeded, and what it wrote.
fn output(directory: &Path, command: &[&str]) -> (bool, String) {
    let output = toolchain::output(directory, command);
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// What readelf says of the file without what a section more changes: the place and number of the section headers, where the
/// table of their names is, and the note itself.
fn readelf(directory: &Path, file: &[u8]) -> Vec<String> {
    std::fs::write(directory.join("read.so"), file).unwrap();
    let (_, text) = output(directory, &["readelf", "-aW", "read.so"]);
    let mut lines = Vec::new();
    let mut in_note = false;
    for line in text.lines() {
        in_note = match line {
            "" => false,
            line => in_note || line.contains("found in: .note.ffitypecheck"),
        };
        let changed = ["section headers", ".shstrtab", ".note.ffitypecheck"];
        if !in_note && !line.is_empty() && !changed.iter().any(|word| line.contains(word)) {
            lines.push(line.to_owned());
        }
    }
    assert!(lines.len() > 40, "{text}");
    lines
}

/// What stands behind the last bytes that may not move: the place that was of the names, where sections follow it.
fn left(file: &[u8], name: &str) -> usize {
    match name {
        // .strtab follows it.
        "lld" | "ppc" | "aarch64" => {
            let at = |offset: usize, size: usize| {
                let bytes = file[offset..offset + size].iter().copied();
                let add = |number, byte| number << 8 | usize::from(byte);
                if is_little_endian(file) {
                    bytes.rev().fold(0, add)
                } else {
                    bytes.fold(0, add)
                }
            };
            let (headers, header, size, names) = match file[4] {
                2 => (at(40, 8), 64, (32, 8), at(62, 2)),
                _ => (at(32, 4), 40, (20, 4), at(50, 2)),
            };
            at(headers + names * header + size.0, size.1)
        }
        _ => 0,
    }
}

#[test]
fn nothing_else_changes() {
    let directory = scratch("embedding");
    for (name, bare) in libraries(&directory) {
        let before = readelf(&directory, &bare);
        for size in [0, 4, 1000] {
            let note = note(&bare, size);
            let made = embed(&bare, &note).unwrap();
            assert_eq!(readelf(&directory, &made), before, "{name}, {size}");
            // The note, its section header, the name, and at most what aligns both.
            let least = note.len() + if bare[4] == 2 { 64 } else { 40 } + left(&bare, &name);
            let most = least + ".note.ffitypecheck".len() + 1 + 3 + 7;
            let more = made.len() - bare.len();
            assert!((least..=most).contains(&more), "{name}: {more} of {least} to {most}");
            assert_eq!(embed(&made, &note).unwrap(), made, "{name}");
            let other = self::note(&bare, 40);
            assert_eq!(embed(&made, &other).unwrap(), embed(&bare, &other).unwrap(), "{name}");
            let loaded = embed_allocated(&made, &note).unwrap();
            assert_eq!(embed_allocated(&bare, &note).unwrap(), loaded, "{name}");
            assert_eq!(embed(&loaded, &note).unwrap(), made, "{name}");
        }
    }
}

#[test]
fn eu_elflint_says_what_it_said_and_that_it_does_not_know_the_note() {
    let directory = scratch("embedding-elflint");
    let complaints = |file: &[u8]| -> Vec<String> {
        std::fs::write(directory.join("lint.so"), file).unwrap();
        let (_, text) = output(&directory, &["eu-elflint", "--gnu-ld", "lint.so"]);
        let lines = text.lines().filter(|line| !line.is_empty() && *line != "No errors");
        lines.map(str::to_owned).collect()
    };
    for (name, bare) in libraries(&directory) {
        let before = complaints(&bare);
        let note = note(&bare, 1000);
        for (made, unknown) in [(embed(&bare, &note), 1), (embed_allocated(&bare, &note), 2)] {
            let after = complaints(&made.unwrap());
            let ours = after.iter().filter(|line| line.contains("owner name 'ffitypecheck'"));
            assert_eq!(ours.count(), unknown, "{name}: {after:?}");
            let others = after.iter().filter(|line| !line.contains("owner name 'ffitypecheck'"));
            assert!(others.eq(&before), "{name}: {after:?}");
        }
    }
}

#[test]
fn other_tools_keep_it_and_the_library_works() {
    let directory = scratch("embedding-tools");
    let strips: [&[&str]; 8] = [
        &["strip", "-s"],
        &["strip", "-g"],
        &["objcopy"],
        &["llvm-strip", "-g"],
        &["llvm-objcopy"],
        // What follows is for one of the two only.
        &["eu-strip"],
        &["llvm-strip", "--strip-all"],
        &["llvm-objcopy", "--strip-non-alloc"],
    ];
    let half = "import ctypes; assert ctypes.CDLL('./a.so').half(84) == 42";
    for (name, bare) in libraries(&directory) {
        let native = ["bfd", "gold", "lld"].iter().any(|linker| name.starts_with(linker));
        let note = note(&bare, 1000);
        for (made, left_out) in
            [(embed(&bare, &note).unwrap(), 6..8), (embed_allocated(&bare, &note).unwrap(), 5..6)]
        {
            for (number, strip) in strips.iter().enumerate() {
                // Debian's binutils are for the machine that they run on.
                if left_out.contains(&number) || (number < 3 && !native) {
                    continue;
                }
                std::fs::write(directory.join("a.so"), &made).unwrap();
                run(&directory, &[strip, &["a.so"][..]].concat());
                let after = std::fs::read(directory.join("a.so")).unwrap();
                let found = after.windows(note.len()).any(|window| window == note);
                assert!(found, "{name}, {strip:?}");
                let (_, text) = output(&directory, &["readelf", "-SW", "a.so"]);
                assert!(text.contains(".note.ffitypecheck"), "{name}, {strip:?}: {text}");
                if native {
                    run(&directory, &["python3", "-c", half]);
                }
            }
        }
    }
}

/// GNU strip moves the beginning of the segment that has the program headers: nothing else may be there.
#[test]
fn what_gnu_strip_makes_of_a_loaded_note_leaves_the_data_alone() {
    let directory = scratch("embedding-data");
    let write = "import ctypes; assert ctypes.CDLL('./a.so').last(42) == 42";
    for size in [1, 400, 800, 1600, 2400, 3200] {
        let source = format!(
            "static char many[9999]; int last(int n) {{ volatile char *p = many; p[9990] = n; \
             return p[9990]; }} int f_{}(void) {{ return 1; }}",
            "x".repeat(size)
        );
        std::fs::write(directory.join("last.c"), source).unwrap();
        for (name, compiler) in &BUILDS[..3] {
            let flags = ["-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "bare.so", "last.c"];
            run(&directory, &[compiler, &flags[..]].concat());
            let bare = std::fs::read(directory.join("bare.so")).unwrap();
            let made = embed_allocated(&bare, &note(&bare, 1000)).unwrap();
            std::fs::write(directory.join("a.so"), made).unwrap();
            run(&directory, &["python3", "-c", write]);
            run(&directory, &["strip", "-s", "a.so"]);
            let (works, text) = output(&directory, &["python3", "-c", write]);
            assert!(works, "{name}, {size}: {text}");
        }
    }
}

#[test]
fn damaged_headers_are_an_error_or_another_file() {
    let directory = scratch("embedding-damage");
    let mut errors = 0;
    // One of each class and byte order.
    let names = ["bfd, -s", "i686, eu-strip", "s390x, eu-strip", "ppc, eu-strip"];
    let libraries = libraries(&directory).into_iter();
    for (name, bare) in libraries.filter(|(name, _)| names.contains(&name.as_str())) {
        let note = note(&bare, 40);
        let (made, loaded) = (embed(&bare, &note).unwrap(), embed_allocated(&bare, &note).unwrap());
        let kinds = [ErrorKind::NotElf, ErrorKind::MalformedElf, ErrorKind::Unsupported];
        let mut try_it = |file: &[u8]| {
            for result in [embed(file, &note), embed_allocated(file, &note)] {
                if let Err(error) = result {
                    assert!(kinds.contains(&error.kind()), "{name}: {error}");
                    errors += 1;
                }
            }
        };
        for file in [&made, &loaded] {
            for end in (0..800).chain(file.len() - 900..file.len()) {
                let cut = &file[..end];
                assert!(
                    embed(cut, &note).is_err() && embed_allocated(cut, &note).is_err(),
                    "{end}"
                );
            }
            // Program headers and section headers, the latter at the end.
            let mut damaged = file.clone();
            for index in (0..700).chain(file.len() - 900..file.len()) {
                for byte in [0, 0x80, 0xff] {
                    damaged[index] = byte;
                    try_it(&damaged);
                }
                damaged[index] = file[index];
            }
            // Whole fields, eight bytes each, which is what an address at the end of memory takes.
            for start in (0..700).step_by(4) {
                for last in [0x0f, 0xef, 0xff] {
                    let field = &mut damaged[start..start + 8];
                    field.fill(0xff);
                    field[if is_little_endian(file) { 1 } else { 6 }] = last;
                    try_it(&damaged);
                    damaged[start..start + 8].copy_from_slice(&file[start..start + 8]);
                }
            }
        }
    }
    assert!(errors > 10_000, "{errors}");
}

/// Pages so large that the next one begins where memory ends.
#[test]
fn a_segment_that_leaves_no_room_is_an_error() {
    let directory = scratch("embedding-room");
    let (_, bare) = libraries(&directory).pop().unwrap();
    let note = note(&bare, 1000);
    let load = (64..).step_by(56).find(|at| bare[*at..*at + 4] == [1, 0, 0, 0]).unwrap();
    for page in (u64::MAX - 0x8000..=u64::MAX).step_by(64) {
        let mut file = bare.clone();
        file[load + 48..load + 56].copy_from_slice(&page.to_le_bytes());
        let error = embed_allocated(&file, &note).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedElf);
    }
}

#[test]
fn what_follows_the_headers_is_not_lost() {
    let directory = scratch("embedding-behind");
    for (name, bare) in libraries(&directory) {
        let note = note(&bare, 40);
        for size in [1, 7, 8, 4096] {
            let mut file = bare.clone();
            file.resize(file.len() + size, b'!');
            let error = embed(&file, &note).map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}, {size}");
        }
    }
}
