//! Slim type information that the loader maps: the note gets its own segment.

use std::borrow::Cow;

use object::elf;

use super::bytes::fixed;
use super::elf_bytes::{malformed, unsupported, ElfForm, SectionHeader};
use super::embed::{find_note, Pieces, Prepared};
use crate::error::Result;

/// A program header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ProgramHeader {
    pub kind: u64,
    pub flags: u64,
    pub offset: u64,
    pub address: u64,
    pub physical: u64,
    pub file_size: u64,
    pub size: u64,
    pub align: u64,
}

/// The smallest page of any machine that Linux runs on, in bytes.
const PAGE: u64 = 4096;
/// The largest number of zero bytes that are put in front of the segment.
const MOST_PADDING: u64 = 65536;

/// Adds `note` to the file in a section that is loaded. The section is in a read-only segment after all others, and
/// has its own PT_NOTE. The note can be read from memory. Tools that keep the library working also keep the note;
/// `llvm-strip --strip-all` is one of them. An earlier note is replaced.
///
/// The program headers move into the new segment, because there is no room for more of them at their old place. A
/// PT_PHDR states their address in memory. Without it, glibc takes them from the first segment that maps their page
/// of the file. That segment may be the end of the data, and glibc clears the rest of that page for .bss. Where it takes
/// no more than 64 KiB of zero bytes, the segment has the same offset in the file as address in memory: patchelf moves the
/// program headers back to the start of the file, and computes their address from this difference.
///
/// Use this at the end of a build. After GNU strip and objcopy the library still works, but its PT_NOTE is wrong, and
/// the note can be found by its section only. If eu-strip has something to remove, it overwrites the program headers,
/// and the loader refuses the library.
///
/// Errors: those of [`embed`](super::embed); `Unsupported`: the file has no program headers, or is a program or a
/// dynamic linker.
pub fn embed_allocated<'f>(file: &'f [u8], note: &[u8]) -> Result<Pieces<'f>> {
    let mut opened = Prepared::of(file)?;
    let form = opened.form;
    let mut segments = form.segments(&opened.file)?;
    if is_started(&opened.file, form, &segments)? {
        return Err(unsupported(
            "a program or a dynamic linker looks for its program headers where the linker put them",
        ));
    }
    segments.retain(|segment| !is_headers(segment));
    let loads = segments.iter().filter(|segment| is_load(segment));
    let Some(end) = loads.clone().map(|load| load.address.saturating_add(load.size)).max() else {
        return Err(unsupported("the file has no segments: it is not for the loader"));
    };
    let page = loads.map(|load| load.align).max().unwrap_or(PAGE).max(PAGE);
    let no_room = || malformed("the segments leave no room in memory");
    // One page is left free, because GNU strip moves the start of the segment towards the segment before it.
    let free = end.checked_next_multiple_of(page).and_then(|free| free.checked_add(page));
    let free = free.ok_or_else(no_room)?;

    let mut out = opened.pieces();
    let length = out.len() as u64;
    let both = free.max(length).checked_next_multiple_of(page);
    let both = both.filter(|both| both - length <= MOST_PADDING);
    out.pad(both.map_or(8, |both| both as usize));
    let start = out.len() as u64;
    let count = segments.len() + 3;
    let table_size = (count * form.program_header()) as u64;
    // Eight zero bytes precede the program headers. llvm-objcopy places a segment by the first segment that begins at
    // the same offset, and that must be the PT_LOAD. The note comes last, because libelf fills the bytes between our
    // section and a later section that has moved.
    let table = start + 8;
    let note_at = table + table_size;
    let size = note_at - start + note.len() as u64;
    let address = both
        .or_else(|| free.checked_add(start % page))
        .filter(|address| address.checked_add(size).is_some_and(|end| end <= form.largest()))
        .ok_or_else(no_room)?;
    if count >= usize::from(elf::PN_XNUM) {
        return Err(unsupported("the file has as many segments as the ELF header can count"));
    }
    let load = ProgramHeader {
        kind: u64::from(elf::PT_LOAD),
        flags: u64::from(elf::PF_R),
        offset: start,
        address,
        physical: address,
        file_size: size,
        size,
        align: page,
    };
    let placed = ProgramHeader {
        kind: u64::from(elf::PT_NOTE),
        offset: note_at,
        address: address + (note_at - start),
        physical: address + (note_at - start),
        file_size: note.len() as u64,
        size: note.len() as u64,
        align: 4,
        ..load
    };
    let headers = ProgramHeader {
        kind: u64::from(elf::PT_PHDR),
        offset: table,
        address: address + (table - start),
        physical: address + (table - start),
        file_size: table_size,
        size: table_size,
        align: form.word() as u64,
        ..load
    };
    // The loader expects the headers' own entry first, and the segments that it loads in the order of their addresses.
    let last = segments.iter().rposition(is_load);
    segments.insert(last.map_or(0, |last| last + 1), load);
    segments.insert(0, headers);
    segments.push(placed);
    out.tail.extend([0; 8]);
    for segment in &segments {
        form.put_segment(segment, &mut out.tail);
    }
    out.tail.extend(note);
    form.set(&mut out.header, form.program_headers_at(), table);
    form.set(&mut out.header, form.program_header_count(), count as u64);

    let section = SectionHeader {
        flags: u64::from(elf::SHF_ALLOC),
        address: placed.address,
        offset: note_at,
        size: note.len() as u64,
        ..SectionHeader::default()
    };
    opened.finish(out, section)
}

/// The file without the segments of an earlier note that is loaded. The program headers are used at their original
/// place again, because nothing was written there. The section stays, but is no longer loaded.
///
/// Errors: `MalformedElf`; `Unsupported`: another tool has changed the program headers since the note was added.
pub(super) fn without(file: &[u8], form: ElfForm) -> Result<Cow<'_, [u8]>> {
    let sections = form.sections(file)?;
    let names = form.get(file, form.names())? as usize;
    let texts = sections.get(names).map_or(Ok(&[][..]), |names| names.bytes(file))?;
    let Some(ours) = find_note(texts, &sections) else { return Ok(Cow::Borrowed(file)) };
    let Some(section) = sections.get(ours).filter(|section| section.flags != 0) else {
        return Ok(Cow::Borrowed(file));
    };
    let mut out = file.to_vec();
    let changed = || unsupported("the program headers were changed since the note was put in");
    let mut segments = form.segments(file)?;
    let is_note = |segment: &ProgramHeader| {
        segment.kind == u64::from(elf::PT_NOTE) && segment.address == section.address
    };
    let has_note = |segment: &ProgramHeader| {
        is_load(segment)
            && section.address.checked_sub(segment.address).is_some_and(|at| at < segment.size)
    };
    let before = segments.len();
    segments.retain(|segment| !is_note(segment) && !has_note(segment) && !is_headers(segment));
    if segments.len() + 3 != before {
        return Err(changed());
    }
    let first = form.file_header();
    form.set(&mut out, form.program_headers_at(), first as u64);
    form.set(&mut out, form.program_header_count(), segments.len() as u64);
    // One more, if it had a PT_PHDR of its own, which comes first.
    let count = segments.len() + usize::from(form.segments(&out)?.iter().any(is_headers));
    form.set(&mut out, form.program_header_count(), count as u64);
    let mut old = form.segments(&out)?;
    old.retain(|segment| !is_headers(segment));
    if old != segments {
        return Err(changed());
    }
    let table = form.get(file, form.section_headers_at())? as usize;
    let header = table + ours * form.section_header();
    let mut bytes = Vec::new();
    form.put_section(&SectionHeader { flags: 0, address: 0, ..*section }, &mut bytes);
    if let Some(place) = out.get_mut(header..header + bytes.len()) {
        place.copy_from_slice(&bytes);
    }
    Ok(Cow::Owned(out))
}

fn is_load(segment: &ProgramHeader) -> bool {
    segment.kind == u64::from(elf::PT_LOAD)
}

fn is_headers(segment: &ProgramHeader) -> bool {
    segment.kind == u64::from(elf::PT_PHDR)
}

/// Whether the kernel starts the file: it is a program or a dynamic linker. Linux before 5.18 computes the address of
/// a program's headers as if the first segment mapped the whole file. A dynamic linker looks for its own headers at
/// that address. A library that can also be started, such as glibc's libc.so.6, has a DT_SONAME and does not count.
fn is_started(file: &[u8], form: ElfForm, segments: &[ProgramHeader]) -> Result<bool> {
    let (kind, entry) = (form.get(file, (16, 2))?, form.get(file, (24, form.word()))?);
    let of_kind = |kind: u32| segments.iter().find(|segment| segment.kind == u64::from(kind));
    let dynamic = of_kind(elf::PT_DYNAMIC).map_or((0, 0), |found| (found.offset, found.file_size));
    let dynamic = SectionHeader { offset: dynamic.0, size: dynamic.1, ..SectionHeader::default() };
    let (mut has_name, mut needs_others) = (false, false);
    for entry in dynamic.bytes(file)?.chunks_exact(2 * form.word()) {
        match form.get(entry, (0, form.word()))? as u32 {
            elf::DT_NULL => break,
            elf::DT_SONAME => has_name = true,
            elf::DT_NEEDED => needs_others = true,
            _ => {}
        }
    }
    Ok(kind != u64::from(elf::ET_DYN)
        || match of_kind(elf::PT_INTERP) {
            Some(_) => !has_name,
            None => entry != 0 && !needs_others,
        })
}

impl ElfForm {
    fn program_header(self) -> usize {
        if self.is_64 {
            56
        } else {
            32
        }
    }

    /// The largest address and offset.
    fn largest(self) -> u64 {
        if self.is_64 {
            u64::MAX
        } else {
            u64::from(u32::MAX)
        }
    }

    /// The offset and size of each field of a program header: type, flags, offset, address, physical address, size in
    /// the file, size in memory, alignment.
    fn segment_fields(self) -> [(usize, usize); 8] {
        if self.is_64 {
            [(0, 4), (4, 4), (8, 8), (16, 8), (24, 8), (32, 8), (40, 8), (48, 8)]
        } else {
            [(0, 4), (24, 4), (4, 4), (8, 4), (12, 4), (16, 4), (20, 4), (28, 4)]
        }
    }

    pub(super) fn segments(self, file: &[u8]) -> Result<Vec<ProgramHeader>> {
        let at = self.get(file, self.program_headers_at())?;
        let count = self.get(file, self.program_header_count())? as usize;
        let size = self.get(file, self.program_header_size())? as usize;
        if count > 0 && size != self.program_header() {
            return Err(malformed("the program headers do not have the size of the file's class"));
        }
        let headers = usize::try_from(at).ok().and_then(|at| file.get(at..));
        let headers = headers.and_then(|rest| rest.get(..size * count));
        let headers =
            headers.ok_or_else(|| malformed("the program headers lie outside of the file"))?;
        let read = |header: &[u8]| -> Result<ProgramHeader> {
            let mut fields = [0; 8];
            for (number, field) in fields.iter_mut().zip(self.segment_fields()) {
                *number = self.get(header, field)?;
            }
            let [kind, flags, offset, address, physical, file_size, size, align] = fields;
            Ok(ProgramHeader { kind, flags, offset, address, physical, file_size, size, align })
        };
        headers.chunks_exact(self.program_header()).map(read).collect()
    }

    pub(super) fn put_segment(self, segment: &ProgramHeader, bytes: &mut Vec<u8>) {
        let s = segment;
        let numbers =
            [s.kind, s.flags, s.offset, s.address, s.physical, s.file_size, s.size, s.align];
        let mut fields: Vec<_> = numbers.into_iter().zip(self.segment_fields()).collect();
        fields.sort_by_key(|(_, (at, _))| *at);
        for (number, (_, size)) in fields {
            fixed(number, size, self.little_endian, bytes);
        }
    }
}
