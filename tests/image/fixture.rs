//! A directory of its own for each test, and the tools that fill it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ffitypecheck::image::{ElfFile, SearchOptions};
use toolchain::run;

/// A directory that goes away with the test.
pub(crate) struct Fixture {
    pub(crate) dir: PathBuf,
}

impl Fixture {
    pub(crate) fn new(name: &str) -> Fixture {
        let dir = std::env::temp_dir().join(format!("ftc-image-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        Fixture { dir: dir.canonicalize().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A new file, not the old one cut to nothing, which some file systems write to the disk at once.
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, contents).unwrap();
        path
    }

    /// Runs a command line (split at spaces) in the directory; it must succeed.
    pub(crate) fn run(&self, line: &str) -> String {
        run(&self.dir, &line.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn open(&self, name: &str) -> Arc<ElfFile> {
        let path = self.path(name);
        Arc::new(ElfFile::open(&path).unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    pub(crate) fn move_to(&self, from: &str, to: &Path) {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(self.path(from), to).unwrap();
    }

    /// Only `debug` and `cache` of this directory are searched.
    pub(crate) fn options(&self) -> SearchOptions {
        SearchOptions {
            debug_directories: vec![self.path("debug")],
            caches: vec![self.path("cache")],
            system: false,
            ..SearchOptions::default()
        }
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A build-id as the file names have it.
pub(crate) fn digits(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `.build-id/xx/yyyy.debug`.
pub(crate) fn build_id_file(id: &[u8]) -> PathBuf {
    let digits = digits(id);
    Path::new(".build-id").join(&digits[..2]).join(format!("{}.debug", &digits[2..]))
}
