//! Opens the library that the command line names.

use std::path::PathBuf;

use ffitypecheck::image::{find_library, user_type_cache, SearchOptions};
use ffitypecheck::Library;

use crate::arguments::LibraryArguments;
use crate::failure::Failure;

impl LibraryArguments {
    /// The file of the library. A name with a slash is a path. A soname is searched as the loader does, then as a
    /// file in the current directory.
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

    /// Where to search. The given directories come before those of the environment and the system.
    pub fn search_options(&self) -> SearchOptions {
        let mut options = SearchOptions::from_environment();
        options.debug_directories.splice(0..0, self.debug_directories.iter().cloned());
        options.type_cache = if self.no_cache { None } else { user_type_cache() };
        options
    }

    /// Opens the library with its debug information. A command reads much of it and cannot take back what it has
    /// written, so damage must be found first.
    pub fn open(&self) -> Result<Library, Failure> {
        let library = Library::open(&self.path()?, &self.search_options())?;
        library.verify()?;
        Ok(library)
    }
}
