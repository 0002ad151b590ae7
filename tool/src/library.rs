//! The library that the command line names.

use std::path::PathBuf;

use ffitypecheck::image::{find_library, user_type_cache, SearchOptions};
use ffitypecheck::Library;

use crate::arguments::LibraryArguments;
use crate::failure::Failure;

impl LibraryArguments {
    /// The file: a path has a slash; a soname is found as the loader would, else as a file in the current directory.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        let name = self.library.to_string_lossy();
        if name.contains('/') {
            return Ok(self.library.clone());
        }
        find_library(&name).or_else(|error| {
            if self.library.is_file() {
                Ok(self.library.clone())
            } else {
                Err(error.into())
            }
        })
    }

    /// Where to search: the directories given, before those of the environment and the system.
    pub fn search_options(&self) -> SearchOptions {
        let mut options = SearchOptions::from_environment();
        options.debug_directories.splice(0..0, self.debug_directories.iter().cloned());
        options.type_cache = if self.no_cache { None } else { user_type_cache() };
        options
    }

    /// The library, with its debug information. A command reads much of it, and what it began to write it cannot take back: damage is
    /// found first.
    pub fn open(&self) -> Result<Library, Failure> {
        let library = Library::open(&self.path()?, &self.search_options())?;
        library.verify()?;
        Ok(library)
    }
}
