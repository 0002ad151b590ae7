//! The DWARF sections of one file, and the owner of their bytes.

use std::borrow::Cow;
use std::sync::Arc;

use gimli::{Reader, RunTimeEndian, SectionId};

use super::Slice;
use crate::error::Result;
use crate::image::{Checksums, ElfFile};

/// The owner of the bytes of a set of sections: the mapped file, and the sections that had to be decompressed.
pub(super) struct Backing {
    file: Arc<ElfFile>,
    decompressed: Vec<Vec<u8>>,
    /// For slim type information: its body and its checksums.
    note: Option<(Slice, Checksums)>,
}

impl Backing {
    pub fn file(&self) -> &Arc<ElfFile> {
        &self.file
    }

    /// The size in bytes of the file, plus what was decompressed.
    pub fn size(&self) -> u64 {
        let decompressed: u64 = self.decompressed.iter().map(|bytes| bytes.len() as u64).sum();
        self.file.size().saturating_add(decompressed)
    }

    /// Whether bytes have to be verified when they are read.
    pub fn has_checksums(&self) -> bool {
        self.note.is_some()
    }

    /// Verifies some bytes of slim type information and the `more` bytes behind them. Other files have no checksums;
    /// for them it always succeeds.
    ///
    /// Errors: `MalformedElf`.
    pub fn verify(&self, bytes: &[u8], more: usize) -> Result<()> {
        let Some((body, checksums)) = &self.note else { return Ok(()) };
        let start = (bytes.as_ptr() as usize).wrapping_sub(body.slice().as_ptr() as usize);
        let end = start.saturating_add(bytes.len()).saturating_add(more);
        checksums.verify(body.slice(), start..end).map_err(|error| error.in_file(self.file.path()))
    }
}

/// Whether a file has whole units or their split-off parts. The sections of the latter end in `.dwo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    Whole,
    SplitOff,
}

/// The sections that declarations are read from. [`load_lines`] loads line tables when they are needed. Locations and
/// macros are not read, nor decompressed.
const NEEDED: [SectionId; 12] = [
    SectionId::DebugAbbrev,
    SectionId::DebugAddr,
    SectionId::DebugAranges,
    SectionId::DebugCuIndex,
    SectionId::DebugInfo,
    SectionId::DebugLineStr,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
    SectionId::DebugTuIndex,
    SectionId::DebugTypes,
];

/// Loads the sections of a file as gimli's `Dwarf`. Its slices are valid as long as the backing exists.
pub(super) fn load(
    file: &Arc<ElfFile>,
    flavour: Flavour,
) -> Result<(gimli::Dwarf<Slice>, Arc<Backing>)> {
    let mut loader = Loader::new(file, flavour);
    let mut dwarf = gimli::Dwarf::load(|id| loader.load(id, &NEEDED))?;
    if flavour == Flavour::SplitOff {
        dwarf.file_type = gimli::DwarfFileType::Dwo;
    }
    Ok((dwarf, Arc::new(loader.backing)))
}

/// Loads the slim type information in a file's note: its sections and its index. Sections that the note does not have
/// are empty.
pub(super) fn load_note(
    file: &Arc<ElfFile>,
) -> Result<(gimli::Dwarf<Slice>, Arc<Backing>, SlimIndex)> {
    let mut loader = Loader::new(file, Flavour::Whole);
    let note = file.type_note()?.ok_or_else(|| file.malformed("the file has no such note"))?;
    // A compressed body is read as a whole, so it is verified as a whole.
    let body = if note.compressed { note.verified_body() } else { note.body() };
    let body = match body.map_err(|error| error.in_file(file.path()))? {
        // SAFETY: the bytes are the file's mapping, which `backing.file` keeps.
        Cow::Borrowed(bytes) => unsafe { outlive(bytes) },
        Cow::Owned(bytes) => {
            // SAFETY: the vector's heap block stays where it is when the vector moves, nothing changes the vector
            // afterwards, and `backing.decompressed` keeps it.
            let slice = unsafe { outlive(&bytes) };
            loader.backing.decompressed.push(bytes);
            slice
        }
    };
    let endian = loader.endian;
    let part = |number| Slice::new(body.get(note.part(number)).unwrap_or(&[]), endian);
    let dwarf = gimli::Dwarf::load(|id| {
        Ok::<_, crate::error::Error>(match id {
            SectionId::DebugAbbrev => part(0),
            SectionId::DebugInfo => part(1),
            SectionId::DebugStrOffsets => part(2),
            SectionId::DebugStr => part(3),
            _ => Slice::new(&[], endian),
        })
    })?;
    let index = SlimIndex { first: note.first, width: note.width, entries: part(4) };
    loader.backing.note = Some((Slice::new(body, endian), note.checksums));
    Ok((dwarf, Arc::new(loader.backing), index))
}

/// The index: it has the place of an export's declaration by the number of its symbol.
pub(super) struct SlimIndex {
    first: u32,
    /// The size in bytes of an entry.
    width: usize,
    entries: Slice,
}

impl SlimIndex {
    /// The symbol's entry.
    pub fn entry(&self, symbol: u32) -> Option<&'static [u8]> {
        let number = symbol.checked_sub(self.first)? as usize;
        self.entries.slice().get(number.checked_mul(self.width)?..)?.get(..self.width)
    }

    /// The offset of the symbol's DIE in `.debug_info`, read from its entry. `None`: nothing is known of the symbol.
    pub fn offset(&self, bytes: &[u8]) -> Option<u64> {
        let add = |offset: u64, byte: &u8| offset << 8 | u64::from(*byte);
        let offset = match self.entries.endian() {
            RunTimeEndian::Little => bytes.iter().rev().fold(0, add),
            RunTimeEndian::Big => bytes.iter().fold(0, add),
        };
        Some(offset).filter(|offset| *offset > 0)
    }
}

/// Loads a package of split units (`.dwp`), including its line tables: the package's index covers them too.
pub(super) fn load_package(
    file: &Arc<ElfFile>,
) -> Result<(gimli::DwarfPackage<Slice>, Arc<Backing>)> {
    let mut loader = Loader::new(file, Flavour::SplitOff);
    let empty = Slice::new(&[], loader.endian);
    let package =
        gimli::DwarfPackage::load(|id| loader.load(id, &[id]).map_err(PackageError::File), empty)
            .map_err(|error| match error {
            PackageError::File(error) => error,
            PackageError::Index(error) => {
                super::malformed(error, file.path(), ".debug_cu_index", 0)
            }
        })?;
    Ok((package, Arc::new(loader.backing)))
}

enum PackageError {
    File(crate::error::Error),
    Index(gimli::Error),
}

impl From<gimli::Error> for PackageError {
    fn from(error: gimli::Error) -> PackageError {
        PackageError::Index(error)
    }
}

/// Loads the line table, whose headers name the source files.
pub(super) fn load_lines(
    file: &Arc<ElfFile>,
    flavour: Flavour,
) -> Result<(gimli::DebugLine<Slice>, Arc<Backing>)> {
    let mut loader = Loader::new(file, flavour);
    let slice = loader.load(SectionId::DebugLine, &[SectionId::DebugLine])?;
    Ok((gimli::DebugLine::from(slice), Arc::new(loader.backing)))
}

struct Loader {
    backing: Backing,
    flavour: Flavour,
    endian: RunTimeEndian,
}

impl Loader {
    fn new(file: &Arc<ElfFile>, flavour: Flavour) -> Loader {
        let little = file.target().little_endian;
        Loader {
            backing: Backing { file: Arc::clone(file), decompressed: Vec::new(), note: None },
            flavour,
            endian: if little { RunTimeEndian::Little } else { RunTimeEndian::Big },
        }
    }

    fn load(&mut self, id: SectionId, needed: &[SectionId]) -> Result<Slice> {
        let name = match self.flavour {
            Flavour::Whole => Some(id.name()),
            Flavour::SplitOff => id.dwo_name(),
        };
        let mut sections = match name {
            Some(name) if needed.contains(&id) => self.backing.file.sections(name)?,
            _ => Vec::new(),
        };
        // A `.dwo` file has each type unit in a section of its own. All these sections have the same name.
        let section = match sections.len() {
            0 | 1 => sections.pop(),
            _ => Some(Cow::Owned(sections.concat())),
        };
        let bytes = match section {
            None => &[],
            // SAFETY: the bytes are the file's mapping, which `backing.file` keeps.
            Some(Cow::Borrowed(bytes)) => unsafe { outlive(bytes) },
            Some(Cow::Owned(bytes)) => {
                // SAFETY: the vector's heap block stays where it is when the vector moves, nothing changes the
                // vector afterwards, and `backing.decompressed` keeps it.
                let slice = unsafe { outlive(&bytes) };
                self.backing.decompressed.push(bytes);
                slice
            }
        };
        Ok(Slice::new(bytes, self.endian))
    }
}

/// Frees a slice from its lifetime.
///
/// # Safety
/// The bytes must stay where they are, unchanged, as long as the result or a copy of it is used. In this module every
/// value with such a slice also has the [`Backing`], and no slice leaves the module.
unsafe fn outlive(bytes: &[u8]) -> &'static [u8] {
    // SAFETY: pointer and length come from a valid slice; the caller guarantees the lifetime.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
}
