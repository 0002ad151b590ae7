//! A library with a note that is loaded: the loader maps it whole, and exceptions pass through it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::slim::embed_allocated;
use ffitypecheck::ErrorKind;
use toolchain::{run, scratch};

/// A function to throw through; data for a segment that ends in the file before it ends in memory.
const SOURCE: &str = "struct Counted { static int alive; Counted() { ++alive; } ~Counted() { --alive; } };
    int Counted::alive = 1;
    thread_local char own[333];
    char zeros[SIZE];
    extern \"C\" void through(void (*call)()) { Counted counted; own[0] = 1; zeros[SIZE - 1] = 1; call(); }";

/// Layouts that differ in what follows the data, in the file and in memory.
const LAYOUTS: [&[&str]; 7] = [
    &["-fuse-ld=bfd"],
    &["-fuse-ld=gold"],
    &["-fuse-ld=lld"],
    &["-Wl,-z,max-page-size=65536"],
    &["-Wl,-z,noseparate-code,-z,norelro"],
    // Relocations that the loader makes before it protects what they are in.
    &["-Wl,-z,now,-z,relro"],
    &["-Wl,-z,max-page-size=2097152,-z,common-page-size=4096"],
];

fn note() -> Vec<u8> {
    let number = u32::to_le_bytes;
    let mut note = [number(13), number(1000), number(1)].concat();
    note.extend(b"ffitypecheck\0\0\0\0");
    note.resize(note.len() + 1000, 0x5a);
    note
}

/// The program tests/loading/load.cc.
fn loader(directory: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loading/load.cc");
    run(directory, &["g++", "-O1", "-o", "load", source.to_str().unwrap(), "-ldl"]);
}

#[test]
fn the_program_headers_are_those_of_the_file_and_exceptions_pass() {
    let directory = scratch("loading");
    loader(&directory);
    std::fs::write(directory.join("through.cc"), SOURCE).unwrap();
    for layout in LAYOUTS {
        for size in ["1", "3000", "40000"] {
            let size = format!("-DSIZE={size}");
            let flags = ["-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "a.so", "through.cc"];
            run(&directory, &[&["g++", size.as_str()], layout, &flags].concat());
            run(&directory, &["strip", "a.so"]);
            let bare = std::fs::read(directory.join("a.so")).unwrap();
            run(&directory, &["./load", "./a.so", "through"]);
            let made = embed_allocated(&bare, &note()).unwrap().to_vec();
            std::fs::write(directory.join("a.so"), made).unwrap();
            run(&directory, &["./load", "./a.so", "through"]);
            run(&directory, &["strip", "a.so"]);
            run(&directory, &["./load", "./a.so", "through"]);
        }
    }
}

/// Linux before 5.18 and dynamic linkers look for program headers where the linker put them.
#[test]
fn what_the_kernel_starts_is_refused() {
    let directory = scratch("loading-programs");
    let source = "int half(int n) { return n / 2; } int main(void) { return half(1); }\n\
                  #ifdef LOADER\n\
                  __attribute__((section(\".interp\"))) const char loader[] = LOADER;\n\
                  #endif\n";
    std::fs::write(directory.join("half.c"), source).unwrap();
    let started = "-DLOADER=\"/lib64/ld-linux-x86-64.so.2\"";
    let kinds: [(&[&str], bool); 6] = [
        (&["-pie", "-rdynamic"], true),
        (&["-no-pie", "-rdynamic"], true),
        (&["-static-pie", "-nostdlib", "-Wl,-e,main"], true),
        (&["-shared", started], true),
        (&["-shared", started, "-Wl,-soname,half.so"], false),
        (&["-shared", "-Wl,-e,half,--no-as-needed", "-lm"], false),
    ];
    for (kind, refused) in kinds {
        run(&directory, &[&["cc", "-fPIC"], kind, &["-o", "half", "half.c"]].concat());
        let file = std::fs::read(directory.join("half")).unwrap();
        let made = embed_allocated(&file, &note()).map(drop).map_err(|error| error.kind());
        assert_eq!(made, if refused { Err(ErrorKind::Unsupported) } else { Ok(()) }, "{kind:?}");
    }
    let linker = std::fs::read("/lib64/ld-linux-x86-64.so.2").unwrap();
    let error = embed_allocated(&linker, &note()).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
