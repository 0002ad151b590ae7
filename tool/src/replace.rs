//! Writes files completely or not at all.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::{fchown, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Writes a file with the mode of `like`. An existing file is replaced atomically by the complete new one.
pub fn write(path: &Path, like: &Path, parts: &[&[u8]]) -> Result<(), Failure> {
    let like = std::fs::metadata(like).map_err(|error| named(like, &error))?;
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        // A device, such as /dev/stdout.
        let written = OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut device| parts.iter().try_for_each(|part| device.write_all(part)));
        return written.map_err(|error| named(path, &error));
    }
    put(path, parts, |file| file.set_permissions(like.permissions()))
}

/// Replaces a file with these bytes, and keeps the old file's mode, owner and times. If this is interrupted, the old
/// file stays as it was. A symbolic link is followed.
///
/// A file with several names (hard links) is refused, because the other names would still refer to the old file.
pub fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), Failure> {
    let path = path.canonicalize().map_err(|error| named(path, &error))?;
    let old = std::fs::metadata(&path).map_err(|error| named(&path, &error))?;
    if old.nlink() > 1 {
        let message = "the file has several names (hard links), of which only one would change";
        return Err(named(&path, &Error::new(ErrorKind::InvalidInput, message)));
    }
    put(&path, parts, |file| {
        let new = file.metadata()?;
        // A user who may not change owners owns both files, and needs no change.
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
        // This comes after the change of owner, which clears set-user-ID bits.
        file.set_permissions(old.permissions())?;
        let times =
            std::fs::FileTimes::new().set_accessed(old.accessed()?).set_modified(old.modified()?);
        file.set_times(times)?;
        // The data must be on disk before the rename, so that after a crash either the old or the new file is there.
        file.sync_all()
    })
}

fn put(
    path: &Path,
    parts: &[&[u8]],
    dress: impl FnOnce(&File) -> Result<(), Error>,
) -> Result<(), Failure> {
    let (temporary, mut file) = temporary(path).map_err(|error| named(path, &error))?;
    let written = (|| {
        parts.iter().try_for_each(|part| file.write_all(part))?;
        dress(&file)?;
        std::fs::rename(&temporary, path)
    })();
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        named(path, &error)
    })
}

/// Creates a file beside `path`. No other user may read it until it gets its final mode.
fn temporary(path: &Path) -> Result<(PathBuf, File), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..100 {
        let temporary =
            path.with_file_name(format!(".{name}.{}.{number}.ffitypecheck", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => return Ok((temporary, file)),
        }
    }
    Err(Error::new(ErrorKind::AlreadyExists, "no name for a temporary file is free"))
}

fn named(path: &Path, error: &Error) -> Failure {
    Failure::Output(Error::new(error.kind(), format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Metadata;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_replaced_as_it_was() {
        let directory = std::env::temp_dir().join(format!("replace-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let (file, link) = (directory.join("file"), directory.join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o4751)).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        replace(&link, &[b"n", b"ew"]).unwrap();
        let is = |found: &Metadata| (found.mode() & 0o7777, found.mtime());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(is(&std::fs::metadata(&file).unwrap()), (0o4751, 1_000_000_000));
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        // Another name for it.
        std::fs::hard_link(&file, directory.join("other")).unwrap();
        assert!(replace(&file, &[b"newer"]).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        // No temporary file is left.
        write(&directory.join("written"), &file, &[b"text"]).unwrap();
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 4);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
