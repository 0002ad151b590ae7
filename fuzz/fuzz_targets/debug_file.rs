//! Bytes as the sections of a library's separate debug file, of the supplementary file that it names, and of a `.dwo`.
#![no_main]

#[path = "../container.rs"]
mod container;
#[allow(dead_code)]
#[path = "../../tests/hostile/elf.rs"]
mod elf;
#[path = "../../tests/everything/mod.rs"]
mod everything;

use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use container::{COMPRESSED, DWO, SECTIONS};
use elf::{Elf, Section, NOTE};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::Library;
use libfuzzer_sys::fuzz_target;

/// What follows the contents of a container.
#[derive(Arbitrary)]
struct Options {
    names_supplementary_file: bool,
}

fuzz_target!(|data: &[u8]| {
    let Some((parts, rest)) = split(data) else { return };
    let Ok(options) = Options::arbitrary(&mut Unstructured::new(rest)) else { return };
    let directory = directory();
    let path = directory.join(".build-id/01");
    let _ = std::fs::create_dir_all(&path);
    let mut library = Elf::default();
    for (value, kind, name) in symbols(parts[0].1) {
        library = library.symbol(name, value, kind);
    }
    library.sections.push(build_id(1));
    write(&directory.join("lib.so"), library);

    let is_split = |name: &str| name.ends_with(".dwo");
    let mut debug = sections(&parts, |name| !is_split(name));
    debug.sections.push(build_id(1));
    let link = [&b"supplement.debug\0"[..], &[2; 20]].concat();
    if options.names_supplementary_file {
        debug = debug.section(".gnu_debugaltlink", link);
    }
    write(&path.join(format!("{}.debug", "01".repeat(19))), debug);
    let mut supplement = sections(&parts, |name| !is_split(name));
    supplement.sections.push(build_id(2));
    write(&path.join("supplement.debug"), supplement);
    write(&directory.join(DWO), sections(&parts, is_split));

    let options = SearchOptions {
        debug_directories: vec![directory.clone()],
        system: false,
        ..SearchOptions::default()
    };
    if let Ok(library) = Library::open(&directory.join("lib.so"), &options) {
        everything::everything(&library);
    }
});

/// A section's name, its contents, and whether they are compressed.
type Part<'a> = (&'static str, &'a [u8], bool);

/// The parts of a container, and what its lengths leave over.
fn split(data: &[u8]) -> Option<(Vec<Part<'_>>, &[u8])> {
    let (lengths, mut rest) = data.split_at_checked(4 * SECTIONS.len())?;
    let mut parts = Vec::new();
    for (name, length) in SECTIONS.into_iter().zip(lengths.chunks_exact(4)) {
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let size = ((length & !COMPRESSED) as usize).min(rest.len());
        let (part, behind) = rest.split_at(size);
        parts.push((name, part, length & COMPRESSED != 0));
        rest = behind;
    }
    Some((parts, rest))
}

fn sections(parts: &[Part], wanted: impl Fn(&str) -> bool) -> Elf {
    let mut elf = Elf::default();
    for &(name, part, compressed) in &parts[1..] {
        if wanted(name) && !part.is_empty() {
            elf.compressed = elf.compressed.or(compressed.then_some(elf.sections.len()));
            elf = elf.section(name, part);
        }
    }
    elf
}

/// Symbols: 8 bytes of value, 1 of kind, and the name with its NUL.
fn symbols(mut data: &[u8]) -> Vec<(u64, u8, &str)> {
    let mut symbols = Vec::new();
    while let Some((&value, rest)) = data.split_first_chunk::<8>() {
        let Some((&kind, rest)) = rest.split_first() else { break };
        let Some(end) = rest.iter().position(|&byte| byte == 0) else { break };
        if let Ok(name) = std::str::from_utf8(&rest[..end]) {
            symbols.push((u64::from_le_bytes(value), kind & 15, name));
        }
        data = &rest[end + 1..];
        if symbols.len() == 64 {
            break;
        }
    }
    symbols
}

fn build_id(byte: u8) -> Section {
    let mut data = [4_u32, 20, 3].map(u32::to_le_bytes).concat();
    data.extend(b"GNU\0");
    data.extend([byte; 20]);
    Section { name: ".note.gnu.build-id", kind: NOTE, link: 0, data }
}

fn directory() -> PathBuf {
    std::env::temp_dir().join(format!("ffitypecheck-fuzz-{}", std::process::id()))
}

fn write(path: &Path, elf: Elf) {
    let _ = std::fs::remove_file(path);
    if let Err(error) = std::fs::write(path, elf.bytes()) {
        panic!("{}: {error}", path.display());
    }
}
