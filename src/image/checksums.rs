//! The checksums of slim type information. Each block has its own, so that a lookup verifies only what it reads.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::numbers::word;
use crate::error::{Error, ErrorKind, Result};
use crate::note_format::{checksum, BLOCK, SECTION};

/// The error for a wrong checksum, at an offset in the section.
pub(super) fn damage(offset: usize) -> Error {
    let message = "the slim type information is damaged: its checksum is wrong";
    Error::new(ErrorKind::MalformedElf, message).at(SECTION, offset as u64)
}

/// The expected checksums of the blocks of a body, and which blocks have been verified.
#[derive(Debug)]
pub(crate) struct Checksums {
    blocks: Vec<Block>,
    /// The offset in the section of the body, or of its compressed form.
    start: usize,
    compressed: bool,
}

#[derive(Debug)]
struct Block {
    checksum: u32,
    seen: AtomicBool,
}

impl Checksums {
    /// Reads the table.
    pub fn read(table: &[u8], little_endian: bool, start: usize, compressed: bool) -> Checksums {
        let block = |bytes| {
            let checksum = word(bytes, 0, little_endian).unwrap_or(0);
            Block { checksum, seen: AtomicBool::new(false) }
        };
        Checksums { blocks: table.chunks_exact(4).map(block).collect(), start, compressed }
    }

    /// Verifies the blocks of `body` that contain bytes of `range`.
    ///
    /// Errors: `MalformedElf`, with the place of the first damaged block, or that of the body if it is compressed.
    pub fn verify(&self, body: &[u8], range: Range<usize>) -> Result<()> {
        for number in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let start = number.saturating_mul(BLOCK);
            let bytes = body.get(start..).map(|rest| rest.get(..BLOCK).unwrap_or(rest));
            let is_right = self.blocks.get(number).zip(bytes).is_some_and(|(block, bytes)| {
                // Threads that check a block at the same time get the same result.
                let seen = block.seen.load(Ordering::Relaxed) || checksum(bytes) == block.checksum;
                block.seen.store(seen, Ordering::Relaxed);
                seen
            });
            if !is_right {
                return Err(damage(self.start + if self.compressed { 0 } else { start }));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note_format::checksums_of;

    #[test]
    fn only_what_is_read_is_verified() {
        let mut body: Vec<u8> = (0..2 * BLOCK + 5).map(|number| number as u8).collect();
        let table: Vec<u8> = checksums_of(&body).flat_map(u32::to_be_bytes).collect();
        assert_eq!(table.len(), 12);
        let read = || Checksums::read(&table, false, 100, false);
        let damaged = |checksums: &Checksums, body: &[u8], range| {
            checksums.verify(body, range).err().and_then(|error| error.offset())
        };
        assert_eq!(damaged(&read(), &body, 0..body.len()), None);
        let second = Some(100 + BLOCK as u64);
        for bit in [BLOCK * 8, BLOCK * 16 - 1] {
            body[bit / 8] ^= 1 << (bit % 8);
            let checksums = read();
            for (range, expected) in [
                (0..BLOCK, None),
                (2 * BLOCK..2 * BLOCK + 5, None),
                (BLOCK..BLOCK, None),
                (BLOCK - 1..BLOCK + 1, second),
                (2 * BLOCK - 1..2 * BLOCK + 1, second),
                (0..body.len(), second),
            ] {
                assert_eq!(damaged(&checksums, &body, range), expected);
            }
            body[bit / 8] ^= 1 << (bit % 8);
        }
        // A missing block counts as damaged.
        assert_eq!(damaged(&read(), &body[..BLOCK], 0..body.len()), second);
        assert_eq!(damaged(&read(), &body, 0..4 * BLOCK), Some(100 + 3 * BLOCK as u64));
    }
}
