//! Finds a library's file by its soname as the loader would, but without loading it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::elf::ElfFile;
use super::loader_cache::LoaderCache;
use crate::ctype::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::privileges::is_setuid_process;

/// The file that the loader would load for `name`, a soname such as `libm.so.6`, in a program without a run path of
/// its own. It is searched in `LD_LIBRARY_PATH` (unless the process is setuid), `/etc/ld.so.cache` and the default
/// directories. Only libraries for this library's own machine are found. If the system has variants for newer
/// processors (`glibc-hwcaps`), the plain one is returned: both have the same types. A name with a slash is a path,
/// and is returned unchanged.
///
/// Errors: `Io`: there is no such library; the text names those that may have been meant (`m`, `libm`, `libm.so`:
/// 'libm.so.6'). `InvalidArgument`: the name is empty.
pub fn find_library(name: &str) -> Result<PathBuf> {
    if name.is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "the name of the library is empty"));
    }
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    let environment = if is_setuid_process() { None } else { std::env::var_os("LD_LIBRARY_PATH") };
    let cache = std::fs::read("/etc/ld.so.cache").unwrap_or_default();
    Places {
        first: environment.as_deref().map(search_path).unwrap_or_default(),
        cache: LoaderCache::new(&cache),
        last: default_directories(),
    }
    .find(name)
}

/// `LD_LIBRARY_PATH` is separated by colons or semicolons; an empty part is the current directory (ld.so(8)).
fn search_path(value: &OsStr) -> Vec<PathBuf> {
    let parts = value.as_bytes().split(|byte| matches!(byte, b':' | b';'));
    let directory = |part: &[u8]| {
        if part.is_empty() {
            PathBuf::from(".")
        } else {
            PathBuf::from(OsStr::from_bytes(part))
        }
    };
    if value.is_empty() {
        Vec::new()
    } else {
        parts.map(directory).collect()
    }
}

/// Debian's multiarch directories, then those that glibc and musl have built in.
fn default_directories() -> Vec<PathBuf> {
    let triplet = match () {
        _ if cfg!(all(target_arch = "x86_64", target_pointer_width = "64")) => "x86_64-linux-gnu",
        _ if cfg!(target_arch = "x86") => "i386-linux-gnu",
        _ if cfg!(target_arch = "aarch64") => "aarch64-linux-gnu",
        _ if cfg!(target_arch = "arm") => "arm-linux-gnueabihf",
        _ if cfg!(target_arch = "s390x") => "s390x-linux-gnu",
        _ if cfg!(all(target_arch = "powerpc64", target_endian = "little")) => {
            "powerpc64le-linux-gnu"
        }
        _ if cfg!(target_arch = "riscv64") => "riscv64-linux-gnu",
        _ => "",
    };
    let mut directories = Vec::new();
    for root in ["/lib", "/usr/lib"] {
        if !triplet.is_empty() {
            directories.push(Path::new(root).join(triplet));
        }
    }
    if cfg!(target_pointer_width = "64") {
        directories.extend(["/lib64", "/usr/lib64"].map(PathBuf::from));
    }
    directories.extend(["/lib", "/usr/lib", "/usr/local/lib"].map(PathBuf::from));
    directories
}

/// The places that the loader searches, in its order.
struct Places<'a> {
    first: Vec<PathBuf>,
    cache: LoaderCache<'a>,
    last: Vec<PathBuf>,
}

impl Places<'_> {
    fn find(&self, name: &str) -> Result<PathBuf> {
        let first = self.first.iter().map(|directory| directory.join(name));
        let cached = self.cache.entries().filter(|(soname, _)| *soname == name.as_bytes());
        let cached = cached.map(|(_, path)| PathBuf::from(OsStr::from_bytes(path)));
        let last = self.last.iter().map(|directory| directory.join(name));
        // The loader also skips files that are not for its machine.
        let serves =
            |path: &PathBuf| ElfFile::open(path).is_ok_and(|file| file.target() == Target::HOST);
        first.chain(cached).chain(last).find(serves).ok_or_else(|| {
            let mut message = format!("no library is called '{name}'");
            let meant = self.suggestions(name);
            if !meant.is_empty() {
                message = format!("{message}; there is {}", meant.join(", "));
            }
            Error::new(ErrorKind::Io, message)
        })
    }

    /// The libraries called `lib<stem>.so.<version>`, at most five.
    fn suggestions(&self, name: &str) -> Vec<String> {
        let stem = name.split(".so").next().unwrap_or(name);
        let stem = stem.strip_prefix("lib").unwrap_or(stem);
        let prefix = format!("lib{stem}.so.");
        let mut found: Vec<String> = Vec::new();
        for (soname, _) in self.cache.entries() {
            found.push(String::from_utf8_lossy(soname).into_owned());
        }
        for directory in self.first.iter().chain(&self.last) {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        found.retain(|soname| soname.starts_with(&prefix));
        found.sort();
        found.dedup();
        found.truncate(5);
        found.into_iter().map(|soname| format!("'{soname}'")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_path_has_two_separators() {
        let path = |value: &str| search_path(OsStr::new(value));
        assert_eq!(path("/a:/b;/c"), ["/a", "/b", "/c"].map(PathBuf::from));
        assert_eq!(path(":/a"), [".", "/a"].map(PathBuf::from));
        assert!(path("").is_empty());
    }

    #[test]
    fn files_that_are_no_library_of_this_machine_are_passed_over() {
        let dir = std::env::temp_dir().join(format!("ftc-soname-{}", std::process::id()));
        let (first, last) = (dir.join("first"), dir.join("last"));
        std::fs::create_dir_all(&first).unwrap();
        std::fs::create_dir_all(&last).unwrap();
        let own = std::fs::read("/proc/self/exe").unwrap();
        let mut other = own[..64].to_vec();
        // No section headers, no program headers, and a machine that does not exist.
        other[0x20..0x40].fill(0);
        other[18..20].fill(0xff);
        for (name, first_has) in [("liba.so.1", &other), ("libb.so.1", &own)] {
            std::fs::write(first.join(name), first_has).unwrap();
            std::fs::write(last.join(name), &own).unwrap();
        }
        std::fs::write(last.join("libc.so"), "GROUP ( /lib/libc.so.1 )").unwrap();
        let places = Places {
            first: vec![first.clone()],
            cache: LoaderCache::new(&[]),
            last: vec![last.clone()],
        };
        let find = |name| places.find(name).map_err(|error| error.to_string());
        assert_eq!(find("liba.so.1"), Ok(last.join("liba.so.1")));
        assert_eq!(find("libb.so.1"), Ok(first.join("libb.so.1")));
        assert_eq!(find("libc.so"), Err("no library is called 'libc.so'".to_string()));
        let message = "no library is called 'b'; there is 'libb.so.1'";
        assert_eq!(find("b"), Err(message.to_string()));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
