//! Finite state entropy: tables and their description (RFC 8878 §4.1).

use super::bits::{Backward, Forward};

/// What a state stands for, and where it leads.
#[derive(Clone, Copy, Default)]
struct State {
    symbol: u8,
    bits: u8,
    base: u16,
}

/// A decoding table.
pub(super) struct Table {
    states: Vec<State>,
    accuracy: u32,
}

impl Table {
    /// The table of one symbol that takes no bits.
    pub fn of_one(symbol: u8) -> Table {
        Table { states: vec![State { symbol, bits: 0, base: 0 }], accuracy: 0 }
    }

    /// Reads a description of at most `symbols` symbols (§4.1.1), and returns what follows it.
    pub fn read(data: &[u8], symbols: usize, most_accurate: u32) -> Option<(Table, &[u8])> {
        let mut bits = Forward::new(data);
        let accuracy = bits.read(4) as u32 + 5;
        if accuracy > most_accurate {
            return None;
        }
        let mut probabilities = Vec::with_capacity(symbols);
        let mut left = 1_u64 << accuracy;
        while left > 0 && probabilities.len() < symbols {
            // A number of 0 to left + 1, the low ones of which take a bit less.
            let count = (left + 1).ilog2() + 1;
            let few = (1 << count) - 2 - left;
            let low = bits.peek(count - 1);
            let number = match low < few {
                true => {
                    bits.skip(count - 1);
                    low
                }
                false => {
                    let number = bits.read(count);
                    number - if number >> (count - 1) == 1 { few } else { 0 }
                }
            };
            let probability = number as i16 - 1;
            left = left.checked_sub(u64::from(probability.unsigned_abs()))?;
            probabilities.push(probability);
            // Behind a 0 stands how many follow it, 3 for 3 and more.
            let mut more = if probability == 0 { 3 } else { 0 };
            while more == 3 && probabilities.len() <= symbols {
                more = bits.read(2);
                probabilities.resize(probabilities.len() + more as usize, 0);
            }
        }
        if left > 0 || probabilities.len() > symbols {
            return None;
        }
        Some((Table::new(&probabilities, accuracy)?, bits.end()?))
    }

    /// The table of these probabilities, of which -1 is less than 1 (§4.1.1).
    pub fn new(probabilities: &[i16], accuracy: u32) -> Option<Table> {
        let size = 1_usize << accuracy;
        let mut states = vec![State::default(); size];
        let mut high = size;
        let numbered = || (0_u8..).zip(probabilities);
        for (symbol, _) in numbered().filter(|(_, probability)| **probability == -1) {
            high = high.checked_sub(1)?;
            states.get_mut(high)?.symbol = symbol;
        }
        let step = (size >> 1) + (size >> 3) + 3;
        let mut at = 0;
        for (symbol, probability) in numbered() {
            for _ in 0..*probability {
                states.get_mut(at)?.symbol = symbol;
                at = (at + step) & (size - 1);
                while at >= high {
                    at = (at + step) & (size - 1);
                }
            }
        }
        let mut next: Vec<u16> = probabilities.iter().map(|one| one.unsigned_abs()).collect();
        for state in &mut states {
            let next = next.get_mut(usize::from(state.symbol)).filter(|next| **next > 0)?;
            let bits = accuracy.checked_sub(next.ilog2())?;
            state.bits = bits as u8;
            state.base = ((usize::from(*next) << bits) - size) as u16;
            *next += 1;
        }
        Some(Table { states, accuracy })
    }
}

/// Where in a table a decoder stands.
pub(super) struct Decoder<'t> {
    table: &'t Table,
    state: State,
}

impl<'t> Decoder<'t> {
    pub fn new(table: &'t Table, bits: &mut Backward<'_>) -> Decoder<'t> {
        let state = bits.read(table.accuracy) as usize;
        Decoder { table, state: table.states.get(state).copied().unwrap_or_default() }
    }

    pub fn symbol(&self) -> u8 {
        self.state.symbol
    }

    /// Goes on to the next state.
    pub fn advance(&mut self, bits: &mut Backward<'_>) {
        let next = usize::from(self.state.base) + bits.read(self.state.bits.into()) as usize;
        self.state = self.table.states.get(next).copied().unwrap_or_default();
    }
}
