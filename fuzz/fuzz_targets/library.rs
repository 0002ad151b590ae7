//! Bytes as an ELF file: everything that the library does with one.
#![no_main]

#[path = "../../tests/everything/mod.rs"]
mod everything;
#[path = "../memory.rs"]
mod memory;

use ffitypecheck::{slim, Library};
use libfuzzer_sys::fuzz_target;

/// A note that says nothing, for what puts notes into files.
const NOTE: [u8; 28] = *b"\x0d\0\0\0\0\0\0\0\x01CTFffitypecheck\0\0\0\0";

fuzz_target!(|data: &[u8]| {
    for made in [slim::embed(data, &NOTE), slim::embed_allocated(data, &NOTE)].into_iter().flatten()
    {
        // What was put in once is replaced.
        let made = made.to_vec();
        let _ = slim::embed(&made, &NOTE);
    }
    let file = memory::file("library", data);
    if let Ok(library) = Library::open(&file, &memory::nowhere()) {
        everything::everything(&library);
    }
    let _ = std::fs::remove_file(file);
});
