//! Split DWARF: the files that contain the types of a skeleton unit (DWARF 5 §7.3.2).

use std::path::{Path, PathBuf};

use super::elf::ElfFile;
use super::paths::{directories_of, spellings, under, with_suffix};
use super::search::DebugFiles;
use super::search_options::SearchOptions;

/// The existing files that may be the `.dwo` file called `name` (DW_AT_dwo_name) of a unit that was compiled in
/// `comp_dir`. The places are, in this order: the name itself or in `comp_dir`, beside the library and its debug
/// file, and under the debug directories. A file is opened when the caller asks for it. Its dwo_id shows whether it
/// has the unit.
pub fn find_dwo<'a>(
    files: &'a DebugFiles,
    options: &SearchOptions,
    name: &Path,
    comp_dir: Option<&Path>,
) -> impl Iterator<Item = ElfFile> + 'a {
    let mut candidates = Vec::new();
    // Joining an absolute name replaces the directory.
    let compiled = comp_dir.map_or_else(|| name.to_path_buf(), |directory| directory.join(name));
    if compiled.is_absolute() {
        candidates.push(compiled.clone());
    }
    for file in [&files.library, files.main()] {
        for directory in directories_of(file.path()) {
            candidates.push(directory.join(name));
            candidates.push(directory.join(name.file_name().unwrap_or_default()));
        }
    }
    for directory in options.directories() {
        candidates.push(under(directory, &compiled));
    }
    openable(candidates, files)
}

/// The existing packages (`.dwp`) of the library's `.dwo` files: `LIBRARY.dwp`, `DEBUGFILE.dwp`, and `LIBRARY.dwp`
/// under the debug directories.
pub fn find_dwp<'a>(
    files: &'a DebugFiles,
    options: &SearchOptions,
) -> impl Iterator<Item = ElfFile> + 'a {
    let mut candidates = Vec::new();
    for file in [&files.library, files.main()] {
        for path in spellings(file.path()) {
            candidates.push(with_suffix(&path, ".dwp"));
            // LIBRARY.debug may lie beside LIBRARY.dwp.
            if path.extension().is_some_and(|extension| extension == "debug") {
                candidates.push(path.with_extension("dwp"));
            }
        }
    }
    for directory in options.directories() {
        for path in spellings(files.library.path()) {
            candidates.push(with_suffix(&under(directory, &path), ".dwp"));
        }
    }
    openable(candidates, files)
}

/// Opens each candidate once. Leaves out files that cannot be opened or are for another machine.
fn openable(
    mut candidates: Vec<PathBuf>,
    files: &DebugFiles,
) -> impl Iterator<Item = ElfFile> + '_ {
    let mut seen: Vec<PathBuf> = Vec::new();
    candidates.retain(|path| {
        let new = !seen.contains(path);
        seen.push(path.clone());
        new
    });
    let opened = candidates.into_iter().filter_map(|path| ElfFile::open(&path).ok());
    opened.filter(|file| file.target() == files.library.target())
}
