//! Temporary directories.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A directory that only this process uses. It is removed at the end.
pub struct Scratch {
    directory: PathBuf,
}

impl Scratch {
    pub fn new() -> Result<Scratch, Failure> {
        let parent = std::env::temp_dir();
        for number in 0..1000 {
            let directory = parent.join(format!("ffitypecheck-{}-{number}", std::process::id()));
            // An existing directory is not used, because it may belong to another user.
            match DirBuilder::new().mode(0o700).create(&directory) {
                Ok(()) => return Ok(Scratch { directory }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::Output(error)),
            }
        }
        Err(Failure::Output(std::io::ErrorKind::AlreadyExists.into()))
    }

    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Writes a file into it, and returns its path.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.directory.join(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
