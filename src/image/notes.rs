//! The build-id among ELF notes.

use object::elf::NT_GNU_BUILD_ID;

use super::numbers::word;

/// The descriptor of the first GNU build-id note in `notes` (generic ABI, "Note Section"; names and descriptors are
/// padded to 4 bytes, or to 8 in a segment or section of alignment 8). `None` if there is none, or if a note is cut
/// short.
pub(crate) fn build_id(notes: &[u8], align: u64, little_endian: bool) -> Option<&[u8]> {
    let align = if align == 8 { 8 } else { 4 };
    let mut rest = notes;
    while !rest.is_empty() {
        let name_size = word(rest, 0, little_endian)? as usize;
        let descriptor_size = word(rest, 4, little_endian)? as usize;
        let kind = word(rest, 8, little_endian)?;
        let name = rest.get(12..)?.get(..name_size)?;
        let descriptor_at = 12usize.checked_add(name_size)?.checked_next_multiple_of(align)?;
        let descriptor = rest.get(descriptor_at..)?.get(..descriptor_size)?;
        if kind == NT_GNU_BUILD_ID && name == b"GNU\0" {
            return Some(descriptor).filter(|id| !id.is_empty());
        }
        let end = descriptor_at.checked_add(descriptor_size)?.checked_next_multiple_of(align)?;
        rest = rest.get(end..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(kind: u32, name: &[u8], descriptor: &[u8], align: usize) -> Vec<u8> {
        let mut note = Vec::new();
        note.extend((name.len() as u32).to_le_bytes());
        note.extend((descriptor.len() as u32).to_le_bytes());
        note.extend(kind.to_le_bytes());
        note.extend(name);
        note.resize(note.len().next_multiple_of(align), 0);
        note.extend(descriptor);
        note.resize(note.len().next_multiple_of(align), 0);
        note
    }

    #[test]
    fn the_build_id_is_found_behind_other_notes() {
        for align in [4, 8] {
            let mut notes = note(5, b"GNU\0", &[9; 12], align);
            notes.extend(note(3, b"stapsdt\0", &[7; 5], align));
            notes.extend(note(3, b"GNU\0", &[0xab, 0x01], align));
            assert_eq!(build_id(&notes, align as u64, true), Some(&[0xab, 0x01][..]));
        }
    }

    #[test]
    fn a_note_cut_short_is_no_build_id() {
        let whole = note(3, b"GNU\0", &[0xab; 20], 4);
        for end in 0..whole.len() {
            assert_eq!(build_id(&whole[..end], 4, true), None, "{end}");
        }
        assert_eq!(build_id(&note(3, b"GNU\0", &[], 4), 4, true), None);
        let mut huge = note(3, b"GNU\0", &[0xab; 20], 4);
        huge[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(build_id(&huge, 4, true), None);
    }
}
