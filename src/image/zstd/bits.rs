//! Bits, from either end of some bytes.

/// The 64 bits from a byte on; 0 behind the end.
fn word(data: &[u8], at: usize) -> u64 {
    let rest = data.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

fn mask(count: u32) -> u64 {
    (1 << count) - 1
}

/// Bits from the first byte on, the lowest first.
pub(super) struct Forward<'d> {
    data: &'d [u8],
    at: usize,
}

impl<'d> Forward<'d> {
    pub fn new(data: &'d [u8]) -> Forward<'d> {
        Forward { data, at: 0 }
    }

    /// The next bits, up to 32; they may be behind the end, where all are 0: [`Forward::end`] tells.
    pub fn peek(&self, count: u32) -> u64 {
        word(self.data, self.at / 8) >> (self.at % 8) & mask(count)
    }

    pub fn skip(&mut self, count: u32) {
        self.at += count as usize;
    }

    pub fn read(&mut self, count: u32) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// The bytes behind the one that was begun; `None` where too many were read.
    pub fn end(&self) -> Option<&'d [u8]> {
        self.data.get(self.at.div_ceil(8)..)
    }
}

/// Bits from the last byte on, the highest first (RFC 8878 §4.1).
pub(super) struct Backward<'d> {
    data: &'d [u8],
    /// How many are left; negative where more were read than there are, which are 0.
    left: i64,
}

impl<'d> Backward<'d> {
    /// The highest bit that is set ends the stream, and is none of it.
    pub fn new(data: &'d [u8]) -> Option<Backward<'d>> {
        let padding = data.last().filter(|last| **last != 0)?.leading_zeros() + 1;
        Some(Backward { data, left: data.len() as i64 * 8 - i64::from(padding) })
    }

    /// The next bits, up to 32.
    pub fn peek(&self, count: u32) -> u64 {
        let start = self.left - i64::from(count);
        match start {
            0.. => word(self.data, start as usize / 8) >> (start % 8) & mask(count),
            -32..0 => (word(self.data, 0) & mask(self.left.max(0) as u32)) << -start,
            _ => 0,
        }
    }

    pub fn skip(&mut self, count: u32) {
        self.left -= i64::from(count);
    }

    pub fn read(&mut self, count: u32) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    pub fn left(&self) -> i64 {
        self.left
    }
}
