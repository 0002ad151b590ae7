//! Frames of zstd (RFC 8878). The output is the window, and what is large lies on the heap: a thread of a guest may have a small stack.

mod bits;
mod block;
mod fse;
mod huffman;
#[cfg(test)]
mod tests;

use super::xxhash::xxh64;
use block::Blocks;

/// What begins a frame (§3.1.1).
const FRAME: u32 = 0xfd2f_b528;
/// What begins a skippable frame, whose last four bits are the user's (§3.1.2).
const SKIPPABLE: u32 = 0x184d_2a50;
/// The largest block (§3.1.1.2.3).
const LARGEST_BLOCK: usize = 128 << 10;

/// Appends to `output` what the first frame in `data` holds, which is at most `room` bytes, and returns what follows the frame.
/// `None`: it is malformed, or wants a dictionary.
pub(super) fn frame<'d>(data: &'d [u8], room: usize, output: &mut Vec<u8>) -> Option<&'d [u8]> {
    let (magic, rest) = number(data, 4)?;
    match magic as u32 {
        FRAME => {}
        magic if magic & !0xf == SKIPPABLE => {
            let (size, rest) = number(rest, 4)?;
            return rest.get(size as usize..);
        }
        _ => return None,
    }
    let (header, mut rest) = Header::read(rest)?;
    let start = output.len();
    let mut blocks = Blocks::new(start, start.checked_add(room)?);
    loop {
        let (head, after) = number(rest, 3)?;
        let size = (head >> 3) as usize;
        if size > LARGEST_BLOCK {
            return None;
        }
        // Of a block of one byte the size is that of the output (§3.1.1.2.2).
        let stored = if head >> 1 & 3 == 1 { 1 } else { size };
        let (content, after) = after.split_at_checked(stored)?;
        match head >> 1 & 3 {
            0 => blocks.append(content, output)?,
            1 => blocks.repeat(*content.first()?, size, output)?,
            2 => blocks.decode(content, output)?,
            _ => return None,
        }
        rest = after;
        if head & 1 == 1 {
            break;
        }
    }
    let content = output.get(start..)?;
    if header.content_size.is_some_and(|size| size != content.len() as u64) {
        return None;
    }
    if header.has_checksum {
        let (checksum, after) = number(rest, 4)?;
        if xxh64(content, 0) & 0xffff_ffff != checksum {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// What a frame's header says (§3.1.1.1).
struct Header {
    content_size: Option<u64>,
    has_checksum: bool,
}

impl Header {
    fn read(data: &[u8]) -> Option<(Header, &[u8])> {
        let (&descriptor, mut rest) = data.split_first()?;
        let single_segment = descriptor & 0x20 != 0;
        if !single_segment {
            // The size of the window: all of the output is there.
            rest = rest.get(1..)?;
        }
        let (dictionary, rest) = number(rest, *[0, 1, 2, 4].get(usize::from(descriptor & 3))?)?;
        // A reserved bit, and a dictionary.
        if descriptor & 8 != 0 || dictionary != 0 {
            return None;
        }
        let sizes = [usize::from(single_segment), 2, 4, 8];
        let size = *sizes.get(usize::from(descriptor >> 6))?;
        let (content_size, rest) = number(rest, size)?;
        let content_size = match size {
            0 => None,
            2 => Some(content_size + 256),
            _ => Some(content_size),
        };
        Some((Header { content_size, has_checksum: descriptor & 4 != 0 }, rest))
    }
}

/// The number in the first `size` bytes, and what follows them.
fn number(data: &[u8], size: usize) -> Option<(u64, &[u8])> {
    let (bytes, rest) = data.split_at_checked(size)?;
    Some((bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)), rest))
}
