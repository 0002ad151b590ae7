//! Huffman coding of literals (RFC 8878 §4.2).

use super::bits::Backward;
use super::fse::{Decoder, Table};

/// The longest code in bits.
const LONGEST: u32 = 11;
/// The most accurate table of weights.
const WEIGHTS: u32 = 6;

/// A decoding table: for all that may follow, the symbol and the length of its code.
pub(super) struct Tree {
    codes: Vec<(u8, u8)>,
    longest: u32,
}

impl Tree {
    /// Reads a tree's description (§4.2.1), and returns what follows it.
    pub fn read(data: &[u8]) -> Option<(Tree, &[u8])> {
        let (&head, rest) = data.split_first()?;
        let (weights, rest) = match head {
            0..128 => {
                let (packed, rest) = rest.split_at_checked(head.into())?;
                (unpacked(packed)?, rest)
            }
            _ => {
                let count = usize::from(head) - 127;
                let (bytes, rest) = rest.split_at_checked(count.div_ceil(2))?;
                let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                (halves.take(count).collect(), rest)
            }
        };
        Some((Tree::of(weights)?, rest))
    }

    /// The last weight is what the others leave.
    fn of(mut weights: Vec<u8>) -> Option<Tree> {
        let share = |weight: u8| (1_u32 << weight) >> 1;
        if weights.len() > 255 || weights.iter().any(|weight| u32::from(*weight) > LONGEST) {
            return None;
        }
        let sum: u32 = weights.iter().map(|weight| share(*weight)).sum();
        let longest = sum.checked_ilog2()? + 1;
        let left = (1 << longest) - sum;
        if longest > LONGEST || !left.is_power_of_two() {
            return None;
        }
        weights.push(left.ilog2() as u8 + 1);
        let mut codes = Vec::with_capacity(1 << longest);
        // The longest codes come first.
        for weight in 1..=longest as u8 {
            let length = longest as u8 + 1 - weight;
            for (symbol, _) in (0_u8..=255).zip(&weights).filter(|(_, own)| **own == weight) {
                codes.resize(codes.len() + share(weight) as usize, (symbol, length));
            }
        }
        Some(Tree { codes, longest })
    }

    /// Appends the `count` symbols of a stream, which has no more.
    pub fn decode(&self, stream: &[u8], count: usize, literals: &mut Vec<u8>) -> Option<()> {
        let mut bits = Backward::new(stream)?;
        for _ in 0..count {
            let (symbol, length) = *self.codes.get(bits.peek(self.longest) as usize)?;
            literals.push(symbol);
            bits.skip(length.into());
        }
        (bits.left() == 0).then_some(())
    }
}

/// Weights that are coded themselves, by two states in turn (§4.2.1.2).
fn unpacked(data: &[u8]) -> Option<Vec<u8>> {
    let (table, stream) = Table::read(data, LONGEST as usize + 2, WEIGHTS)?;
    let mut bits = Backward::new(stream)?;
    let mut decoder = Decoder::new(&table, &mut bits);
    let mut other = Decoder::new(&table, &mut bits);
    let mut weights = Vec::new();
    while weights.len() < 255 {
        weights.push(decoder.symbol());
        decoder.advance(&mut bits);
        if bits.left() < 0 {
            weights.push(other.symbol());
            return Some(weights);
        }
        std::mem::swap(&mut decoder, &mut other);
    }
    None
}
