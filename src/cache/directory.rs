//! A directory that belongs to the user. All operations are relative to its descriptor and do not follow symbolic
//! links.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// An open directory that belongs to the effective user and that nobody else may write to.
pub(super) struct Directory {
    file: File,
}

const DIRECTORY: libc::c_int =
    libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;

impl Directory {
    /// Opens the directory at `path`. The last component must not be a symbolic link; the components before it may
    /// be.
    pub(super) fn open(path: &Path) -> Result<Directory> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        Directory::trusted(open_at(libc::AT_FDCWD, &path, DIRECTORY)?)
    }

    /// Opens the directory called `name` in this one.
    pub(super) fn directory(&self, name: &CStr) -> Result<Directory> {
        Directory::trusted(open_at(self.file.as_raw_fd(), name, DIRECTORY)?)
    }

    /// Opens the directory called `name` in this one. Makes it with mode 0700 if it does not exist.
    pub(super) fn make_directory(&self, name: &CStr) -> Result<Directory> {
        // SAFETY: an open descriptor and a C string.
        let made = unsafe { libc::mkdirat(self.file.as_raw_fd(), name.as_ptr(), 0o700) };
        if made != 0 {
            let error = Error::last_os_error();
            if error.kind() != ErrorKind::AlreadyExists {
                return Err(error);
            }
        }
        self.directory(name)
    }

    fn trusted(directory: OwnedFd) -> Result<Directory> {
        let file = File::from(directory);
        let metadata = file.metadata()?;
        if metadata.uid() != effective_user() {
            return Err(denied("the directory belongs to another user"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(denied("others may write to the directory"));
        }
        Ok(Directory { file })
    }

    /// Opens the regular file called `name` for reading. Refuses a file of another user. Does not block, as opening a
    /// FIFO otherwise would.
    pub(super) fn file(&self, name: &CStr) -> Result<File> {
        let flags = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
        let file = File::from(open_at(self.file.as_raw_fd(), name, flags)?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(denied("it is not a regular file"));
        }
        if metadata.uid() != effective_user() {
            return Err(denied("the file belongs to another user"));
        }
        Ok(file)
    }

    /// Makes a new file called `name` with mode 0600, for writing. Fails if the name already exists.
    pub(super) fn new_file(&self, name: &CStr) -> Result<File> {
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_CLOEXEC;
        open_at(self.file.as_raw_fd(), name, flags).map(File::from)
    }

    /// Renames the file `from` to `to`. Replaces an existing file `to`.
    pub(super) fn rename(&self, from: &CStr, to: &CStr) -> Result<()> {
        let at = self.file.as_raw_fd();
        // SAFETY: an open descriptor and two C strings.
        outcome(unsafe { libc::renameat(at, from.as_ptr(), at, to.as_ptr()) })
    }

    /// Removes the name of a file. A symbolic link is itself removed, not its target.
    pub(super) fn remove(&self, name: &CStr) -> Result<()> {
        // SAFETY: an open descriptor and a C string.
        outcome(unsafe { libc::unlinkat(self.file.as_raw_fd(), name.as_ptr(), 0) })
    }

    /// Removes the directory called `name`, which must be empty.
    pub(super) fn remove_directory(&self, name: &CStr) -> Result<()> {
        let at = self.file.as_raw_fd();
        // SAFETY: an open descriptor and a C string.
        outcome(unsafe { libc::unlinkat(at, name.as_ptr(), libc::AT_REMOVEDIR) })
    }

    /// All names in it except `.` and `..`, sorted.
    pub(super) fn names(&self) -> Result<Vec<CString>> {
        // The directory is opened again, because the read position belongs to the open file description.
        let own = open_at(self.file.as_raw_fd(), c".", DIRECTORY)?;
        let own = own.into_raw_fd();
        // SAFETY: an open descriptor of a directory. If the call succeeds, the stream owns the descriptor.
        let stream = unsafe { libc::fdopendir(own) };
        if stream.is_null() {
            let error = Error::last_os_error();
            // SAFETY: nobody else owns the descriptor.
            drop(unsafe { OwnedFd::from_raw_fd(own) });
            return Err(error);
        }
        let mut names = Vec::new();
        loop {
            // SAFETY: an open stream that only this function has.
            let entry = unsafe { libc::readdir64(stream) };
            if entry.is_null() {
                break;
            }
            // SAFETY: the entry is valid until the next call; its name ends with a NUL.
            let name = unsafe { CStr::from_ptr(&raw const (*entry).d_name as *const libc::c_char) };
            if name != c"." && name != c".." {
                names.push(name.to_owned());
            }
        }
        // SAFETY: the stream is open and not used again.
        unsafe { libc::closedir(stream) };
        names.sort();
        Ok(names)
    }
}

/// Closes `file`. Returns the errors that a file system reports only at this point (a quota, a full disk on a network
/// file system).
pub(super) fn close(file: File) -> Result<()> {
    // SAFETY: the descriptor is owned here and not used again.
    outcome(unsafe { libc::close(file.into_raw_fd()) })
}

/// The process's limit on the size of a file, in bytes. A write beyond it raises SIGXFSZ. 0 if the limit cannot be
/// read.
pub(super) fn file_size_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is written to.
    match unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) } {
        0 => limit.rlim_cur,
        _ => 0,
    }
}

/// Whether a process with that id runs, as far as this process can see.
pub(super) fn runs(process: u32) -> bool {
    let Some(process) = libc::pid_t::try_from(process).ok().filter(|&process| process > 0) else {
        return false;
    };
    // SAFETY: signal 0 is not sent; the call only checks whether the process exists.
    let found = unsafe { libc::kill(process, 0) } == 0;
    found || Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}

pub(super) fn effective_user() -> u32 {
    // SAFETY: always succeeds.
    unsafe { libc::geteuid() }
}

pub(super) fn denied(why: &'static str) -> Error {
    Error::new(ErrorKind::PermissionDenied, why)
}

fn open_at(at: libc::c_int, name: &CStr, flags: libc::c_int) -> Result<OwnedFd> {
    loop {
        // SAFETY: a C string; the mode is used only if a file is made.
        let file = unsafe { libc::openat(at, name.as_ptr(), flags, 0o600 as libc::c_uint) };
        if file >= 0 {
            // SAFETY: just opened, nobody else has it.
            return Ok(unsafe { OwnedFd::from_raw_fd(file) });
        }
        let error = Error::last_os_error();
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn outcome(returned: libc::c_int) -> Result<()> {
    match returned {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}
