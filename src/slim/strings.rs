//! Which names stand in the entries themselves, and which once in `.debug_str`.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::entry::{AttributeValue, DieEntry};

/// How entries refer to a name that stands in `.debug_str`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// By number, through `.debug_str_offsets` (DW_FORM_strx).
    ByNumber,
    /// By offset (DW_FORM_strp). Takes more room, but more readers know it: abidw 2.2 aborts at DW_FORM_strx.
    ByOffset,
}

/// The names that entries refer to; all others stand where they are used (DW_FORM_string).
pub(super) struct Strings<'t> {
    pub naming: Naming,
    numbers: HashMap<&'t str, u32>,
    /// `.debug_str`.
    pub bytes: Vec<u8>,
    /// Where each begins in `.debug_str`.
    pub offsets: Vec<u32>,
}

/// What a shared name costs besides its text: its offset.
const PER_STRING: usize = 4;
/// The names whose number takes one byte.
const SHORT: usize = 128;

impl<'t> Strings<'t> {
    /// Chooses whatever takes fewer bytes. The names of the entries in `first` are shared, because every byte between these is one
    /// more that references to later ones cost.
    pub fn of(entries: &[DieEntry<'t>], first: &[&DieEntry<'t>], naming: Naming) -> Strings<'t> {
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
        // Those that are used most, first; then as dictionaries do, so that the result is the same each time.
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
        let mut strings =
            Strings { naming, numbers: HashMap::new(), bytes: Vec::new(), offsets: Vec::new() };
        strings.lay_out(&shared);
        strings
    }

    /// Places the texts, those that others end in within them.
    fn lay_out(&mut self, shared: &[(&'t str, usize)]) {
        // In the order of the texts read backwards, a text stands right before those that end in it.
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

    /// The number of a shared name.
    pub fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }
}
