//! Adds slim type information to an ELF file as one more section. Nothing else changes.

use std::borrow::Cow;

use object::elf;

use super::elf_bytes::{malformed, unsupported, ElfForm, SectionHeader};
use crate::error::Result;
use crate::note_format::SECTION;

/// Adds `note` to the file in its own section, which is not loaded. An earlier note is replaced.
///
/// Everything before the table of section names keeps its position and content. That table, the note and the section
/// headers come last. The same note always makes the same file, whether or not the file had a note before.
///
/// Errors: `NotElf`; `MalformedElf`; `Unsupported`: the file has no section headers, or has data after everything
/// that its headers describe.
pub fn embed<'f>(file: &'f [u8], note: &[u8]) -> Result<Pieces<'f>> {
    let mut opened = Prepared::of(file)?;
    let mut out = opened.pieces();
    out.pad(4);
    let (offset, size) = (out.len() as u64, note.len() as u64);
    out.tail.extend(note);
    opened.finish(out, SectionHeader { offset, size, ..SectionHeader::default() })
}

/// A file that is about to get a note. The segments of an earlier, loaded note have been removed.
pub(super) struct Prepared<'f> {
    pub form: ElfForm,
    pub file: Cow<'f, [u8]>,
    /// The number of bytes at the start of the file that stay.
    kept: usize,
    sections: Vec<SectionHeader>,
    /// The index and the content of the section with the names of sections.
    names: usize,
    texts: Vec<u8>,
    /// The index of the section with an earlier note.
    ours: Option<usize>,
}

impl<'f> Prepared<'f> {
    pub(super) fn of(file: &'f [u8]) -> Result<Prepared<'f>> {
        let form = ElfForm::of(file)?;
        let file = super::allocate::without(file, form)?;
        let sections = form.sections(&file)?;
        let names = form.get(&file, form.names())? as usize;
        let section = sections.get(names).ok_or_else(|| malformed("no section has the names"))?;
        let texts = section.bytes(&file)?.to_vec();
        let ours = find_note(&texts, &sections);
        let kept = kept(&file, form, &sections, &[Some(names), ours])?;
        Ok(Prepared { form, file, kept, sections, names, texts, ours })
    }

    /// Takes the file, and returns the part of it that stays.
    pub(super) fn pieces(&mut self) -> Pieces<'f> {
        Pieces::of(std::mem::take(&mut self.file), self.form, self.kept)
    }

    /// Appends the names and the headers of the sections. `section` is the header of the note, which is already in
    /// `out`. It states the position, size and flags.
    pub(super) fn finish(
        mut self,
        mut out: Pieces<'f>,
        section: SectionHeader,
    ) -> Result<Pieces<'f>> {
        let section = SectionHeader {
            name: name_in(&mut self.texts, SECTION),
            kind: u64::from(elf::SHT_NOTE),
            align: 4,
            ..section
        };
        match self.ours.and_then(|ours| self.sections.get_mut(ours)) {
            Some(old) => *old = section,
            None => self.sections.push(section),
        }
        if let Some(names) = self.sections.get_mut(self.names) {
            names.offset = out.len() as u64;
            names.size = self.texts.len() as u64;
        }
        out.tail.extend(&self.texts);
        finish(self.form, out, &self.sections)
    }
}

/// A file that consists of the beginning of another file and new data.
#[derive(Debug, PartialEq, Eq)]
pub struct Pieces<'f> {
    /// The ELF header.
    pub header: Vec<u8>,
    /// The part after the header that is copied without change.
    pub kept: Cow<'f, [u8]>,
    /// The new data at the end.
    pub tail: Vec<u8>,
}

impl<'f> Pieces<'f> {
    /// The first `kept` bytes of a file.
    pub(super) fn of(file: Cow<'f, [u8]>, form: ElfForm, kept: usize) -> Pieces<'f> {
        let first = form.file_header();
        let header = file.get(..first).unwrap_or_default().to_vec();
        let kept = match file {
            Cow::Borrowed(file) => Cow::Borrowed(file.get(first..kept).unwrap_or_default()),
            Cow::Owned(file) => Cow::Owned(file.get(first..kept).unwrap_or_default().to_vec()),
        };
        Pieces { header, kept, tail: Vec::new() }
    }

    /// The pieces in file order.
    pub fn parts(&self) -> [&[u8]; 3] {
        [&self.header, &self.kept, &self.tail]
    }

    /// The file as one vector.
    pub fn to_vec(&self) -> Vec<u8> {
        self.parts().concat()
    }

    /// Whether `file` has exactly these bytes.
    pub fn is(&self, file: &[u8]) -> bool {
        let mut rest = Some(file);
        for part in self.parts() {
            rest = rest.and_then(|rest| rest.strip_prefix(part));
        }
        rest.is_some_and(<[u8]>::is_empty)
    }

    /// The total size in bytes.
    pub(super) fn len(&self) -> usize {
        self.header.len() + self.kept.len() + self.tail.len()
    }

    /// Appends zeros up to a multiple of `align` bytes.
    pub(super) fn pad(&mut self, align: usize) {
        let more = self.len().next_multiple_of(align) - self.len();
        self.tail.resize(self.tail.len() + more, 0);
    }
}

/// The index of the section with an earlier note.
pub(super) fn find_note(texts: &[u8], sections: &[SectionHeader]) -> Option<usize> {
    sections.iter().position(|section| is_called(texts, section, SECTION))
}

/// Appends the section headers.
pub(super) fn finish<'f>(
    form: ElfForm,
    mut out: Pieces<'f>,
    sections: &[SectionHeader],
) -> Result<Pieces<'f>> {
    if sections.len() >= usize::from(elf::SHN_LORESERVE) {
        return Err(unsupported("the file has as many sections as the ELF header can count"));
    }
    out.pad(form.word());
    let at = out.len() as u64;
    for section in sections {
        form.put_section(section, &mut out.tail);
    }
    form.set(&mut out.header, form.section_headers_at(), at);
    form.set(&mut out.header, form.section_count(), sections.len() as u64);
    Ok(out)
}

/// The number of bytes at the start of the file that stay: everything except the section headers and the sections in
/// `moved`, if these are at the end.
fn kept(
    file: &[u8],
    form: ElfForm,
    sections: &[SectionHeader],
    moved: &[Option<usize>],
) -> Result<usize> {
    let table = form.get(file, form.section_headers_at())?;
    let table_end = table.saturating_add((sections.len() * form.section_header()) as u64);
    let mut kept = form.file_header() as u64;
    let (programs, size, count) = (
        form.get(file, form.program_headers_at())?,
        form.get(file, form.program_header_size())?,
        form.get(file, form.program_header_count())?,
    );
    kept = kept.max(programs.saturating_add(size * count));
    for number in 0..count {
        let header = usize::try_from(programs.saturating_add(number * size)).unwrap_or(usize::MAX);
        let header = file.get(header..).unwrap_or_default();
        let word = form.word();
        // p_offset and p_filesz.
        let (offset, filled) = if form.is_64 { ((8, 8), (32, 8)) } else { ((4, word), (16, word)) };
        let end = form.get(header, offset)?.saturating_add(form.get(header, filled)?);
        kept = kept.max(end);
    }
    let mut all = kept.max(table_end);
    for (index, section) in sections.iter().enumerate() {
        all = all.max(section.end());
        if !moved.contains(&Some(index)) {
            kept = kept.max(section.end());
        }
    }
    // Old copies that lie between other sections stay in the file, but nothing refers to them.
    let old = moved.iter().flatten().filter_map(|index| sections.get(*index));
    let old = old.map(|section| (section.offset, section.end())).chain([(table, table_end)]);
    for (start, end) in old {
        if start < kept {
            kept = kept.max(end);
        }
    }
    match file.len() as u64 {
        size if size < all => Err(malformed("the file is shorter than its headers say")),
        // Up to 7 zero bytes at the end are padding.
        size if size - all >= 8 || file.iter().skip(all as usize).any(|byte| *byte != 0) => {
            Err(unsupported("the file has data after everything that its headers describe"))
        }
        _ => Ok(kept as usize),
    }
}

/// The offset of a name in the table of names. The name may be the end of another one. It is appended if it is
/// missing.
pub(super) fn name_in(texts: &mut Vec<u8>, name: &str) -> u64 {
    let wanted: Vec<u8> = name.bytes().chain([0]).collect();
    let found = texts.windows(wanted.len()).position(|window| window == wanted);
    let at = found.unwrap_or(texts.len());
    if found.is_none() {
        texts.extend(&wanted);
    }
    at as u64
}

pub(super) fn text_at(texts: &[u8], offset: u64) -> &[u8] {
    let rest = usize::try_from(offset).ok().and_then(|at| texts.get(at..)).unwrap_or_default();
    rest.split(|byte| *byte == 0).next().unwrap_or_default()
}

pub(super) fn is_called(texts: &[u8], section: &SectionHeader, name: &str) -> bool {
    section.kind != u64::from(elf::SHT_NULL) && text_at(texts, section.name) == name.as_bytes()
}
