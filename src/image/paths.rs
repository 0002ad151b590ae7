//! The conventional places of debug files (GDB manual, "Separate Debug Files"; dwz(1); debuginfod-find(1)).

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::build_id::{hex, split_digits};

/// `<directory>/.build-id/xx/yyyy.debug`.
pub(super) fn by_build_id(directories: &[&Path], id: &[u8]) -> Vec<PathBuf> {
    let Some((first, rest)) = split_digits(id) else { return Vec::new() };
    let file = Path::new(".build-id").join(first).join(format!("{rest}.debug"));
    directories.iter().map(|directory| directory.join(&file)).collect()
}

/// The paths for the name in `.gnu_debuglink`: beside the library, in `.debug` beside it, and in the library's own
/// directory repeated under each debug directory.
pub(super) fn by_debuglink(directories: &[&Path], library: &Path, name: &[u8]) -> Vec<PathBuf> {
    let name = Path::new(OsStr::from_bytes(name));
    let mut paths = Vec::new();
    for place in directories_of(library) {
        paths.push(place.join(name));
        paths.push(place.join(".debug").join(name));
    }
    for directory in directories {
        for place in directories_of(library) {
            paths.push(under(directory, &place).join(name));
        }
    }
    paths
}

/// The library's own path repeated under each debug directory, with and without the suffix `.debug`.
pub(super) fn by_path(directories: &[&Path], library: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for directory in directories {
        for spelling in spellings(library) {
            let path = under(directory, &spelling);
            paths.push(with_suffix(&path, ".debug"));
            paths.push(path);
        }
    }
    paths
}

/// `<cache>/<build-id>/debuginfo`.
pub(super) fn in_caches(caches: &[PathBuf], id: &[u8]) -> Vec<PathBuf> {
    if id.is_empty() {
        return Vec::new();
    }
    caches.iter().map(|cache| cache.join(hex(id)).join("debuginfo")).collect()
}

/// The paths of the supplementary file that the debug file `main` calls `name`: relative to the directories of the
/// debug file, and under `.dwz` of each debug directory.
pub(super) fn of_supplementary(directories: &[&Path], main: &Path, name: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    // An absolute name replaces the directory.
    for place in directories_of(main) {
        paths.push(place.join(name));
    }
    let mut parts = name.components();
    let in_dwz = parts.any(|part| part == Component::Normal(OsStr::new(".dwz")));
    let rest =
        if in_dwz { parts.as_path() } else { Path::new(name.file_name().unwrap_or_default()) };
    for directory in directories {
        paths.push(directory.join(".dwz").join(rest));
    }
    let mut seen = Vec::new();
    paths.retain(|path| {
        let new = !seen.contains(path);
        seen.push(path.clone());
        new
    });
    paths
}

/// The path with `suffix` appended: `libz.so.1` becomes `libz.so.1.debug`.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The absolute path `path`, repeated under `directory`.
pub(super) fn under(directory: &Path, path: &Path) -> PathBuf {
    directory.join(path.strip_prefix("/").unwrap_or(path))
}

/// The absolute paths of a file: the one without symbolic links, the one with `/lib` for `/usr/lib` or the reverse (a
/// package may have been built before or after the two were merged), and the given one.
pub(super) fn spellings(file: &Path) -> Vec<PathBuf> {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let merged = |path: &Path| {
        let rest = path
            .strip_prefix("/usr")
            .ok()
            .filter(|rest| rest.as_os_str().as_bytes().starts_with(b"lib"));
        match rest {
            Some(rest) => Some(Path::new("/").join(rest)),
            None if path.as_os_str().as_bytes().starts_with(b"/lib") => {
                Some(under(Path::new("/usr"), path))
            }
            None => None,
        }
    };
    let mut spellings = vec![real.clone()];
    spellings.extend(merged(&real));
    if file.is_absolute() && !spellings.iter().any(|known| known == file) {
        spellings.push(file.to_path_buf());
    }
    spellings
}

/// The directories of a file, for all spellings of its path.
pub(super) fn directories_of(file: &Path) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = Vec::new();
    for spelling in spellings(file) {
        if let Some(directory) = spelling.parent() {
            if !directories.iter().any(|known| known == directory) {
                directories.push(directory.to_path_buf());
            }
        }
    }
    directories
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_id_of_one_byte_has_no_file() {
        let directories = [Path::new("/usr/lib/debug")];
        assert!(by_build_id(&directories, &[]).is_empty());
        assert!(by_build_id(&directories, &[1]).is_empty());
        let path = Path::new("/usr/lib/debug/.build-id/01/ab.debug");
        assert_eq!(by_build_id(&directories, &[0x01, 0xab]), [path]);
    }

    #[test]
    fn lib_and_usr_lib_are_one_place() {
        // Neither file exists, so both paths stay as they are written.
        for (given, other) in
            [("/lib/none/a.so", "/usr/lib/none/a.so"), ("/usr/lib64/none/a.so", "/lib64/none/a.so")]
        {
            assert_eq!(spellings(Path::new(given)), [given, other].map(Path::new));
        }
        assert_eq!(spellings(Path::new("/opt/none/a.so")), [Path::new("/opt/none/a.so")]);
        let paths = by_path(&[Path::new("/d")], Path::new("/lib/none/a.so"));
        assert!(paths.contains(&PathBuf::from("/d/usr/lib/none/a.so")));
    }

    #[test]
    fn a_supplementary_file_keeps_its_place_under_dwz() {
        let directories = [Path::new("/d"), Path::new("/e")];
        for (name, rest) in [
            ("/usr/lib/debug/.dwz/triplet/a.debug", "triplet/a.debug"),
            ("../../.dwz/triplet/a.debug", "triplet/a.debug"),
            ("/elsewhere/a.debug", "a.debug"),
        ] {
            let paths = of_supplementary(&directories, Path::new("/none/l.debug"), Path::new(name));
            assert_eq!(paths[0], Path::new("/none").join(name));
            assert_eq!(paths[1..], ["/d", "/e"].map(|dir| Path::new(dir).join(".dwz").join(rest)));
        }
    }
}
