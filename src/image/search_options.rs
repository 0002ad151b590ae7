//! Where debug information is searched: the options of the caller and those of the environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::privileges::is_setuid_process;

/// Where to look besides the library itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// Debug directories with the layout of `/usr/lib/debug`. They are searched before it.
    pub debug_directories: Vec<PathBuf>,
    /// Cache directories of the debuginfod client. They are only read.
    pub caches: Vec<PathBuf>,
    /// Whether to search the system's debug directory, `/usr/lib/debug`, and its side files, `/usr/lib/ffitypecheck`.
    pub system: bool,
    /// The only debug file to examine besides the library itself. The usual places are then not searched.
    pub debug_file: Option<PathBuf>,
    /// Whether slim type information is used, if there is some, in place of the full debug information.
    pub slim: bool,
    /// The cache of type information (see [`crate::cache`]), which is read and written; an absolute path. `None`:
    /// there is none.
    pub type_cache: Option<PathBuf>,
    /// Directories of side files with the layout of `/usr/lib/ffitypecheck`. They are searched before it.
    pub side_directories: Vec<PathBuf>,
}

impl Default for SearchOptions {
    /// The system's debug directory and side files, and nothing else.
    fn default() -> SearchOptions {
        SearchOptions {
            debug_directories: Vec::new(),
            caches: Vec::new(),
            system: true,
            debug_file: None,
            slim: true,
            type_cache: None,
            side_directories: Vec::new(),
        }
    }
}

impl SearchOptions {
    /// The system's debug directory, the directories in `FFITYPECHECK_DEBUG_PATH` (separated by colons), and
    /// the caches that the debuginfod client would use: `DEBUGINFOD_CACHE_PATH`, `XDG_CACHE_HOME/debuginfod_client`,
    /// `HOME/.cache/debuginfod_client`.
    ///
    /// The cache of type information is the directory in `FFITYPECHECK_CACHE`, if that is an absolute path; otherwise
    /// there is none. A program may choose [`user_type_cache`] instead. In a process that runs with more rights than
    /// its user ([`is_setuid_process`]) the environment is not read.
    pub fn from_environment() -> SearchOptions {
        if is_setuid_process() {
            SearchOptions::default()
        } else {
            SearchOptions::from_variables(|name| std::env::var_os(name))
        }
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> SearchOptions {
        let directory = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let given = variable("FFITYPECHECK_DEBUG_PATH").unwrap_or_default();
        let given = std::env::split_paths(&given).filter(|path| !path.as_os_str().is_empty());
        let client = |base: PathBuf| base.join("debuginfod_client");
        let caches = [
            directory("DEBUGINFOD_CACHE_PATH"),
            directory("XDG_CACHE_HOME").map(client),
            directory("HOME").map(|home| client(home.join(".cache"))),
        ];
        SearchOptions {
            debug_directories: given.collect(),
            caches: caches.into_iter().flatten().collect(),
            system: true,
            debug_file: None,
            slim: true,
            type_cache: given_type_cache(&variable).flatten(),
            side_directories: Vec::new(),
        }
    }

    /// The directories of side files in the order in which they are searched.
    pub fn side_file_directories(&self) -> Vec<&Path> {
        let given = self.side_directories.iter().map(PathBuf::as_path);
        given.chain(self.system.then_some(Path::new("/usr/lib/ffitypecheck"))).collect()
    }

    /// The debug directories in the order in which they are searched.
    pub(super) fn directories(&self) -> Vec<&Path> {
        let given = self.debug_directories.iter().map(PathBuf::as_path);
        given.chain(self.system.then_some(Path::new("/usr/lib/debug"))).collect()
    }
}

/// The user's cache of type information: the directory in `FFITYPECHECK_CACHE`, else `XDG_CACHE_HOME/ffitypecheck`,
/// else `HOME/.cache/ffitypecheck`. `None` if `FFITYPECHECK_CACHE` is `off` or another text that is not an absolute
/// path. The other two variables are used only if they are absolute paths. `None` in a process that runs with more
/// rights than its user ([`is_setuid_process`]).
pub fn user_type_cache() -> Option<PathBuf> {
    if is_setuid_process() {
        None
    } else {
        user_type_cache_from(|name| std::env::var_os(name))
    }
}

fn user_type_cache_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    given_type_cache(&variable).unwrap_or_else(|| {
        let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        base.map(|base| base.join("ffitypecheck"))
    })
}

/// The directory in `FFITYPECHECK_CACHE`. `None` if the variable is not set or empty; `Some(None)` if it is not an
/// absolute path.
fn given_type_cache(variable: impl Fn(&str) -> Option<OsString>) -> Option<Option<PathBuf>> {
    let given = variable("FFITYPECHECK_CACHE").filter(|given| !given.is_empty())?;
    Some(Some(PathBuf::from(given)).filter(|path| path.is_absolute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_directories_and_caches() {
        let read = |variables: &[(&str, &str)]| {
            let value = |name: &str| variables.iter().find(|(other, _)| *other == name);
            SearchOptions::from_variables(|name| value(name).map(|(_, value)| value.into()))
        };
        assert_eq!(read(&[]), SearchOptions::default());
        let options = read(&[
            ("FFITYPECHECK_DEBUG_PATH", "/a::/b"),
            ("DEBUGINFOD_CACHE_PATH", "/c"),
            ("XDG_CACHE_HOME", ""),
            ("HOME", "/home/u"),
        ]);
        assert_eq!(options.directories(), ["/a", "/b", "/usr/lib/debug"].map(Path::new));
        assert_eq!(options.caches, ["/c", "/home/u/.cache/debuginfod_client"].map(Path::new));
    }

    #[test]
    fn the_cache_of_types_is_an_absolute_path() {
        for (given, xdg, home, expected) in [
            ("", "", "/home/u", Some("/home/u/.cache/ffitypecheck")),
            ("", "/x", "/home/u", Some("/x/ffitypecheck")),
            ("", "x", "/home/u", Some("/home/u/.cache/ffitypecheck")),
            ("", "x", "home", None),
            ("", "", "", None),
            ("off", "/x", "/home/u", None),
            ("c", "/x", "/home/u", None),
            ("/c", "/x", "/home/u", Some("/c")),
        ] {
            let value = |name: &str| match name {
                "FFITYPECHECK_CACHE" => Some(given.into()),
                "XDG_CACHE_HOME" => Some(xdg.into()),
                "HOME" => Some(home.into()),
                _ => None,
            };
            let options = SearchOptions::from_variables(value);
            assert_eq!(user_type_cache_from(value), expected.map(PathBuf::from));
            let given = expected.filter(|expected| given == *expected);
            assert_eq!(options.type_cache, given.map(PathBuf::from));
            assert_eq!(options.side_file_directories(), [Path::new("/usr/lib/ffitypecheck")]);
        }
        assert_eq!(user_type_cache_from(|_| None), None);
    }
}
