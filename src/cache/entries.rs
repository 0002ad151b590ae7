//! Lists the entries of a cache and removes them.

use std::ffi::CStr;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::directory::{runs, Directory};
use super::{failure, open, split, SUFFIX, TEMPORARY};
use crate::build_id::bytes_of;
use crate::error::Result;
use crate::privileges::is_setuid_process;

/// One entry of a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// The build-id of the library.
    pub build_id: Vec<u8>,
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub written: SystemTime,
}

/// The entries of the cache `directory`, sorted by build-id. Empty if the directory does not exist. Skips files that
/// are not named like an entry and files that cannot be trusted.
///
/// Errors: `Io` (the directory cannot be trusted or cannot be read; a setuid process).
pub fn entries(directory: &Path) -> Result<Vec<CacheEntry>> {
    let mut found = Vec::new();
    let visited = visit(directory, |first, place, name| {
        let Some(build_id) = build_id_of(first, name) else {
            return;
        };
        let Ok(metadata) = place.file(name).and_then(|file| file.metadata()) else {
            return;
        };
        let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        if let Some(path) = super::path(directory, &build_id) {
            found.push(CacheEntry { build_id, path, size: metadata.len(), written });
        }
    });
    visited.map_err(|error| failure(directory, "cannot be read", error))?;
    Ok(found)
}

/// Removes these entries from the cache `directory`, and returns how many it removed. An entry that another process
/// has already removed is not an error. A process that has an entry mapped keeps its contents.
///
/// Errors: `Io`.
pub fn remove_entries(directory: &Path, entries: &[CacheEntry]) -> Result<usize> {
    let mut removed = 0;
    let remove = |entry: &CacheEntry| -> io::Result<()> {
        let Some((first, rest)) = split(&entry.build_id) else {
            return Ok(());
        };
        let cache = open(directory, is_setuid_process())?;
        let first = super::name(first)?;
        cache.directory(&first)?.remove(&super::name(rest + SUFFIX)?)?;
        // Only an empty directory is removed. A writer that needs it at this moment fails, and writes the entry
        // another time.
        let _ = cache.remove_directory(&first);
        Ok(())
    };
    for entry in entries {
        match remove(entry) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failure(directory, "cannot be cleared", error)),
        }
    }
    Ok(removed)
}

/// Removes the temporary files of writers that ended before they were done, and returns how many it removed. These
/// are the files whose process no longer runs, and all that are older than an hour.
///
/// Errors: `Io`.
pub fn remove_leftovers(directory: &Path) -> Result<usize> {
    let mut removed = 0;
    let visited = visit(directory, |_, place, name| {
        let Some(process) = writer_of(name) else {
            return;
        };
        let written = place.file(name).and_then(|file| file.metadata()?.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        let old = age.is_some_and(|age| age > LEFTOVER_AGE);
        if (old || !runs(process)) && place.remove(name).is_ok() {
            removed += 1;
        }
    });
    visited.map_err(|error| failure(directory, "cannot be cleared", error))?;
    Ok(removed)
}

/// No writer takes longer than this.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

/// The size in bytes of all entries and temporary files.
pub(super) fn total(cache: &Directory) -> io::Result<u64> {
    let mut total = 0_u64;
    visit_in(cache, |first, place, name| {
        if build_id_of(first, name).is_some() || writer_of(name).is_some() {
            let size = place.file(name).and_then(|file| file.metadata()).map(|data| data.size());
            total = total.saturating_add(size.unwrap_or(0));
        }
    })?;
    Ok(total)
}

/// Calls `each` for every name in the directories `xx` of a cache. Does nothing if the cache does not exist.
fn visit(directory: &Path, each: impl FnMut(&CStr, &Directory, &CStr)) -> io::Result<()> {
    match open(directory, is_setuid_process()) {
        Ok(cache) => visit_in(&cache, each),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn visit_in(cache: &Directory, mut each: impl FnMut(&CStr, &Directory, &CStr)) -> io::Result<()> {
    for first in cache.names()? {
        if bytes_of(first.to_bytes()).is_none_or(|bytes| bytes.len() != 1) {
            continue;
        }
        let Ok(place) = cache.directory(&first) else {
            continue;
        };
        for name in place.names().unwrap_or_default() {
            each(&first, &place, &name);
        }
    }
    Ok(())
}

/// The build-id of the entry `first/name`.
fn build_id_of(first: &CStr, name: &CStr) -> Option<Vec<u8>> {
    let rest = name.to_bytes().strip_suffix(SUFFIX.as_bytes())?;
    let mut build_id = bytes_of(first.to_bytes())?;
    build_id.extend(bytes_of(rest)?);
    split(&build_id).map(|_| build_id)
}

/// The id of the process that writes a temporary file.
fn writer_of(name: &CStr) -> Option<u32> {
    let (process, count) = name.to_str().ok()?.strip_prefix(TEMPORARY)?.split_once('-')?;
    count.parse::<u64>().ok()?;
    process.parse().ok()
}
