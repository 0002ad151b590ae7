//! Compressed blocks: literals, and sequences of them and of matches (RFC 8878 §3.1.1.3).

use super::bits::Backward;
use super::fse::{Decoder, Table};
use super::huffman::Tree;
use super::{number, LARGEST_BLOCK};

/// What the codes of one kind are.
struct Codes {
    /// How many bits follow each code.
    extra: &'static [u8],
    /// The first code's number; the others go on where the one before ends.
    first: u32,
    most_accurate: u32,
    /// The table that no block describes (§3.1.1.3.2.2).
    predefined: &'static [i16],
    predefined_accuracy: u32,
}

const LITERAL_LENGTHS: Codes = Codes {
    extra: &[
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10,
        11, 12, 13, 14, 15, 16,
    ],
    first: 0,
    most_accurate: 9,
    predefined: &[
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1,
        1, 1, -1, -1, -1, -1,
    ],
    predefined_accuracy: 6,
};

const OFFSETS: Codes = Codes {
    extra: &[
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31,
    ],
    first: 1,
    most_accurate: 8,
    predefined: &[
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
    ],
    predefined_accuracy: 5,
};

const MATCH_LENGTHS: Codes = Codes {
    extra: &[
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ],
    first: 3,
    most_accurate: 9,
    predefined: &[
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
    predefined_accuracy: 6,
};

/// The codes of one kind, as the blocks of a frame use them.
struct Coded {
    codes: &'static Codes,
    /// The first number that each code stands for.
    bases: Vec<u32>,
    /// The table of the last block that had one.
    table: Option<Table>,
}

impl Coded {
    fn new(codes: &'static Codes) -> Coded {
        let mut next = codes.first;
        let base = |bits: &u8| {
            let base = next;
            next = next.wrapping_add(1 << bits);
            base
        };
        Coded { codes, bases: codes.extra.iter().map(base).collect(), table: None }
    }

    /// Reads the table for a block (§3.1.1.3.2.1).
    fn read_table<'d>(&mut self, mode: u8, data: &'d [u8]) -> Option<&'d [u8]> {
        let codes = self.codes;
        let (table, rest) = match mode & 3 {
            0 => (Table::new(codes.predefined, codes.predefined_accuracy)?, data),
            1 => {
                let (&symbol, rest) = data.split_first()?;
                (Table::of_one(symbol), rest)
            }
            2 => Table::read(data, codes.extra.len(), codes.most_accurate)?,
            _ => return self.table.is_some().then_some(data),
        };
        self.table = Some(table);
        Some(rest)
    }

    /// The number that a code and the bits behind it stand for.
    fn number(&self, code: u8, bits: &mut Backward<'_>) -> Option<usize> {
        let code = usize::from(code);
        let extra = bits.read((*self.codes.extra.get(code)?).into());
        usize::try_from(u64::from(*self.bases.get(code)?) + extra).ok()
    }
}

/// What the blocks of one frame have in common.
pub(super) struct Blocks {
    /// Where the frame's output begins, and where it ends at the latest.
    start: usize,
    limit: usize,
    tree: Option<Tree>,
    literal_lengths: Coded,
    offsets: Coded,
    match_lengths: Coded,
    /// The last three offsets (§3.1.1.5).
    recent: [usize; 3],
    literals: Vec<u8>,
}

impl Blocks {
    pub fn new(start: usize, limit: usize) -> Blocks {
        Blocks {
            start,
            limit,
            tree: None,
            literal_lengths: Coded::new(&LITERAL_LENGTHS),
            offsets: Coded::new(&OFFSETS),
            match_lengths: Coded::new(&MATCH_LENGTHS),
            recent: [1, 4, 8],
            literals: Vec::new(),
        }
    }

    fn has_room(&self, more: usize, output: &[u8]) -> bool {
        self.limit.checked_sub(output.len()).is_some_and(|room| more <= room)
    }

    pub fn append(&self, bytes: &[u8], output: &mut Vec<u8>) -> Option<()> {
        self.has_room(bytes.len(), output).then(|| output.extend_from_slice(bytes))
    }

    pub fn repeat(&self, byte: u8, count: usize, output: &mut Vec<u8>) -> Option<()> {
        self.has_room(count, output).then(|| output.resize(output.len() + count, byte))
    }

    pub fn decode(&mut self, block: &[u8], output: &mut Vec<u8>) -> Option<()> {
        let sequences = self.read_literals(block)?;
        let used = self.read_sequences(sequences, output)?;
        self.append(self.literals.get(used..)?, output)
    }

    /// Decodes the literals (§3.1.1.3.1), and returns what follows them.
    fn read_literals<'d>(&mut self, block: &'d [u8]) -> Option<&'d [u8]> {
        let head = *block.first()?;
        let (kind, format) = (head & 3, usize::from(head >> 2 & 3));
        self.literals.clear();
        if kind < 2 {
            let (size, shift) = *[(1, 3), (2, 4), (1, 3), (3, 4)].get(format)?;
            let (size, rest) = number(block, size)?;
            let size = (size >> shift) as usize;
            let (content, rest) = rest.split_at_checked(if kind == 0 { size } else { 1 })?;
            match kind {
                _ if size > LARGEST_BLOCK => return None,
                0 => self.literals.extend_from_slice(content),
                _ => self.literals.resize(size, *content.first()?),
            }
            return Some(rest);
        }
        let (size, width) = *[(3, 10), (3, 10), (4, 14), (5, 18)].get(format)?;
        let (sizes, rest) = number(block, size)?;
        let field = |shift| (sizes >> shift & ((1_u64 << width) - 1)) as usize;
        let (size, (mut streams, rest)) = (field(4), rest.split_at_checked(field(4 + width))?);
        if size > LARGEST_BLOCK {
            return None;
        }
        if kind == 2 {
            let (tree, after) = Tree::read(streams)?;
            (self.tree, streams) = (Some(tree), after);
        }
        let tree = self.tree.as_ref()?;
        if format == 0 {
            tree.decode(streams, size, &mut self.literals)?;
            return Some(rest);
        }
        // Four streams, of which the first three have their sizes in front (§3.1.1.3.1.6).
        let (mut sizes, mut streams) = streams.split_at_checked(6)?;
        let each = size.div_ceil(4);
        for _ in 0..3 {
            let (stream_size, more) = number(sizes, 2)?;
            let (stream, after) = streams.split_at_checked(stream_size as usize)?;
            tree.decode(stream, each, &mut self.literals)?;
            (sizes, streams) = (more, after);
        }
        tree.decode(streams, size.checked_sub(3 * each)?, &mut self.literals)?;
        Some(rest)
    }

    /// Executes the sequences (§3.1.1.3.2, §3.1.1.4), and returns how many literals they took.
    fn read_sequences(&mut self, data: &[u8], output: &mut Vec<u8>) -> Option<usize> {
        let (&head, rest) = data.split_first()?;
        let (count, rest) = match head {
            0 => return rest.is_empty().then_some(0),
            1..128 => (usize::from(head), rest),
            128..255 => {
                let (&low, rest) = rest.split_first()?;
                (usize::from(head - 128) << 8 | usize::from(low), rest)
            }
            255 => {
                let (more, rest) = number(rest, 2)?;
                (more as usize + 0x7f00, rest)
            }
        };
        let (&modes, rest) = rest.split_first()?;
        if modes & 3 != 0 {
            return None;
        }
        let rest = self.literal_lengths.read_table(modes >> 6, rest)?;
        let rest = self.offsets.read_table(modes >> 4, rest)?;
        let stream = self.match_lengths.read_table(modes >> 2, rest)?;
        let bits = &mut Backward::new(stream)?;
        let mut literal_length = Decoder::new(self.literal_lengths.table.as_ref()?, bits);
        let mut offset = Decoder::new(self.offsets.table.as_ref()?, bits);
        let mut match_length = Decoder::new(self.match_lengths.table.as_ref()?, bits);
        let (mut recent, mut used) = (self.recent, 0_usize);
        for left in (0..count).rev() {
            let distance = self.offsets.number(offset.symbol(), bits)?;
            let length = self.match_lengths.number(match_length.symbol(), bits)?;
            let literals = self.literal_lengths.number(literal_length.symbol(), bits)?;
            if left > 0 {
                literal_length.advance(bits);
                match_length.advance(bits);
                offset.advance(bits);
            }
            let end = used.checked_add(literals)?;
            self.append(self.literals.get(used..end)?, output)?;
            used = end;
            let distance = distance_of(distance, literals == 0, &mut recent)?;
            self.copy(distance, length, output)?;
        }
        self.recent = recent;
        (bits.left() == 0).then_some(used)
    }

    /// Appends what stands `distance` bytes before the end, over and over if that is less.
    fn copy(&self, distance: usize, mut length: usize, output: &mut Vec<u8>) -> Option<()> {
        let from = output.len().checked_sub(distance).filter(|from| *from >= self.start)?;
        if distance == 0 || !self.has_room(length, output) {
            return None;
        }
        while length > 0 {
            let part = length.min(output.len() - from);
            output.extend_from_within(from..from + part);
            length -= part;
        }
        Some(())
    }
}

/// The offset that a number means: 1 to 3 are recent ones, in another order without literals (§3.1.1.5).
fn distance_of(number: usize, no_literals: bool, recent: &mut [usize; 3]) -> Option<usize> {
    let [first, second, third] = *recent;
    let distance = match number + usize::from(no_literals) {
        _ if number > 3 => number - 3,
        1 => return Some(first),
        2 => {
            *recent = [second, first, third];
            return Some(second);
        }
        3 => third,
        _ => first.checked_sub(1)?,
    };
    *recent = [distance, first, second];
    Some(distance)
}
