//! The abbreviations of a unit. They have what entries have in common, and are chosen to make the unit as small as
//! possible.

use foldhash::{HashMap, HashMapExt};

use gimli::constants::{self as dw, DwAt, DwForm, DwTag};

use super::bytes::{sleb, uleb, uleb_size};
use super::entry::{AttributeValue, DieEntry};
use super::strings::{Naming, Strings};

/// What the entries of one abbreviation have in common (DWARF 5 §7.5.3). A number that is part of the abbreviation
/// (DW_FORM_implicit_const) takes no bytes in the entry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Abbreviation {
    tag: u16,
    children: bool,
    attributes: Vec<(u16, u16, Option<i64>)>,
}

/// The abbreviations that were chosen for a set of entries.
pub(super) struct Abbreviations {
    /// For the shape of an entry, numbers included: the code of its abbreviation, and whether the numbers are part of
    /// it.
    codes: HashMap<Abbreviation, (u32, bool)>,
    /// `.debug_abbrev`.
    pub bytes: Vec<u8>,
}

/// The limit on the number of abbreviations. It does not limit the general ones, which have no numbers in them. Each
/// abbreviation costs time whenever the unit is read, and codes up to 127 take one byte.
const SHORT: usize = 64;

impl Abbreviations {
    /// Chooses the abbreviations for `entries`. Numbers that repeat often enough get an abbreviation of their own.
    pub fn of<'t>(
        entries: impl Iterator<Item = &'t DieEntry<'t>>,
        strings: &Strings<'_>,
    ) -> Abbreviations {
        let mut uses: HashMap<Abbreviation, usize> = HashMap::new();
        for entry in entries {
            entry.each(&mut |entry| *uses.entry(shape(entry, strings)).or_default() += 1);
        }
        let mut general: HashMap<Abbreviation, usize> = HashMap::new();
        for (shape, uses) in &uses {
            *general.entry(shape.general()).or_default() += uses;
        }
        let gain = |shape: &Abbreviation, uses: usize| shape.saved() * uses as isize - shape.size();
        let mut special: Vec<(isize, &Abbreviation, usize)> = uses
            .iter()
            .map(|(shape, uses)| (gain(shape, *uses), shape, *uses))
            .filter(|(gain, shape, _)| *gain > 0 && shape.has_numbers())
            .collect();
        special.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        special.truncate(SHORT.saturating_sub(general.len()));
        let mut chosen: Vec<(Abbreviation, usize)> = Vec::new();
        for (_, shape, uses) in special {
            if let Some(all) = general.get_mut(&shape.general()) {
                *all -= uses;
            }
            chosen.push((shape.clone(), uses));
        }
        chosen.extend(general.into_iter().filter(|(_, uses)| *uses > 0));
        chosen.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut bytes = Vec::new();
        let mut numbers: HashMap<&Abbreviation, u32> = HashMap::new();
        for ((shape, _), code) in chosen.iter().zip(1..) {
            shape.write(code, &mut bytes);
            numbers.insert(shape, code);
        }
        bytes.push(0);
        let code = |shape: &Abbreviation| match numbers.get(shape) {
            Some(code) => (*code, true),
            None => (numbers.get(&shape.general()).copied().unwrap_or(0), false),
        };
        let codes = uses.into_keys().map(|shape| (shape.clone(), code(&shape))).collect();
        Abbreviations { codes, bytes }
    }

    /// The code of an entry's abbreviation, and whether the entry's numbers are part of it.
    pub fn code(&self, entry: &DieEntry<'_>, strings: &Strings<'_>) -> (u32, bool) {
        self.codes.get(&shape(entry, strings)).copied().unwrap_or((0, false))
    }
}

/// The form of an attribute.
pub(super) fn form(value: &AttributeValue<'_>, strings: &Strings<'_>) -> DwForm {
    match value {
        AttributeValue::Flag => dw::DW_FORM_flag_present,
        AttributeValue::Number(_) => dw::DW_FORM_udata,
        AttributeValue::Signed(_) => dw::DW_FORM_sdata,
        AttributeValue::Wide(_) => dw::DW_FORM_block1,
        AttributeValue::Text(text) if strings.number(text).is_some() => match strings.naming {
            Naming::ByNumber => dw::DW_FORM_strx,
            Naming::ByOffset => dw::DW_FORM_strp,
        },
        AttributeValue::Text(_) => dw::DW_FORM_string,
        AttributeValue::SourceFile(_) => dw::DW_FORM_strp,
        AttributeValue::DieEntry(_) => dw::DW_FORM_ref_udata,
        AttributeValue::SectionHeader(_) => dw::DW_FORM_sec_offset,
        AttributeValue::Address(_) => dw::DW_FORM_addr,
        AttributeValue::At(_) => dw::DW_FORM_exprloc,
    }
}

/// The abbreviation of an entry if its numbers are part of it.
fn shape(entry: &DieEntry<'_>, strings: &Strings<'_>) -> Abbreviation {
    let attributes = entry.attributes.iter().map(|(name, value)| {
        let number = match value {
            AttributeValue::Number(number) => i64::try_from(*number).ok(),
            AttributeValue::Signed(number) => Some(*number),
            _ => None,
        };
        let form = match number {
            Some(_) => dw::DW_FORM_implicit_const,
            None => form(value, strings),
        };
        (name.0, form.0, number)
    });
    Abbreviation {
        tag: entry.tag.0,
        // All other entries are the unit's children.
        children: !entry.children.is_empty() || entry.tag == dw::DW_TAG_compile_unit,
        attributes: attributes.collect(),
    }
}

impl Abbreviation {
    /// The number of bytes that each entry saves because the numbers are part of the abbreviation.
    fn saved(&self) -> isize {
        let numbers = self.attributes.iter().filter_map(|(_, _, number)| *number);
        numbers.map(|number| uleb_size(number.unsigned_abs()) as isize).sum()
    }

    fn has_numbers(&self) -> bool {
        self.attributes.iter().any(|(_, _, number)| number.is_some())
    }

    /// The size of the abbreviation in bytes.
    fn size(&self) -> isize {
        let mut bytes = Vec::new();
        self.write(1, &mut bytes);
        bytes.len() as isize
    }

    fn general(&self) -> Abbreviation {
        let mut shape = self.clone();
        for (_, form, number) in &mut shape.attributes {
            if let Some(number) = number.take() {
                *form = if number < 0 { dw::DW_FORM_sdata.0 } else { dw::DW_FORM_udata.0 };
            }
        }
        shape
    }

    fn write(&self, code: u32, bytes: &mut Vec<u8>) {
        uleb(u64::from(code), bytes);
        uleb(u64::from(DwTag(self.tag).0), bytes);
        bytes.push(u8::from(self.children));
        for (name, form, number) in &self.attributes {
            uleb(u64::from(DwAt(*name).0), bytes);
            uleb(u64::from(*form), bytes);
            if let Some(number) = number {
                sleb(*number, bytes);
            }
        }
        bytes.extend([0, 0]);
    }
}
