//! ELF files: the exports of a library, the files that are mapped, and the place of the debug information.
//!
//! This module does not read DWARF. It reads the bytes of sections for others.

mod attempt;
mod checksums;
mod compression;
mod dwo;
mod dynamic;
mod elf;
mod headers;
mod loaded;
mod loader_cache;
mod lookup;
mod memory;
mod notes;
mod numbers;
mod paths;
mod resolve;
mod search;
mod search_options;
mod soname;
mod stamp;
mod supplementary;
mod symbols;
mod type_note;
mod versions;

pub use crate::note_format::{COMPRESSED, HEADER, OWNER, PLAIN, SECTION, VERSION};
pub use crate::privileges::is_setuid_process;
pub use attempt::{Attempt, FoundBy, Outcome};
pub(crate) use checksums::Checksums;
pub use dwo::{find_dwo, find_dwp};
pub use elf::ElfFile;
pub use loaded::{image_at, loaded_images, LoadedImage};
pub use lookup::Exports;
pub use resolve::{ifunc_symbol_at, image_of, resolve};
pub use search::{find_debug_files, DebugFiles};
pub use search_options::{user_type_cache, SearchOptions};
pub use soname::find_library;
pub use supplementary::SupplementaryLink;
pub use symbols::{Symbol, SymbolKind};
