//! Files cut short, damaged, and made to deceive: errors, never a panic, never much memory.

use ffitypecheck::image::{find_debug_files, ElfFile, Exports};
use ffitypecheck::ErrorKind;

use crate::fixture::Fixture;

const SOURCE: &str = "struct s { int a; }; int f(struct s *s) { return s->a; }\n\
    __asm__(\".symver f, g@V_1\");\n";

fn build(fixture: &Fixture) {
    fixture.write("a.c", SOURCE);
    fixture.write("a.map", "V_1 { g; }; V_2 { f; } V_1;\n");
    fixture.run("gcc -g -shared -fPIC -nostdlib -Wl,--version-script=a.map -Wl,-z,noseparate-code -o a.so a.c");
}

/// Reads everything there is.
fn read_all(file: &ElfFile) {
    for name in [".debug_info", ".debug_str", ".debug_line", ".symtab", ".debug_sup", ".text"] {
        let _ = file.sections(name);
    }
    let _ = (file.debuglink(), file.build_id(), file.supplementary_link());
    let _ = (file.supplementary_checksum(), file.local_symbols());
    if let Ok(exports) = Exports::read(file) {
        let _ = exports.find("f@V_2");
    }
}

#[test]
fn every_truncation_is_told() {
    let fixture = Fixture::new("truncation");
    build(&fixture);
    let whole = std::fs::read(fixture.path("a.so")).unwrap();
    read_all(&fixture.open("a.so"));
    for end in 0..whole.len() {
        let path = fixture.write("cut.so", &whole[..end]);
        let kind = ElfFile::open(&path).unwrap_err().kind();
        // The section headers are the last thing in the file.
        let expected = match end {
            0..=3 => ErrorKind::NotElf,
            _ => ErrorKind::MalformedElf,
        };
        assert_eq!(kind, expected, "{end}");
    }
    // Without section headers, the dynamic segment is what is cut.
    let mut headless = whole.clone();
    headless[0x28..0x30].fill(0);
    headless[0x3c..0x40].fill(0);
    for end in (64..whole.len()).step_by(7) {
        let path = fixture.write("cut.so", &headless[..end]);
        if let Ok(file) = ElfFile::open(&path) {
            read_all(&file);
        }
    }
}

#[test]
fn damaged_bytes_do_not_panic() {
    let fixture = Fixture::new("damage");
    build(&fixture);
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for how in ["none", "zlib", "zlib-gnu", "zstd"] {
        fixture.run(&format!("objcopy --compress-debug-sections={how} a.so {how}.so"));
        let whole = std::fs::read(fixture.path(&format!("{how}.so"))).unwrap();
        let mut opened = 0;
        for round in 0..3000 {
            let mut data = whole.clone();
            for _ in 0..1 + round % 8 {
                let at = match round % 3 {
                    // The headers, where most of the decisions lie.
                    0 => next(0x240),
                    1 => data.len() - 1 - next(64 * 20),
                    _ => next(data.len()),
                };
                data[at] = [0, 0xff, 0x7f, 0x80, next(256) as u8][next(5)];
            }
            if round % 5 == 0 {
                data[0x28..0x30].fill(0);
                data[0x3c..0x40].fill(0);
            }
            if let Ok(file) = ElfFile::open(&fixture.write("damaged.so", &data)) {
                opened += 1;
                read_all(&file);
                let _ = find_debug_files(file.into(), &fixture.options());
            }
        }
        assert!(opened > 500, "{how}: {opened}");
    }
}

/// Changes the declared size of each compressed section of `a.so`.
fn declare(fixture: &Fixture, how: &str, size: u64) -> ErrorKind {
    fixture.run(&format!("objcopy --compress-debug-sections={how} a.so {how}.so"));
    let mut data = std::fs::read(fixture.path(&format!("{how}.so"))).unwrap();
    let word = |at: usize| u64::from_le_bytes(data[at..at + 8].try_into().unwrap()) as usize;
    let headers = word(0x28);
    let count = usize::from(u16::from_le_bytes(data[0x3c..0x3e].try_into().unwrap()));
    let sections: Vec<(usize, usize)> =
        (0..count).map(|n| headers + 64 * n).map(|at| (word(at + 8), word(at + 24))).collect();
    for (flags, offset) in sections {
        if data.get(offset..offset + 4) == Some(b"ZLIB") {
            data[offset + 4..offset + 12].copy_from_slice(&size.to_be_bytes());
        } else if flags & 0x800 != 0 {
            data[offset + 8..offset + 16].copy_from_slice(&size.to_le_bytes());
        }
    }
    let path = fixture.write("declared.so", &data);
    ElfFile::open(&path).unwrap().section(".debug_info").unwrap_err().kind()
}

#[test]
fn a_compressed_section_must_hold_what_it_declares() {
    let fixture = Fixture::new("bomb");
    // Large enough that objcopy finds compression worth it.
    let functions = (0..200).map(|n| format!("int f{n}(int a{n}) {{ return a{n}; }}\n"));
    fixture.write("a.c", functions.collect::<String>());
    fixture.run("gcc -g -shared -fPIC -nostdlib -Wl,--compress-debug-sections=none -o a.so a.c");
    for how in ["zlib", "zlib-gnu", "zstd"] {
        for size in [0, 1, 100, 1 << 20, 1 << 30, 1 << 33, u64::MAX] {
            assert_eq!(declare(&fixture, how, size), ErrorKind::MalformedElf, "{how} {size}");
        }
    }
}

#[test]
fn names_that_share_a_long_tail_are_refused() {
    let fixture = Fixture::new("tails");
    let long = "x".repeat(60_000);
    let mut source = format!("int {long}(void) {{ return 0; }}\n");
    for n in 0..3000 {
        source.push_str(&format!("int f{n}(void) {{ return {n}; }}\n"));
    }
    fixture.write("a.c", source);
    fixture.run("gcc -shared -fPIC -nostdlib -o a.so a.c");
    let symbols = fixture.open("a.so").exports().unwrap();
    assert_eq!(symbols.len(), 3001);
    // All names become the long one.
    let mut data = std::fs::read(fixture.path("a.so")).unwrap();
    let word = |at: usize| u64::from_le_bytes(data[at..at + 8].try_into().unwrap()) as usize;
    let headers = word(0x28);
    let dynsym = (0..40)
        .map(|n| headers + 64 * n)
        .find(|&at| u32::from_le_bytes(data[at + 4..at + 8].try_into().unwrap()) == 11)
        .unwrap();
    let (start, size) = (word(dynsym + 24), word(dynsym + 32));
    let strings = headers + 64 * data[dynsym + 40] as usize;
    let (from, length) = (word(strings + 24), word(strings + 32));
    let at = data[from..from + length].windows(5).position(|text| text == b"xxxxx").unwrap() as u32;
    for entry in (start + 24..start + size).step_by(24) {
        data[entry..entry + 4].copy_from_slice(&at.to_le_bytes());
    }
    let path = fixture.write("b.so", &data);
    assert_eq!(ElfFile::open(&path).unwrap().exports().unwrap_err().kind(), ErrorKind::Limit);
}
