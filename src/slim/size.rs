//! Where the bytes of slim type information are.

use std::collections::BTreeMap;

use super::Slim;
use crate::error::{Error, ErrorKind, Result};

/// What entries of one tag take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many there are.
    pub entries: usize,
    /// Their bytes in `.debug_info`, without those of their children.
    pub bytes: usize,
    /// What of these are names that stand in the entries themselves.
    pub names: usize,
}

impl Slim {
    /// What the entries of each tag take in `.debug_info`, by the tag's name (`DW_TAG_member`); the ends of lists of children are
    /// counted as `null`.
    ///
    /// Errors: `Internal`: the bytes cannot be read back, which is a defect.
    pub fn shares(&self) -> Result<BTreeMap<String, Share>> {
        let endian = match self.little_endian {
            true => gimli::RunTimeEndian::Little,
            false => gimli::RunTimeEndian::Big,
        };
        self.read_back(endian).map_err(|error| {
            Error::new(ErrorKind::Internal, "what was made cannot be read").caused_by(error)
        })
    }

    fn read_back(&self, endian: gimli::RunTimeEndian) -> gimli::Result<BTreeMap<String, Share>> {
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
                if let Some(abbreviation) = entries.read_abbreviation()? {
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
        Ok(shares)
    }
}
