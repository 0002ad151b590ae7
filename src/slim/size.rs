//! How many bytes each part of slim type information takes.

use std::collections::BTreeMap;

use super::Slim;
use crate::error::{Error, ErrorKind, Result};
use crate::library::Library;

/// The space that the entries of one tag take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The number of entries.
    pub entries: usize,
    /// Their bytes in `.debug_info`, without the bytes of their children.
    pub bytes: usize,
    /// The part of these bytes that are names stored in the entries themselves.
    pub names: usize,
}

impl Slim {
    /// The slim type information that a library was opened with. `None`: it was opened with its full debug
    /// information.
    ///
    /// Errors: those of reading the note.
    pub fn of(library: &Library) -> Result<Option<Slim>> {
        let Some(file) = &library.files().slim else { return Ok(None) };
        let Some(note) = file.type_note()? else { return Ok(None) };
        let body = note.verified_body().map_err(|error| error.in_file(file.path()))?.into_owned();
        let index = body.get(note.part(4)).unwrap_or_default();
        let is_known = |entry: &[u8]| entry.iter().any(|byte| *byte > 0);
        let described = index.chunks_exact(note.width).filter(|entry| is_known(entry));
        let mangled = super::mangled_without(library, |number| {
            let entry = number.checked_sub(note.first);
            entry
                .and_then(|entry| index.chunks_exact(note.width).nth(entry as usize))
                .is_some_and(is_known)
        })?;
        let [abbrev, info, str_offsets, str] = note.sizes;
        let mut slim = Slim {
            described: described.count(),
            exports: library.exports()?.len(),
            mangled,
            types: 0,
            sizes: [abbrev, info, str_offsets, str, index.len()],
            little_endian: file.target().little_endian,
            header: note.header.to_vec(),
            body,
        };
        slim.types = slim.read()?.0;
        Ok(Some(slim))
    }

    /// The space that the entries of each tag take in `.debug_info`, by the name of the tag (`DW_TAG_member`). The
    /// ends of lists of children are counted as `null`.
    ///
    /// Errors: `MalformedDwarf`.
    pub fn shares(&self) -> Result<BTreeMap<String, Share>> {
        Ok(self.read()?.1)
    }

    /// The number of top-level entries, and the shares of all tags.
    fn read(&self) -> Result<(usize, BTreeMap<String, Share>)> {
        let endian = if self.little_endian {
            gimli::RunTimeEndian::Little
        } else {
            gimli::RunTimeEndian::Big
        };
        self.read_back(endian).map_err(|error| {
            Error::new(ErrorKind::MalformedDwarf, "the unit cannot be read").caused_by(error)
        })
    }

    fn read_back(
        &self,
        endian: gimli::RunTimeEndian,
    ) -> gimli::Result<(usize, BTreeMap<String, Share>)> {
        let (mut top, mut depth) = (0, 0_isize);
        let [abbrev, info, ..] = self.sizes;
        let part = |range: std::ops::Range<usize>| self.body.get(range).unwrap_or_default();
        let abbreviations = gimli::DebugAbbrev::new(part(0..abbrev), endian);
        let info = gimli::DebugInfo::new(part(abbrev..abbrev + info), endian);
        let mut shares: BTreeMap<String, Share> = BTreeMap::new();
        let mut units = info.units();
        while let Some(unit) = units.next()? {
            let abbreviations = unit.abbreviations(&abbreviations)?;
            let mut entries = unit.entries_raw(&abbreviations, None)?;
            while !entries.is_empty() {
                let start = entries.next_offset().0;
                let (mut tag, mut names) = ("null".to_owned(), 0);
                let abbreviation = entries.read_abbreviation()?;
                top += usize::from(depth == 1 && abbreviation.is_some());
                depth += match abbreviation {
                    Some(abbreviation) => isize::from(abbreviation.has_children()),
                    None => -1,
                };
                if let Some(abbreviation) = abbreviation {
                    tag = abbreviation.tag().to_string();
                    for &specification in abbreviation.attributes() {
                        let attribute = entries.read_attribute(specification)?;
                        if let gimli::AttributeValue::String(text) = attribute.raw_value() {
                            names += text.len() + 1;
                        }
                    }
                }
                let share = shares.entry(tag).or_default();
                share.entries += 1;
                share.bytes += entries.next_offset().0 - start;
                share.names += names;
            }
        }
        Ok((top, shares))
    }
}
