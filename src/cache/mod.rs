//! Type information that is stored outside of its library: in the user's own cache, and in side files of the system.
//!
//! Both are files named by build-id. This module does not look at their contents: the reader checks the build-id
//! inside.
//!
//! A cache is a directory with an entry `xx/yyyy.types` for each build-id `xxyyyy`. It is used only if three
//! conditions are met: it and the directories in it belong to the effective user; nobody else may write to them; the
//! last component of its path is not a symbolic link. A process that runs with more rights than its user neither
//! reads nor writes it. There are no locks: an entry is written to a temporary file, which is then renamed.

mod directory;
mod entries;
#[cfg(test)]
mod tests;

pub use entries::{entries, remove_entries, remove_leftovers, CacheEntry};

use std::ffi::CString;
use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::build_id::split_digits;
use crate::error::{Error, ErrorKind, Result};
use crate::privileges::is_setuid_process;
use directory::{close, denied, effective_user, file_size_limit, Directory};

/// The limit on the size of all files of a cache together, in bytes: 256 MiB. [`store`] refuses to exceed it.
/// Processes that write at the same moment may exceed it, each by the size of its own entry.
pub const SIZE_LIMIT: u64 = 256 << 20;

/// The longest build-id that a file is named after, in bytes.
const LONGEST_ID: usize = 64;

/// The paths of the side file for `build_id`, one below each of `directories`: `.build-id/xx/yyyy`. Empty for a
/// build-id of less than 2 bytes or more than 64.
pub fn side_files(directories: &[&Path], build_id: &[u8]) -> Vec<PathBuf> {
    let Some((first, rest)) = split(build_id) else {
        return Vec::new();
    };
    let file = Path::new(".build-id").join(first).join(rest);
    directories.iter().map(|directory| directory.join(&file)).collect()
}

/// The path of the entry for `build_id` in the cache `directory`. `None` for a build-id of less than 2 bytes or more
/// than 64, which has no entry.
pub fn path(directory: &Path, build_id: &[u8]) -> Option<PathBuf> {
    let (first, rest) = split(build_id)?;
    Some(directory.join(first).join(rest + SUFFIX))
}

/// Opens the entry for `build_id` in the cache `directory` for reading. `None`: there is no entry. A process that has
/// the file mapped does not see changes: an entry is replaced or removed, but never written to.
///
/// Errors: `Io` (the entry cannot be trusted, or cannot be opened; a setuid process).
pub fn find(directory: &Path, build_id: &[u8]) -> Result<Option<File>> {
    find_in(directory, build_id, is_setuid_process())
}

/// Writes `bytes` as the entry for `build_id` into the cache `directory`, and returns its path. Replaces an existing
/// entry. Makes the directory and its parent with mode 0700 if they are missing. On failure an existing entry is
/// kept.
///
/// The data is not forced to the disk: after a crash of the machine an entry may be truncated.
///
/// Errors: `InvalidArgument` (a build-id of less than 2 bytes or more than 64), `Limit` ([`SIZE_LIMIT`], or the
/// process's limit on the size of a file), `Io` (the directory cannot be trusted; the disk is full; a setuid
/// process).
pub fn store(directory: &Path, build_id: &[u8], bytes: &[u8]) -> Result<PathBuf> {
    store_in(directory, build_id, bytes, SIZE_LIMIT, is_setuid_process())
}

fn find_in(directory: &Path, build_id: &[u8], setuid: bool) -> Result<Option<File>> {
    let Some((first, rest)) = split(build_id) else {
        return Ok(None);
    };
    let found = open(directory, setuid)
        .and_then(|cache| cache.directory(&name(first)?))
        .and_then(|cache| cache.file(&name(rest + SUFFIX)?));
    match found {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failure(directory, "cannot be read", error)),
    }
}

fn store_in(
    directory: &Path,
    build_id: &[u8],
    bytes: &[u8],
    limit: u64,
    setuid: bool,
) -> Result<PathBuf> {
    let (first, rest) = split(build_id).ok_or_else(|| {
        let message = "a build-id of this length has no place in the cache of types";
        Error::new(ErrorKind::InvalidArgument, message)
    })?;
    let size = bytes.len() as u64;
    if size > file_size_limit() {
        let message = "the process may not write a file of the size of the types";
        return Err(Error::new(ErrorKind::Limit, message).in_file(directory));
    }
    let unwritable = |error| failure(directory, "cannot be written", error);
    let cache = make(directory, setuid).map_err(unwritable)?;
    if entries::total(&cache).map_err(unwritable)?.saturating_add(size) > limit {
        let message =
            format!("the cache of types is full ({limit} bytes); clear what is old from it");
        return Err(Error::new(ErrorKind::Limit, message).in_file(directory));
    }
    let write = || {
        let place = cache.make_directory(&name(first.clone())?)?;
        write_and_rename(&place, &name(format!("{rest}{SUFFIX}"))?, bytes)
    };
    write().map_err(unwritable)?;
    Ok(directory.join(first).join(rest + SUFFIX))
}

fn write_and_rename(place: &Directory, name: &CString, bytes: &[u8]) -> io::Result<()> {
    let (temporary, mut file) = temporary_file(place)?;
    let written = file.write_all(bytes);
    // The file is closed even after a failed write.
    let closed = close(file);
    let done = written.and(closed).and_then(|()| place.rename(&temporary, name));
    if done.is_err() {
        // The first error is returned. An error of this removal is ignored.
        let _ = place.remove(&temporary);
    }
    done
}

/// Makes a new file. Its name contains the id of this process. Another process that shares the directory may have the
/// same id (in another PID namespace), so the next name is tried if one exists.
fn temporary_file(place: &Directory) -> io::Result<(CString, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut outcome = Err(denied("no name is left for a temporary file"));
    for _ in 0..1024 {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = name(format!("{TEMPORARY}{}-{count}", std::process::id()))?;
        match place.new_file(&name) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => outcome = Err(error),
            Err(error) => return Err(error),
        }
    }
    outcome
}

/// The suffix of an entry. Only entries, temporary files and empty directories are ever removed.
const SUFFIX: &str = ".types";

/// The prefix of the name of a temporary file. The id of its process and a count follow.
const TEMPORARY: &str = ".tmp-";

fn open(directory: &Path, setuid: bool) -> io::Result<Directory> {
    if setuid {
        return Err(denied("the process runs with more rights than its user"));
    }
    if !directory.is_absolute() {
        return Err(denied("the path is not absolute"));
    }
    Directory::open(directory)
}

/// Opens the cache. Makes it and its parent if they are missing.
fn make(directory: &Path, setuid: bool) -> io::Result<Directory> {
    match open(directory, setuid) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    for missing in [directory.parent(), Some(directory)].into_iter().flatten() {
        if let Some(above) = missing.parent().filter(|_| !missing.exists()) {
            // Another user could not use a directory that root makes in that user's home.
            let owner = above.metadata()?.uid();
            if effective_user() == 0 && owner != 0 {
                return Err(denied("the directory above belongs to another user"));
            }
            match DirBuilder::new().mode(0o700).create(missing) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
    }
    open(directory, setuid)
}

/// The names of an entry's directory and of its file. The latter is without the suffix.
fn split(build_id: &[u8]) -> Option<(String, String)> {
    split_digits(build_id).filter(|_| build_id.len() <= LONGEST_ID)
}

fn name(text: String) -> io::Result<CString> {
    Ok(CString::new(text)?)
}

fn failure(directory: &Path, what: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the cache of types {what} ({error})")).in_file(directory)
}
