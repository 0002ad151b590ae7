//! Decides which names are stored in the entries themselves, and which are stored once in `.debug_str`.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::entry::{AttributeValue, DieEntry};
use crate::ctype::Name;

/// How entries refer to a name in `.debug_str`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// By index, through `.debug_str_offsets` (DW_FORM_strx).
    ByNumber,
    /// By offset (DW_FORM_strp). This takes more space, but more readers support it: abidw 2.2 aborts at
    /// DW_FORM_strx.
    ByOffset,
}

/// The names in `.debug_str`. All other names are stored in the entries that use them (DW_FORM_string).
pub(super) struct Strings<'t> {
    pub naming: Naming,
    numbers: HashMap<&'t str, u32>,
    /// `.debug_str`.
    pub bytes: Vec<u8>,
    /// The offset of each name in `.debug_str`.
    pub offsets: Vec<u32>,
    /// The offset of each source file in `.debug_str`.
    pub files: Vec<u32>,
}

/// The cost of a shared name besides its text, in bytes: its entry in `.debug_str_offsets`.
const PER_STRING: usize = 4;
/// The number of names whose index takes one byte.
const SHORT: usize = 128;

impl<'t> Strings<'t> {
    /// Stores each name in the way that takes fewer bytes. The names of the entries in `first` are always shared.
    /// Otherwise they would move later entries to larger offsets, and references to those would take more bytes.
    pub fn of(
        entries: &[DieEntry<'t>],
        first: &[&DieEntry<'t>],
        files: &[Name],
        naming: Naming,
    ) -> Strings<'t> {
        let mut early = HashSet::new();
        for (_, value) in first.iter().flat_map(|entry| &entry.attributes) {
            if let AttributeValue::Text(text) = value {
                early.insert(*text);
            }
        }
        let mut uses: HashMap<&'t str, usize> = HashMap::new();
        for entry in entries {
            entry.each(&mut |entry| {
                for (_, value) in &entry.attributes {
                    if let AttributeValue::Text(text) = value {
                        *uses.entry(text).or_default() += 1;
                    }
                }
            });
        }
        let mut shared: Vec<(&'t str, usize)> = uses.into_iter().collect();
        // Sorted by the bytes that all uses of a text would take, then by text, so that the result is always the
        // same.
        shared.sort_by_key(|&(text, uses)| (std::cmp::Reverse(uses * (text.len() + 1)), text));
        let mut short = SHORT;
        shared.retain(|&(text, uses)| {
            let own = text.len() + 1;
            let number = if short > 0 { 1 } else { 2 };
            let shared = uses * own > uses * number + PER_STRING + own || early.contains(text);
            short -= usize::from(shared && short > 0);
            shared
        });
        shared.sort_by_key(|&(text, uses)| (!early.contains(text), std::cmp::Reverse(uses), text));
        let mut strings = Strings {
            naming,
            numbers: HashMap::new(),
            bytes: Vec::new(),
            offsets: Vec::new(),
            files: Vec::new(),
        };
        strings.lay_out(&shared);
        for file in files {
            strings.files.push(strings.bytes.len() as u32);
            strings.bytes.extend_from_slice(file.as_str().as_bytes());
            strings.bytes.push(0);
        }
        strings
    }

    /// Assigns offsets to the texts. A text that is the end of another one is stored inside it.
    fn lay_out(&mut self, shared: &[(&'t str, usize)]) {
        // If the texts are sorted by their reversed characters, a text directly precedes those that end in it.
        let mut order: Vec<usize> = (0..shared.len()).collect();
        let text = |index: &usize| shared.get(*index).map_or("", |(text, _)| text);
        order.sort_by(|a, b| text(a).bytes().rev().cmp(text(b).bytes().rev()));
        self.offsets = vec![0; shared.len()];
        let mut longer: Option<(&str, u32)> = None;
        for index in order.iter().rev() {
            let text = text(index);
            let offset = match longer {
                Some((other, offset)) if other.ends_with(text) => {
                    offset + (other.len() - text.len()) as u32
                }
                _ => {
                    let offset = self.bytes.len() as u32;
                    self.bytes.extend_from_slice(text.as_bytes());
                    self.bytes.push(0);
                    longer = Some((text, offset));
                    offset
                }
            };
            if let Some(place) = self.offsets.get_mut(*index) {
                *place = offset;
            }
        }
        self.numbers = shared.iter().map(|(text, _)| *text).zip(0..).collect();
    }

    /// The index of a shared name.
    pub fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }
}
