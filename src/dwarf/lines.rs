//! The names of source files in line tables.

use gimli::{Reader, Section};

use super::sections::Flavour;
use super::unit::UnitContext;
use super::{strings, Slice};

/// The longest list of files and directories that is read, in bytes.
const LARGEST_LINE_HEADER: usize = 1 << 22;

/// The name of a source file by its number in the unit's line table (DWARF 5 §6.2.4).
pub(super) fn source_file(
    lines: &gimli::DebugLine<Slice>,
    flavour: Flavour,
    context: &UnitContext<'_>,
    index: u64,
) -> Option<Vec<u8>> {
    let offset = match (unit_line_offset(context), flavour) {
        (None, Flavour::SplitOff) => gimli::DebugLineOffset(0),
        (offset, _) => offset?,
    };
    if header_length(lines, offset)? > LARGEST_LINE_HEADER {
        return None;
    }
    let header = &context.unit.header;
    let program = lines.program(offset, header.address_size(), None, None).ok()?;
    let file = program.header().file(index)?;
    let text = |value| strings::text(context.dwarf, context.unit, value);
    let name = text(file.path_name())?.to_vec();
    let directory = match (name.first(), file.directory_index()) {
        (Some(b'/'), _) => None,
        // Directory 0 is the compilation directory, which means nothing on another machine.
        (_, 0) => None,
        _ => file.directory(program.header()).and_then(text),
    };
    match directory {
        Some(directory) => Some([directory.slice(), &b"/"[..], &name].concat()),
        None => Some(name),
    }
}

/// The size in bytes of the lists of files and directories. Each entry takes many times as much memory once it is
/// read (DWARF 5 §6.2.4, `header_length`).
fn header_length(lines: &gimli::DebugLine<Slice>, offset: gimli::DebugLineOffset) -> Option<usize> {
    let mut rest = *lines.reader();
    rest.skip(offset.0).ok()?;
    let (_, format) = rest.read_initial_length().ok()?;
    let version = rest.read_u16().ok()?;
    if version >= 5 {
        // address_size and segment_selector_size.
        rest.skip(2).ok()?;
    }
    rest.read_length(format).ok()
}

/// DW_AT_stmt_list of the root DIE.
fn unit_line_offset(context: &UnitContext<'_>) -> Option<gimli::DebugLineOffset> {
    let mut entries = context.unit.entries_raw(None).ok()?;
    let root = context.abbreviation(&mut entries).ok()??;
    for &specification in root.attributes() {
        let attribute = entries.read_attribute(specification).ok()?;
        if attribute.name() == gimli::constants::DW_AT_stmt_list {
            return match attribute.value() {
                gimli::AttributeValue::DebugLineRef(offset) => Some(offset),
                _ => None,
            };
        }
    }
    None
}
