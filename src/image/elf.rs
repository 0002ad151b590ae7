//! One ELF file, mapped.

use std::borrow::Cow;
use std::fs::{File, Metadata, OpenOptions};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use memmap2::{Mmap, MmapOptions};
use object::elf;

use super::compression::{decompress, Compression};
use super::headers::{Headers, Section};
use super::notes;
use super::numbers::{long, word};
use super::stamp::Stamp;
use super::supplementary::{DebugSup, SupplementaryLink};
use crate::ctype::Target;
use crate::error::{Error, ErrorKind, Result};

/// An ELF file of any class, byte order and machine, mapped read-only: a library, a program, a separate debug file, a
/// `.dwo` or a `.dwp`. Any number of threads may use it at once.
///
/// If another program cuts the file short while it is mapped, an access raises SIGBUS, as it would in the dynamic
/// loader. Package managers replace files instead of writing to them. A [`Library`](crate::Library) checks from time
/// to time whether the file was written to.
#[derive(Debug)]
pub struct ElfFile {
    path: PathBuf,
    data: FileBytes,
    headers: Headers,
    build_id: Option<Range<usize>>,
    /// The state of the file when it was mapped. `None` for a copy.
    stamp: Option<Stamp>,
}

#[derive(Debug)]
enum FileBytes {
    Mapped(Mmap),
    /// A copy of the needed parts of a loaded image.
    Copied(Vec<u8>),
}

impl std::ops::Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            FileBytes::Mapped(bytes) => bytes,
            FileBytes::Copied(bytes) => bytes,
        }
    }
}

impl ElfFile {
    /// Opens and maps the file at `path` and reads its headers.
    ///
    /// Errors: `Io` (missing, not readable, empty, or not a regular file: a directory, a device or a FIFO is refused
    /// without waiting for it), `NotElf`, `MalformedElf` (headers truncated or outside of the file).
    pub fn open(path: &Path) -> Result<ElfFile> {
        ElfFile::open_as(path, path)
    }

    /// Opens `path`, but records `known_as` as its path: `/proc/self/exe` leads to a program that has a path of its
    /// own.
    pub(crate) fn open_as(path: &Path, known_as: &Path) -> Result<ElfFile> {
        let file = open_regular(path).map_err(|error| error.in_file(known_as))?;
        ElfFile::of(&file, known_as)
    }

    /// Maps a file that is open.
    ///
    /// Errors: as [`ElfFile::open`].
    pub(crate) fn of(file: &File, known_as: &Path) -> Result<ElfFile> {
        let (data, stamp) = map(file).map_err(|error| error.in_file(known_as))?;
        let headers = Headers::read(&data).map_err(|error| error.in_file(known_as))?;
        let (path, data) = (known_as.to_path_buf(), FileBytes::Mapped(data));
        let mut file = ElfFile { path, data, headers, build_id: None, stamp: Some(stamp) };
        if let Some(names) = file.headers.sections.get(file.headers.names) {
            file.raw_section(names)?;
        }
        file.build_id = file.find_build_id();
        Ok(file)
    }

    /// A file of which only these bytes are known. `headers` has their places.
    pub(crate) fn copied(path: &Path, bytes: Vec<u8>, headers: Headers) -> ElfFile {
        let (path, data) = (path.to_path_buf(), FileBytes::Copied(bytes));
        let mut file = ElfFile { path, data, headers, build_id: None, stamp: None };
        file.build_id = file.find_build_id();
        file
    }

    /// Whether this is a copy of parts of a loaded image.
    pub(crate) fn is_copied(&self) -> bool {
        matches!(self.data, FileBytes::Copied(_))
    }

    /// Whether the file was written to since it was mapped. Its bytes may then be missing or different.
    pub(crate) fn is_outdated(&self) -> bool {
        self.stamp.is_some_and(|stamp| stamp.is_outdated(&self.path))
    }

    /// The path by which it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All bytes of the file.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.data.len() as u64
    }

    /// The machine, the size of a pointer and the byte order that the file is for.
    pub fn target(&self) -> Target {
        self.headers.target
    }

    /// The GNU build-id; `None` where the file has none.
    pub fn build_id(&self) -> Option<&[u8]> {
        self.data.get(self.build_id.clone()?)
    }

    /// The name and the CRC-32 of the separate debug file, as `.gnu_debuglink` has them (GDB manual, "Separate Debug
    /// Files"); `None` where there is none or it is truncated.
    pub fn debuglink(&self) -> Option<(&[u8], u32)> {
        let data = self.raw_section(self.find(".gnu_debuglink")?).ok()?;
        let (name, _) = split_at_nul(data)?;
        let checksum_at = (name.len() + 1).next_multiple_of(4);
        let checksum = word(data, checksum_at, self.target().little_endian)?;
        Some((name, checksum)).filter(|_| !name.is_empty())
    }

    /// The supplementary file that the DWARF of this one refers to, by `.gnu_debugaltlink` (dwz) or `.debug_sup`
    /// (DWARF 5 §7.3.6); `None` where it refers to none.
    ///
    /// Errors: `MalformedElf`.
    pub fn supplementary_link(&self) -> Result<Option<SupplementaryLink>> {
        if let Some(data) = self.section(".gnu_debugaltlink")? {
            let (name, identity) = split_at_nul(&data)
                .ok_or_else(|| self.malformed("the name in .gnu_debugaltlink has no end"))?;
            return Ok(Some(SupplementaryLink {
                name: path_of(name),
                identity: identity.to_vec(),
                dwarf5: false,
            }));
        }
        Ok(self.debug_sup()?.filter(|sup| !sup.supplementary).map(|sup| SupplementaryLink {
            name: path_of(&sup.name),
            identity: sup.checksum,
            dwarf5: true,
        }))
    }

    /// The checksum that identifies this file as a DWARF 5 supplementary file; `None` if it is not one.
    ///
    /// Errors: `MalformedElf`.
    pub fn supplementary_checksum(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.debug_sup()?.filter(|sup| sup.supplementary).map(|sup| sup.checksum))
    }

    fn debug_sup(&self) -> Result<Option<DebugSup>> {
        let Some(data) = self.section(".debug_sup")? else { return Ok(None) };
        match DebugSup::read(&data) {
            Some(sup) => Ok(Some(sup)),
            None => Err(self.malformed("the section .debug_sup is truncated")),
        }
    }

    /// The contents of the first section of that name. They are decompressed if the section is compressed
    /// (SHF_COMPRESSED with zlib or zstd, or the older GNU form, in which `.debug_info` is called `.zdebug_info`).
    /// `None` if there is no such section, or if it has no data in the file (SHT_NOBITS). Each call decompresses a
    /// compressed section again.
    ///
    /// Relocations are not applied. Linked files and `.dwo` files have none for their DWARF, but unlinked object
    /// files without split DWARF have some.
    ///
    /// Errors: `MalformedElf` (outside of the file; compressed data that is malformed, or not of its declared size),
    /// `NoMemory`, `Unsupported` (another compression).
    pub fn section(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>> {
        self.find(name).map(|section| self.contents(section)).transpose()
    }

    /// All sections of that name, in the order of the file, each as [`ElfFile::section`] returns it. An object file
    /// with type units in COMDAT groups has several.
    ///
    /// Errors: as [`ElfFile::section`]; `MalformedElf` if they overlap.
    pub fn sections(&self, name: &str) -> Result<Vec<Cow<'_, [u8]>>> {
        let sections = self.find_all(name);
        // Otherwise a few headers could cause many copies of one part of the file.
        let total =
            sections.iter().fold(0_u64, |total, section| total.saturating_add(section.size));
        if sections.len() > 1 && total > self.size() {
            return Err(self.malformed(format!("sections called {name} overlap")));
        }
        sections.into_iter().map(|section| self.contents(section)).collect()
    }

    /// Whether a section of that name (or its compressed form) has at least one byte in the file.
    pub fn has_section(&self, name: &str) -> bool {
        self.find(name).is_some_and(|section| section.size > 0)
    }

    /// The number of bytes in sections that `strip` removes: debug information, and symbols that the loader does not
    /// need.
    pub fn strippable(&self) -> u64 {
        let names = self.section_names();
        let stripped = |section: &&Section| {
            let name = names.get(section.name as usize..).unwrap_or(&[]);
            let debug = [&b".debug_"[..], b".zdebug_", b".gdb_index", b".stab"];
            let static_symbols = section.kind == elf::SHT_SYMTAB || is_text(name, b".strtab");
            section.kind != elf::SHT_NOBITS
                && section.flags & u64::from(elf::SHF_ALLOC) == 0
                && (static_symbols || debug.iter().any(|prefix| name.starts_with(prefix)))
        };
        let sizes = self.headers.sections.iter().filter(stripped).map(|section| section.size);
        sizes.fold(0_u64, u64::saturating_add).min(self.size())
    }

    /// The CRC-32 of the whole file, to compare with the one in `.gnu_debuglink`.
    pub(crate) fn checksum(&self) -> u32 {
        crc32fast::hash(&self.data)
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.headers
    }

    pub(crate) fn malformed(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::MalformedElf, message).in_file(&self.path)
    }

    /// The `size` bytes of the file at `offset`.
    pub(crate) fn bytes(&self, offset: u64, size: u64) -> Option<&[u8]> {
        self.data.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(size).ok()?)
    }

    /// A section's bytes as they are in the file.
    pub(crate) fn raw_section(&self, section: &Section) -> Result<&[u8]> {
        if section.kind == elf::SHT_NOBITS {
            return Ok(&[]);
        }
        self.bytes(section.offset, section.size).ok_or_else(|| {
            self.malformed("a section is outside of the file, which may be truncated")
        })
    }

    fn find(&self, name: &str) -> Option<&Section> {
        self.find_all(name).first().copied()
    }

    /// The sections of that name, in its plain or its `.zdebug` spelling, that have data.
    fn find_all(&self, name: &str) -> Vec<&Section> {
        let names = self.section_names();
        let fits = |section: &&Section| {
            let actual = names.get(section.name as usize..).unwrap_or(&[]);
            !matches!(section.kind, elf::SHT_NULL | elf::SHT_NOBITS)
                && (is_text(actual, name.as_bytes()) || is_zdebug(actual, name))
        };
        self.headers.sections.iter().filter(fits).collect()
    }

    fn section_names(&self) -> &[u8] {
        let names = self.headers.sections.get(self.headers.names);
        names.and_then(|names| self.raw_section(names).ok()).unwrap_or(&[])
    }

    fn contents(&self, section: &Section) -> Result<Cow<'_, [u8]>> {
        let data = self.raw_section(section)?;
        let in_file = |error: Error| error.in_file(&self.path);
        if section.flags & u64::from(elf::SHF_COMPRESSED) != 0 {
            let (compression, size, data) = self.compression_header(data)?;
            return decompress(compression, data, size).map(Cow::Owned).map_err(in_file);
        }
        let name = self.section_names().get(section.name as usize..).unwrap_or(&[]);
        if !name.starts_with(b".zdebug") {
            return Ok(Cow::Borrowed(data));
        }
        // The GNU form: "ZLIB", then the size, in big-endian order on every machine.
        match (data.strip_prefix(b"ZLIB"), long(data, 4, false), data.get(12..)) {
            (Some(_), Some(size), Some(data)) => {
                decompress(Compression::Zlib, data, size).map(Cow::Owned).map_err(in_file)
            }
            _ => Err(self.malformed("a .zdebug section does not begin with ZLIB and its size")),
        }
    }

    /// Splits the compression header off (generic ABI, "Section Compression").
    fn compression_header<'a>(&self, data: &'a [u8]) -> Result<(Compression, u64, &'a [u8])> {
        let little_endian = self.target().little_endian;
        let word = |offset| word(data, offset, little_endian);
        let header = if self.headers.is_64() {
            (word(0), long(data, 8, little_endian), data.get(24..))
        } else {
            (word(0), word(4).map(u64::from), data.get(12..))
        };
        let (Some(kind), Some(size), Some(data)) = header else {
            return Err(self.malformed("the header of a compressed section is truncated"));
        };
        match kind {
            elf::ELFCOMPRESS_ZLIB => Ok((Compression::Zlib, size, data)),
            elf::ELFCOMPRESS_ZSTD => Ok((Compression::Zstd, size, data)),
            _ => {
                let message = format!("a section is compressed in an unknown way (type {kind})");
                Err(Error::new(ErrorKind::Unsupported, message).in_file(&self.path))
            }
        }
    }

    fn find_build_id(&self) -> Option<Range<usize>> {
        let sections = self.headers.sections.iter().filter(|section| section.kind == elf::SHT_NOTE);
        let sections = sections.map(|section| (section.offset, section.size, section.align));
        let segments = self.headers.segments.iter().filter(|segment| segment.kind == elf::PT_NOTE);
        let segments = segments.map(|segment| (segment.offset, segment.file_size, segment.align));
        // Segments are used only if there are no sections: in a separate debug file their offsets are not valid.
        let id = if self.headers.sections.is_empty() {
            self.first_build_id(segments)
        } else {
            self.first_build_id(sections)
        }?;
        let start = id.as_ptr() as usize - self.data.as_ptr() as usize;
        Some(start..start + id.len())
    }

    fn first_build_id(&self, mut notes: impl Iterator<Item = (u64, u64, u64)>) -> Option<&[u8]> {
        // Many headers may name the same notes. In a valid file notes do not overlap, so their total size is limited.
        let mut left = self.size();
        notes.find_map(|(offset, size, align)| {
            let notes = self.bytes(offset, size)?;
            left = left.checked_sub(size)?;
            notes::build_id(notes, align, self.target().little_endian)
        })
    }
}

/// Opens a regular file, and nothing else.
fn open_regular(path: &Path) -> Result<File> {
    // The type is checked before the file is opened, because opening alone can wake a device.
    regular(&std::fs::metadata(path).map_err(io("the file cannot be opened"))?)?;
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(io("the file cannot be opened"))
}

fn map(file: &File) -> Result<(Mmap, Stamp)> {
    let metadata = file.metadata().map_err(io("the file cannot be read"))?;
    regular(&metadata)?;
    if metadata.len() == 0 {
        return Err(Error::new(ErrorKind::NotElf, "the file is empty"));
    }
    let too_large = |_| Error::new(ErrorKind::Limit, "the file is larger than the address space");
    let size = usize::try_from(metadata.len()).map_err(too_large)?;
    // SAFETY: the mapping is read-only. The operating system cannot guarantee that nobody changes the file meanwhile.
    // So every value is checked when it is used, and bytes are never interpreted as UTF-8 or as another type with
    // invalid values.
    let mapping = unsafe { MmapOptions::new().len(size).map(file) };
    let mapping = mapping.map_err(io("the file cannot be mapped"))?;
    Ok((mapping, Stamp::of(&metadata)))
}

fn regular(metadata: &Metadata) -> Result<()> {
    if metadata.is_file() {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Io, "this is not a regular file"))
    }
}

fn io(message: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    move |error| Error::new(ErrorKind::Io, message).caused_by(error)
}

/// Whether `data` begins with `text` and a NUL.
fn is_text(data: &[u8], text: &[u8]) -> bool {
    data.strip_prefix(text).is_some_and(|rest| rest.first() == Some(&0))
}

/// Whether `actual` begins with the `.zdebug_…` spelling of the name `.debug_…`, and a NUL.
fn is_zdebug(actual: &[u8], name: &str) -> bool {
    let rest = actual.strip_prefix(b".zdebug_");
    rest.zip(name.strip_prefix(".debug_"))
        .is_some_and(|(rest, name)| is_text(rest, name.as_bytes()))
}

pub(super) fn split_at_nul(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|&byte| byte == 0)?;
    Some((data.get(..end)?, data.get(end + 1..)?))
}

fn path_of(name: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}
