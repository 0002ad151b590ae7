//! Files in the directory for temporary ones (TMPDIR).

use std::path::PathBuf;

use ffitypecheck::image::SearchOptions;

/// A new file with these bytes: an old one may still be mapped.
pub fn file(name: &str, data: &[u8]) -> PathBuf {
    let name = format!("ffitypecheck-fuzz-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let _ = std::fs::remove_file(&path);
    if let Err(error) = std::fs::write(&path, data) {
        panic!("{}: {error}", path.display());
    }
    path
}

/// No debug directories.
pub fn nowhere() -> SearchOptions {
    SearchOptions { system: false, ..SearchOptions::default() }
}
