//! Files that no compiler makes, each with one trap. The library answers with errors or unknown types, in memory and
//! time that the size of the file explains, and on a small stack.
// With the feature the library has an allocator of its own.
#![cfg(not(feature = "capi"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod bounds;
mod definitions;
mod dwarf;
mod elf;
#[path = "../everything/mod.rs"]
mod everything;
mod files;
mod headers;
mod lists;
mod names;
mod types;

use std::path::{Path, PathBuf};

use ffitypecheck::ctype::{Declaration, Kind, Type};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::{Error, Library};

use elf::Elf;

/// An empty directory of that name.
fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn nowhere() -> SearchOptions {
    SearchOptions { system: false, ..SearchOptions::default() }
}

/// What the library says of a trap.
struct Answer {
    /// Of `f`; the error, also one that is met when the library is opened.
    f: Result<Declaration, Error>,
}

impl Answer {
    /// The type of `f`'s first parameter, behind one pointer if there is one.
    fn parameter(&self) -> &Type {
        let f = self.f.as_ref().unwrap_or_else(|error| panic!("{error}"));
        let types = &f.types;
        let first = f.function().unwrap().parameters[0].ty;
        match types.get(first).kind {
            Kind::Pointer { target, .. } => types.get(target),
            _ => types.get(first),
        }
    }

    /// Why `f` has no declaration, or why its first parameter's type is not known.
    #[track_caller]
    fn reason(&self) -> String {
        match &self.f {
            Err(error) => error.to_string(),
            Ok(_) => match &self.parameter().kind {
                Kind::Unknown { reason } => reason.to_string(),
                kind => panic!("{kind:?}"),
            },
        }
    }
}

/// Does everything with the file, within bounds.
#[track_caller]
fn survive(name: &str, elf: Elf) -> Answer {
    let path = scratch(name).join("libtrap.so");
    let bytes = elf.bytes();
    std::fs::write(&path, &bytes).unwrap();
    survive_file(&path, bytes.len())
}

/// Asks for `f` only: what takes time in proportion to the file is not asked as often as the file has symbols.
#[track_caller]
fn survive_question(name: &str, elf: Elf) -> Answer {
    let path = scratch(name).join("libtrap.so");
    let bytes = elf.bytes();
    std::fs::write(&path, &bytes).unwrap();
    bounds::within(bytes.len(), move || Answer {
        f: Library::open(&path, &nowhere()).and_then(|library| library.describe("f")),
    })
}

/// The same with a file that is there; `size` is that of all files that belong to it.
#[track_caller]
fn survive_file(path: &Path, size: usize) -> Answer {
    let path = path.to_path_buf();
    bounds::within(size, move || {
        let library = match Library::open(&path, &nowhere()) {
            Ok(library) => library,
            Err(error) => return Answer { f: Err(error) },
        };
        everything::everything(&library);
        Answer { f: library.describe("f") }
    })
}
