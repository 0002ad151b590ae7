//! Reads a library that carries its type information in a loaded note from memory. No file is opened.

use std::ffi::{c_int, c_void};

use object::elf;
use object::Endianness;

#[cfg(target_pointer_width = "32")]
use libc::Elf32_Phdr as ProgramHeader;
#[cfg(target_pointer_width = "64")]
use libc::Elf64_Phdr as ProgramHeader;

use super::elf::ElfFile;
use super::headers::{Headers, Segment};
use super::loaded::LoadedImage;
use crate::ctype::Target;

/// The limit on what is copied, in bytes. In the largest libraries, the segments with the symbols have about 30 MB.
const LARGEST: u64 = 64 << 20;

/// What is copied of an image: the parts that the loader itself reads.
#[derive(Default)]
struct Copy {
    bytes: Vec<u8>,
    segments: Vec<Segment>,
}

/// What [`visit`] looks for and what it found.
struct Wanted {
    bias: u64,
    copy: Option<Copy>,
}

impl LoadedImage {
    /// A copy of the dynamic symbols, the notes and the type information of the image. It is made while the loader's
    /// lock keeps the image mapped. `None`: the image has no type information in memory, or it cannot be copied.
    pub(super) fn in_memory(&self) -> Option<ElfFile> {
        let mut wanted = Wanted { bias: self.bias, copy: None };
        // SAFETY: the last argument is the Wanted that `visit` expects, and it outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut wanted).cast()) };
        let Copy { bytes, segments } = wanted.copy?;
        let endian = if Target::HOST.little_endian { Endianness::Little } else { Endianness::Big };
        let headers =
            Headers { target: Target::HOST, endian, sections: Vec::new(), segments, names: 0 };
        let file = ElfFile::copied(&self.path, bytes, headers);
        // The copy is of the image that is there now. Another library may have taken the place of this one.
        let same = file.build_id().is_some() && file.build_id() == self.build_id.as_deref();
        (same && file.has_type_note()).then_some(file)
    }
}

/// Called by the loader for each image, under its lock, so that the image stays mapped. Returns 1 to end the
/// iteration.
///
/// # Safety
/// `info` must be what dl_iterate_phdr passes, and `wanted` must point to a [`Wanted`].
// The fields of program headers have 4 bytes on 32-bit machines.
#[allow(clippy::unnecessary_cast)]
unsafe extern "C" fn visit(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    wanted: *mut c_void,
) -> c_int {
    // SAFETY: guaranteed by the caller; nothing else refers to the two during the call.
    let (info, wanted) = unsafe { (&*info, &mut *wanted.cast::<Wanted>()) };
    if info.dlpi_addr as u64 != wanted.bias || info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: the loader passes the address and the number of the program headers of a mapped image.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let memory = MappedImage { headers, bias: wanted.bias };
    if memory.has_note() {
        wanted.copy = memory.copy();
    }
    1
}

/// An image that stays mapped while this is used.
struct MappedImage<'a> {
    headers: &'a [ProgramHeader],
    bias: u64,
}

// The fields have 4 bytes on 32-bit machines.
#[allow(clippy::unnecessary_cast)]
impl MappedImage<'_> {
    /// The `size` bytes at an address of the file, if one readable segment contains them all.
    fn at(&self, address: u64, size: u64) -> Option<&[u8]> {
        self.segment_of(address, size)?;
        let start = usize::try_from(self.bias.checked_add(address)?).ok()?;
        // SAFETY: the bytes are inside a readable segment of an image that is mapped as long as `self` is used.
        Some(unsafe { std::slice::from_raw_parts(start as *const u8, usize::try_from(size).ok()?) })
    }

    fn segment_of(&self, address: u64, size: u64) -> Option<&ProgramHeader> {
        self.headers.iter().find(|load| {
            let (start, end) = (load.p_vaddr as u64, load.p_vaddr as u64 + load.p_memsz as u64);
            let readable = load.p_type == libc::PT_LOAD && load.p_flags & libc::PF_R != 0;
            readable && start <= address && address.checked_add(size).is_some_and(|to| to <= end)
        })
    }

    fn of_kind(&self, kind: u32) -> impl Iterator<Item = &ProgramHeader> {
        self.headers.iter().filter(move |header| header.p_type == kind)
    }

    fn has_note(&self) -> bool {
        self.of_kind(libc::PT_NOTE).any(|note| {
            let owner = self.at(note.p_vaddr as u64 + 12, super::OWNER.len() as u64);
            owner == Some(super::OWNER)
        })
    }

    /// Copies the dynamic segment, the segments that it points into for symbols, and the notes.
    fn copy(&self) -> Option<Copy> {
        let dynamic = self.of_kind(libc::PT_DYNAMIC).next()?;
        let entries = self.at(dynamic.p_vaddr as u64, dynamic.p_memsz as u64)?;
        let mut copy = Copy::default();
        let mut entries = entries.to_vec();
        let mut loads: Vec<&ProgramHeader> = Vec::new();
        let size = size_of::<usize>();
        for entry in entries.chunks_exact_mut(2 * size) {
            let (tag, value) = entry.split_at_mut(size);
            let number = |bytes: &[u8]| Some(usize::from_ne_bytes(*bytes.first_chunk()?));
            let (tag, address) = (number(tag)?, number(value)? as u64);
            if !is_pointer(tag as u32) {
                continue;
            }
            // On most machines the loader has added the bias.
            let address = match address.checked_sub(self.bias) {
                Some(relative) if self.segment_of(relative, 1).is_some() => relative,
                _ => address,
            };
            value.copy_from_slice(&(address as usize).to_ne_bytes());
            let load = self.segment_of(address, 1)?;
            if !loads.iter().any(|other| std::ptr::eq(*other, load)) {
                loads.push(load);
            }
        }
        let total: u64 = loads.iter().map(|load| load.p_filesz as u64).sum();
        if total > LARGEST {
            return None;
        }
        copy.add(elf::PT_DYNAMIC, dynamic.p_vaddr as u64, &entries, 8);
        for load in loads {
            let bytes = self.at(load.p_vaddr as u64, load.p_filesz as u64)?;
            copy.add(elf::PT_LOAD, load.p_vaddr as u64, bytes, 8);
        }
        for note in self.of_kind(libc::PT_NOTE) {
            if let Some(bytes) = self.at(note.p_vaddr as u64, note.p_memsz as u64) {
                copy.add(elf::PT_NOTE, note.p_vaddr as u64, bytes, note.p_align as u64);
            }
        }
        Some(copy)
    }
}

impl Copy {
    fn add(&mut self, kind: u32, address: u64, bytes: &[u8], align: u64) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let (offset, file_size) = (self.bytes.len() as u64, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        self.segments.push(Segment { kind, offset, address, file_size, align });
    }
}

/// Whether an entry of the dynamic segment is used here and is an address.
fn is_pointer(tag: u32) -> bool {
    matches!(
        tag,
        elf::DT_SYMTAB
            | elf::DT_STRTAB
            | elf::DT_HASH
            | elf::DT_GNU_HASH
            | elf::DT_VERSYM
            | elf::DT_VERDEF
            | elf::DT_VERNEED
    )
}
