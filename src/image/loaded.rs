//! The images that the dynamic loader has mapped into this process.
//!
//! Images of other namespaces (`dlmopen`) are not seen.

use std::ffi::{c_int, c_void, CStr, OsStr};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

#[cfg(target_pointer_width = "32")]
use libc::Elf32_Phdr as ProgramHeader;
#[cfg(target_pointer_width = "64")]
use libc::Elf64_Phdr as ProgramHeader;

use super::elf::ElfFile;
use super::notes;
use crate::build_id::hex;
use crate::error::{Error, ErrorKind, Result};

/// A library or program in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedImage {
    /// The path of the file as the loader has it. For the main program, and for a library that was loaded by a
    /// relative path, it is the path that the kernel has. The vDSO has a name without a directory.
    pub path: PathBuf,
    /// The difference between an address in memory and the same address in the file.
    pub bias: u64,
    /// The build-id as it is in memory; `None` where the image has none.
    pub build_id: Option<Vec<u8>>,
    /// Whether it is the program itself.
    pub main_program: bool,
    /// Whether `/proc/self/exe` leads to it. It does not lead to a program that was started as an argument of the
    /// loader.
    executed: bool,
    /// The address ranges of its segments.
    segments: Vec<(u64, u64)>,
}

impl LoadedImage {
    /// Opens the file that is mapped. If the image has type information in memory, no file is opened: the type
    /// information and the symbols are copied from memory. Otherwise the build-id in memory and that of the file must
    /// be equal. So a library that was replaced on disk after it was loaded is not mistaken for the one that runs.
    ///
    /// Errors: `BuildId` (they differ, or one has none), `NotLoaded` (the vDSO, which has no file), and those of
    /// [`ElfFile::open`].
    pub fn open(&self) -> Result<ElfFile> {
        if !self.main_program && !self.path.as_os_str().as_bytes().contains(&b'/') {
            let message = format!("'{}' is part of the kernel, not of a file", self.path.display());
            return Err(Error::new(ErrorKind::NotLoaded, message));
        }
        if let Some(file) = self.in_memory() {
            return Ok(file);
        }
        let Some(expected) = &self.build_id else {
            let message = "the library in memory has no build-id that shows that this file is the one that was loaded";
            return Err(Error::new(ErrorKind::BuildId, message).in_file(&self.path));
        };
        let file = self.open_unchecked()?;
        match file.build_id() {
            Some(found) if found == expected.as_slice() => Ok(file),
            found => {
                let found = found.map_or("none".to_string(), hex);
                let message = format!(
                    "the file has been replaced since it was loaded: the build-id in memory is {}, that of the file is {found}",
                    hex(expected)
                );
                Err(Error::new(ErrorKind::BuildId, message).in_file(&self.path))
            }
        }
    }

    /// Opens the file at its path without a comparison of build-ids.
    pub(super) fn open_unchecked(&self) -> Result<ElfFile> {
        if self.executed {
            // The link leads to the program even if its file was deleted or replaced.
            return ElfFile::open_as(Path::new("/proc/self/exe"), &self.path);
        }
        ElfFile::open(&self.path).map_err(|error| match error.kind() {
            ErrorKind::Io if !self.path.exists() => {
                let message = "the file has been deleted since it was loaded";
                Error::new(ErrorKind::BuildId, message).in_file(&self.path).caused_by(error)
            }
            _ => error,
        })
    }
}

/// The image that has `address` in one of its segments.
///
/// Errors: `NotLoaded`.
pub fn image_at(address: usize) -> Result<LoadedImage> {
    collect(Some(address)).pop().ok_or_else(|| {
        let message = format!("the address {address:#x} lies in no loaded library");
        Error::new(ErrorKind::NotLoaded, message)
    })
}

/// All images, in the order in which they were loaded: the program first.
pub fn loaded_images() -> Vec<LoadedImage> {
    collect(None)
}

/// What [`visit`] looks for and what it found.
struct Collection {
    address: Option<usize>,
    images: Vec<LoadedImage>,
    first: bool,
}

fn collect(address: Option<usize>) -> Vec<LoadedImage> {
    let mut collection = Collection { address, images: Vec::new(), first: true };
    // SAFETY: the last argument is the Collection that `visit` expects, and it outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut collection).cast()) };
    // Done without the loader's lock, because it reads files.
    for image in &mut collection.images {
        image.name_by_mapping();
    }
    collection.images
}

impl LoadedImage {
    /// Asks the kernel for the path if the loader has none, or a relative one.
    fn name_by_mapping(&mut self) {
        let relative = self.path.is_relative() && self.path.as_os_str().as_bytes().contains(&b'/');
        if !self.main_program && !relative {
            return;
        }
        let mapped = self.segments.first().and_then(|&(start, _)| mapped_path(start));
        let needed = self.main_program || mapped.is_none();
        let executed = needed.then(|| std::fs::read_link("/proc/self/exe").ok()).flatten();
        self.executed = self.main_program && (mapped.is_none() || mapped == executed);
        if let Some(path) = mapped.or(executed) {
            let deleted = path.as_os_str().as_bytes().strip_suffix(b" (deleted)");
            self.path = deleted.map_or(path.clone(), |path| PathBuf::from(OsStr::from_bytes(path)));
        }
    }
}

/// The path of the file that is mapped at `address` (proc_pid_maps(5)). " (deleted)" follows it if the file was
/// deleted.
fn mapped_path(address: u64) -> Option<PathBuf> {
    // The kernel generates the lines while they are read, by rising address. Reading stops at the line for `address`.
    let maps = BufReader::new(File::open("/proc/self/maps").ok()?);
    for line in maps.split(b'\n') {
        let line = line.ok()?;
        let (range, _) = line.split_at(line.iter().position(|&byte| byte == b' ')?);
        let (start, end) = std::str::from_utf8(range).ok()?.split_once('-')?;
        let start = u64::from_str_radix(start, 16).ok()?;
        let end = u64::from_str_radix(end, 16).ok()?;
        if address < end {
            let path = line.get(line.iter().position(|&byte| byte == b'/')?..)?;
            return (start <= address).then(|| PathBuf::from(OsStr::from_bytes(path)));
        }
    }
    None
}

/// Called by the loader for each image, under its lock, so that the image stays mapped. Returns 1 to end the
/// iteration.
///
/// # Safety
/// `info` must be what dl_iterate_phdr passes, and `collection` must point to a [`Collection`].
// The fields of program headers have 4 bytes on 32-bit machines.
#[allow(clippy::unnecessary_cast)]
unsafe extern "C" fn visit(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    collection: *mut c_void,
) -> c_int {
    // SAFETY: guaranteed by the caller; nothing else refers to the two during the call.
    let (info, collection) = unsafe { (&*info, &mut *collection.cast::<Collection>()) };
    let main_program = std::mem::replace(&mut collection.first, false);
    let headers = if info.dlpi_phdr.is_null() {
        &[][..]
    } else {
        // SAFETY: the loader passes the address and the number of the program headers of a mapped image.
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) }
    };
    let bias = info.dlpi_addr as u64;
    let range = |header: &ProgramHeader| {
        let start = bias.wrapping_add(header.p_vaddr as u64);
        (start, start.saturating_add(header.p_memsz as u64))
    };
    let segments = headers.iter().filter(|header| header.p_type == libc::PT_LOAD).map(range);
    let holds = |address: usize| {
        segments.clone().any(|(start, end)| (start..end).contains(&(address as u64)))
    };
    if collection.address.is_some_and(|address| !holds(address)) {
        return 0;
    }
    let segments = segments.collect();
    let build_id =
        headers.iter().filter(|header| header.p_type == libc::PT_NOTE).find_map(|note| {
            let (start, end) = range(note);
            let mapped = headers.iter().any(|load| {
                let (from, to) = range(load);
                let readable = load.p_type == libc::PT_LOAD && load.p_flags & libc::PF_R != 0;
                readable && from <= start && end <= to
            });
            if !mapped || start == 0 {
                return None;
            }
            // SAFETY: the note lies inside a readable segment of an image that is mapped during the call.
            let data = unsafe {
                std::slice::from_raw_parts(start as *const u8, usize::try_from(end - start).ok()?)
            };
            notes::build_id(data, note.p_align as u64, cfg!(target_endian = "little"))
                .map(<[u8]>::to_vec)
        });
    let name = if info.dlpi_name.is_null() {
        c""
    } else {
        // SAFETY: the loader passes a C string that is valid as long as the image.
        unsafe { CStr::from_ptr(info.dlpi_name) }
    };
    let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    let image = LoadedImage { path, bias, build_id, main_program, executed: false, segments };
    collection.images.push(image);
    c_int::from(collection.address.is_some())
}
