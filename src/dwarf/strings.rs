//! Strings, wherever an attribute has them.

use std::ffi::CStr;

use gimli::{AttributeValue, Reader, Section};

use super::die::FormValue;
use super::Slice;

/// No name is longer: the linkage names of C++ templates end far below.
const LONGEST: usize = 1 << 16;

/// The text of an attribute of class string (DWARF 5 §7.5.5), without its NUL. `None` where there is none, and where it
/// has more than 64 KiB: a string is looked through for its end each time that it is read.
pub(super) fn text(
    dwarf: &gimli::Dwarf<Slice>,
    unit: &gimli::Unit<Slice>,
    value: FormValue,
) -> Option<Slice> {
    match value {
        AttributeValue::String(text) => Some(text).filter(|text| text.len() <= LONGEST),
        AttributeValue::DebugStrRef(offset) => text_at(dwarf.debug_str.reader(), offset.0),
        AttributeValue::DebugStrRefSup(offset) => {
            text_at(dwarf.sup()?.debug_str.reader(), offset.0)
        }
        AttributeValue::DebugLineStrRef(offset) => text_at(dwarf.debug_line_str.reader(), offset.0),
        AttributeValue::DebugStrOffsetsIndex(index) => {
            let offset = offset_entry(dwarf, unit, index.0)?.read_offset(unit.header.format());
            text_at(dwarf.debug_str.reader(), offset.ok()?)
        }
        _ => None,
    }
}

/// The entry with that number of the unit's table of places of strings (DWARF 5 §7.26).
pub(super) fn offset_entry(
    dwarf: &gimli::Dwarf<Slice>,
    unit: &gimli::Unit<Slice>,
    index: usize,
) -> Option<Slice> {
    let offsets = dwarf.debug_str_offsets.reader();
    entry_at(offsets, unit.str_offsets_base.0, index, unit.header.format())
}

fn text_at(section: &Slice, offset: usize) -> Option<Slice> {
    let rest = section.slice().get(offset..)?;
    let near = rest.get(..=LONGEST).unwrap_or(rest);
    let text = CStr::from_bytes_until_nul(near).ok()?;
    Some(Slice::new(text.to_bytes(), section.endian()))
}

/// The offset with that number in a table of offsets that begins at `base` (DWARF 5 §7.26 and §7.28).
pub(super) fn entry(
    table: &Slice,
    base: usize,
    index: usize,
    format: gimli::Format,
) -> Option<usize> {
    entry_at(table, base, index, format)?.read_offset(format).ok()
}

/// Its bytes. gimli's own arithmetic does not expect numbers near the largest.
fn entry_at(table: &Slice, base: usize, index: usize, format: gimli::Format) -> Option<Slice> {
    let size = usize::from(format.word_size());
    let mut rest = *table;
    rest.skip(index.checked_mul(size)?.checked_add(base)?).ok()?;
    rest.split(size).ok()
}
