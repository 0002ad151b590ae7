//! XXH64 (xxHash's specification, version 0.1.1): as fast without special instructions as a checksum has to be, and zstd's own. To ask the
//! processor for instructions that a CRC would be fast with takes ten microseconds in a virtual machine.

const PRIMES: [u64; 5] = [
    0x9e37_79b1_85eb_ca87,
    0xc2b2_ae3d_27d4_eb4f,
    0x1656_67b1_9e37_79f9,
    0x85eb_ca77_c2b2_ae63,
    0x27d4_eb2f_1656_67c5,
];

fn round(lane: u64, word: u64) -> u64 {
    let [first, second, ..] = PRIMES;
    lane.wrapping_add(word.wrapping_mul(second)).rotate_left(31).wrapping_mul(first)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The hash of some bytes.
pub(super) fn xxh64(data: &[u8], seed: u64) -> u64 {
    let [p1, p2, p3, p4, p5] = PRIMES;
    let stripes = data.chunks_exact(32);
    let mut rest = stripes.remainder();
    let mut hash = seed.wrapping_add(p5);
    if data.len() >= 32 {
        let mut lanes =
            [p1.wrapping_add(p2), p2, 0, p1.wrapping_neg()].map(|lane| lane.wrapping_add(seed));
        for stripe in stripes {
            for (lane, bytes) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
                let bytes = bytes.first_chunk().copied().unwrap_or_default();
                *lane = round(*lane, u64::from_le_bytes(bytes));
            }
        }
        let rotated = lanes.iter().zip([1, 7, 12, 18]).map(|(lane, by)| lane.rotate_left(by));
        hash = rotated.fold(0, u64::wrapping_add);
        for lane in lanes {
            hash = (hash ^ round(0, lane)).wrapping_mul(p1).wrapping_add(p4);
        }
    }
    hash = hash.wrapping_add(data.len() as u64);
    while let Some((bytes, after)) = rest.split_at_checked(8) {
        let mixed = (hash ^ round(0, word(bytes))).rotate_left(27);
        hash = mixed.wrapping_mul(p1).wrapping_add(p4);
        rest = after;
    }
    if let Some((bytes, after)) = rest.split_at_checked(4) {
        let mixed = (hash ^ word(bytes).wrapping_mul(p1)).rotate_left(23);
        hash = mixed.wrapping_mul(p2).wrapping_add(p3);
        rest = after;
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(p5)).rotate_left(11).wrapping_mul(p1);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(p2);
    hash = (hash ^ hash >> 29).wrapping_mul(p3);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(xxh64(b"", 0), 0xef46_db37_51d8_e999);
        assert_eq!(xxh64(b"a", 0), 0xd24e_c4f1_a98c_6e5b);
        assert_eq!(xxh64(b"abc", 0), 0x44bc_2cf5_ad77_0999);
        // zstd's tests hold all other lengths, this the seed.
        assert_ne!(xxh64(b"abc", 1), xxh64(b"abc", 0));
    }
}
