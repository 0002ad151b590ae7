//! Reads the strings of attributes, whatever their form.

use std::ffi::CStr;

use gimli::{AttributeValue, Reader, Section};

use super::die::FormValue;
use super::Slice;

/// The longest name that is read, in bytes. The linkage names of C++ templates are far shorter.
const LONGEST: usize = 1 << 16;

/// The text of an attribute of class string (DWARF 5 §7.5.5), without its NUL. `None` if there is none, or if it has
/// more than 64 KiB: each read of a string searches for its end.
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

/// The bytes of the entry with that number in the unit's table of string offsets (DWARF 5 §7.26).
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

/// The bytes of that offset. Checks for overflow, which gimli's own arithmetic does not.
fn entry_at(table: &Slice, base: usize, index: usize, format: gimli::Format) -> Option<Slice> {
    let size = usize::from(format.word_size());
    let mut rest = *table;
    rest.skip(index.checked_mul(size)?.checked_add(base)?).ok()?;
    rest.split(size).ok()
}
