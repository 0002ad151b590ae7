//! New ELF files with types beside a library: its side file and its separate debug file.

use std::borrow::Cow;

use object::elf;

use super::allocate::ProgramHeader;
use super::elf_bytes::{malformed, ElfForm, SectionHeader};
use super::embed::{finish, is_called, name_in, text_at, Pieces};
use crate::error::Result;
use crate::note_format::SECTION;

/// A side file: a file that consists of `note` and the build-id of the library.
///
/// Errors: `NotElf`, `MalformedElf` (the library).
pub fn side_file(library: &[u8], build_id: &[u8], note: &[u8]) -> Result<Vec<u8>> {
    let form = ElfForm::of(library)?;
    let mut builder = FileBuilder::new(library, form);
    builder.add(BUILD_ID, elf::SHT_NOTE, build_id_note(form, build_id), 4);
    builder.add(SECTION, elf::SHT_NOTE, note.to_vec(), 4);
    builder.finish()
}

/// A file with these sections, the build-id of the library, its symbols, and the addresses of its sections in memory.
/// Tools accept it as the separate debug file of the library.
///
/// Errors: `NotElf`, `MalformedElf` (the library).
pub fn debug_file(
    library: &[u8],
    build_id: Option<&[u8]>,
    sections: &[(&str, Vec<u8>)],
) -> Result<Vec<u8>> {
    let form = ElfForm::of(library)?;
    let mut builder = FileBuilder::new(library, form);
    builder.add_segments(library)?;
    let theirs = form.sections(library)?;
    let names = form.get(library, form.names())? as usize;
    let texts = theirs.get(names).map_or(Ok(&[][..]), |names| names.bytes(library))?;
    // The section numbers in the new file for each section of the library. The symbols refer to them.
    let mut numbers = vec![0_u64; theirs.len()];
    for (section, number) in theirs.iter().zip(&mut numbers) {
        let in_memory = section.flags & u64::from(elf::SHF_ALLOC) != 0;
        if in_memory && !is_called(texts, section, BUILD_ID) {
            *number = builder.sections.len() as u64;
            let name = text_at(texts, section.name);
            builder.add_header(
                name,
                SectionHeader { kind: u64::from(elf::SHT_NOBITS), link: 0, info: 0, ..*section },
            );
        }
    }
    if let Some(id) = build_id {
        builder.add(BUILD_ID, elf::SHT_NOTE, build_id_note(form, id), 4);
    }
    for (name, bytes) in sections {
        builder.add(name, elf::SHT_PROGBITS, bytes.clone(), 1);
    }
    let dynsym = theirs.iter().find(|section| section.kind == u64::from(elf::SHT_DYNSYM));
    if let Some(dynsym) = dynsym {
        let strings = theirs.get(dynsym.link as usize).ok_or_else(|| malformed("no names"))?;
        let size = if form.is_64 { 24 } else { 16 };
        let number_at = if form.is_64 { (6, 2) } else { (14, 2) };
        let mut symbols = dynsym.bytes(library)?.to_vec();
        for symbol in symbols.chunks_exact_mut(size) {
            let number = form.get(symbol, number_at)?;
            if let Some(own) = numbers.get(number as usize) {
                form.set(symbol, number_at, *own);
            }
        }
        builder.add(".strtab", elf::SHT_STRTAB, strings.bytes(library)?.to_vec(), 1);
        let link = builder.sections.len() as u64 - 1;
        builder.add(".symtab", elf::SHT_SYMTAB, symbols, form.word());
        if let Some(section) = builder.sections.last_mut() {
            (section.link, section.info, section.entry_size) = (link, dynsym.info, size as u64);
        }
    }
    builder.finish()
}

const BUILD_ID: &str = ".note.gnu.build-id";

fn build_id_note(form: ElfForm, id: &[u8]) -> Vec<u8> {
    let mut note = vec![0; 12];
    form.set(&mut note, (0, 4), 4);
    form.set(&mut note, (4, 4), id.len() as u64);
    form.set(&mut note, (8, 4), u64::from(elf::NT_GNU_BUILD_ID));
    note.extend(b"GNU\0");
    note.extend(id);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

/// Builds a new file for the machine of another file.
struct FileBuilder {
    form: ElfForm,
    out: Pieces<'static>,
    sections: Vec<SectionHeader>,
    texts: Vec<u8>,
}

impl FileBuilder {
    fn new(library: &[u8], form: ElfForm) -> FileBuilder {
        let mut header = library.get(..form.file_header()).unwrap_or_default().to_vec();
        // The new file has no segments and no entry point.
        let entry = (24, form.word());
        form.set(&mut header, entry, 0);
        form.set(&mut header, form.program_headers_at(), 0);
        form.set(&mut header, form.program_header_count(), 0);
        form.set(&mut header, form.section_header_size(), form.section_header() as u64);
        let out = Pieces { header, kept: Cow::Borrowed(&[]), tail: Vec::new() };
        FileBuilder { form, out, sections: vec![SectionHeader::default()], texts: vec![0] }
    }

    /// Adds the program headers of the loaded segments without content, as objcopy --only-keep-debug does. elfutils
    /// and libabigail need them.
    fn add_segments(&mut self, library: &[u8]) -> Result<()> {
        let mut segments = self.form.segments(library)?;
        segments.retain(|segment| segment.kind == u64::from(elf::PT_LOAD));
        if segments.is_empty() {
            return Ok(());
        }
        self.out.pad(self.form.word());
        let at = self.out.len() as u64;
        self.form.set(&mut self.out.header, self.form.program_headers_at(), at);
        let count = self.form.program_header_count();
        self.form.set(&mut self.out.header, count, segments.len() as u64);
        for segment in segments {
            let offset = segment.address.checked_rem(segment.align).unwrap_or(0);
            let segment = ProgramHeader { offset, file_size: 0, ..segment };
            self.form.put_segment(&segment, &mut self.out.tail);
        }
        Ok(())
    }

    fn add(&mut self, name: &str, kind: u32, bytes: Vec<u8>, align: usize) {
        self.out.pad(align);
        let section = SectionHeader {
            kind: u64::from(kind),
            offset: self.out.len() as u64,
            size: bytes.len() as u64,
            align: align as u64,
            ..SectionHeader::default()
        };
        self.add_header(name.as_bytes(), section);
        self.out.tail.extend(bytes);
    }

    fn add_header(&mut self, name: &[u8], section: SectionHeader) {
        let at = self.texts.len() as u64;
        self.texts.extend(name);
        self.texts.push(0);
        let offset = match section.kind as u32 {
            elf::SHT_NOBITS => self.out.len() as u64,
            _ => section.offset,
        };
        self.sections.push(SectionHeader { name: at, offset, ..section });
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        let name = name_in(&mut self.texts, ".shstrtab");
        let section = SectionHeader {
            name,
            kind: u64::from(elf::SHT_STRTAB),
            offset: self.out.len() as u64,
            size: self.texts.len() as u64,
            align: 1,
            ..SectionHeader::default()
        };
        self.form.set(&mut self.out.header, self.form.names(), self.sections.len() as u64);
        self.sections.push(section);
        self.out.tail.extend(&self.texts);
        Ok(finish(self.form, self.out, &self.sections)?.to_vec())
    }
}
