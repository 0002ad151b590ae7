//! Bytes as an ELF file: everything that the library does with one.
#![no_main]

#[path = "../../tests/everything/mod.rs"]
mod everything;
#[path = "../memory.rs"]
mod memory;

use ffitypecheck::Library;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = memory::file("library", data);
    if let Ok(library) = Library::open(&file, &memory::nowhere()) {
        everything::everything(&library);
    }
    let _ = std::fs::remove_file(file);
});
