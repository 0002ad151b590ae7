//! Opening files, and reading their sections.

use ffitypecheck::ctype::Target;
use ffitypecheck::image::ElfFile;
use ffitypecheck::ErrorKind;

use crate::fixture::{digits, Fixture};

const SOURCE: &str = "struct point { int x, y; };\n\
    int length(struct point *p) { return p->x + p->y; }\n\
    int variable[100];\n";

#[test]
fn all_compressions_hold_the_same_bytes() {
    let fixture = Fixture::new("compressions");
    fixture.write("a.c", SOURCE);
    fixture.run("gcc -g -O1 -shared -fPIC -Wl,--compress-debug-sections=none -o plain.so a.c");
    let plain = fixture.open("plain.so");
    for how in ["zlib", "zlib-gnu", "zstd"] {
        fixture.run(&format!("objcopy --compress-debug-sections={how} plain.so {how}.so"));
        let listing = fixture.run(&format!("readelf -t -W {how}.so"));
        assert!(listing.contains("COMPRESSED") || listing.contains(".zdebug_"), "{how}: {listing}");
        let compressed = fixture.open(&format!("{how}.so"));
        for section in [".debug_info", ".debug_abbrev", ".debug_str", ".debug_line"] {
            let expected = plain.section(section).unwrap().unwrap();
            assert_eq!(compressed.section(section).unwrap().unwrap(), expected, "{how} {section}");
            assert!(compressed.has_section(section));
        }
    }
    assert!(plain.section(".debug_inf").unwrap().is_none());
    assert!(plain.section("").unwrap().is_none());
}

#[test]
fn every_class_and_byte_order() {
    let fixture = Fixture::new("targets");
    fixture.write("a.c", SOURCE);
    for (prefix, machine, pointer_size, little_endian) in [
        ("", 62, 8, true),
        ("i686-linux-gnu-", 3, 4, true),
        ("aarch64-linux-gnu-", 183, 8, true),
        ("s390x-linux-gnu-", 22, 8, false),
    ] {
        fixture.run(&format!(
            "{prefix}gcc -g -shared -fPIC -nostdlib -Wl,--build-id=0x0123456789abcdef -o a.so a.c"
        ));
        fixture.run(&format!(
            "{prefix}objcopy --only-keep-debug --compress-debug-sections=zlib a.so a.debug"
        ));
        fixture
            .run(&format!("{prefix}objcopy --strip-debug --add-gnu-debuglink=a.debug a.so b.so"));
        let whole = fixture.open("a.so");
        let stripped = fixture.open("b.so");
        let debug = fixture.open("a.debug");
        assert_eq!(whole.target(), Target { machine, pointer_size, little_endian });
        for file in [&whole, &stripped, &debug] {
            assert_eq!(digits(file.build_id().unwrap()), "0123456789abcdef");
        }
        assert!(whole.debuglink().is_none());
        let checksum = crc32(&std::fs::read(fixture.path("a.debug")).unwrap());
        assert_eq!(stripped.debuglink(), Some((&b"a.debug"[..], checksum)));
        for section in [".debug_info", ".debug_str"] {
            assert_eq!(debug.section(section).unwrap(), whole.section(section).unwrap());
            assert!(!stripped.has_section(section));
        }
        // The code is NOBITS in the debug file.
        assert!(debug.section(".text").unwrap().is_none());
        assert!(whole.section(".text").unwrap().is_some());
        let names = |file: &ElfFile| {
            let mut names: Vec<_> =
                file.exports().unwrap().iter().map(|symbol| symbol.name.to_string()).collect();
            names.sort();
            names
        };
        for file in [&whole, &stripped] {
            assert!(names(file).contains(&"length".to_string()), "{prefix}");
            assert!(names(file).contains(&"variable".to_string()), "{prefix}");
        }
        assert_eq!(names(&debug), [""; 0]);
    }
}

/// The CRC-32 bit by bit (ISO-HDLC), independent of the library's.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn what_is_no_elf_file_says_so() {
    let fixture = Fixture::new("open");
    fixture.write("empty", "");
    fixture.write("script", "/* GNU ld script */ GROUP ( /lib/libm.so.6 )");
    fixture.write("short", "\x7fEL");
    fixture.write("magic", "\x7fELF");
    fixture.write("class", b"\x7fELF\x07\x01\x01\0\0\0\0\0\0\0\0\0");
    fixture.run("mkfifo fifo");
    fixture.run("mkdir directory");
    for (name, kind) in [
        ("missing", ErrorKind::Io),
        ("empty", ErrorKind::NotElf),
        ("fifo", ErrorKind::Io),
        ("directory", ErrorKind::Io),
        ("/dev/null", ErrorKind::Io),
        ("/dev/zero", ErrorKind::Io),
        ("script", ErrorKind::NotElf),
        ("short", ErrorKind::NotElf),
        ("magic", ErrorKind::MalformedElf),
        ("class", ErrorKind::MalformedElf),
    ] {
        let path = fixture.path(name);
        let error = ElfFile::open(&path).unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        assert_eq!(error.file(), Some(path.as_path()), "{name}");
    }
}
