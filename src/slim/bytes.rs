//! Writes numbers in the encodings of DWARF.

/// Writes an unsigned LEB128 (DWARF 5 §7.6).
pub(super) fn uleb(mut number: u64, bytes: &mut Vec<u8>) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Writes a signed LEB128.
pub(super) fn sleb(mut number: i64, bytes: &mut Vec<u8>) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        let sign = low & 0x40 != 0;
        if (number == 0 && !sign) || (number == -1 && sign) {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// The size in bytes of an unsigned LEB128.
pub(super) fn uleb_size(number: u64) -> usize {
    ((64 - (number | 1).leading_zeros()) as usize).div_ceil(7)
}

/// Writes the low `width` bytes of a number in the byte order of the file.
pub(super) fn fixed(number: u64, width: usize, little_endian: bool, bytes: &mut Vec<u8>) {
    let all = number.to_le_bytes();
    let low = all.get(..width).unwrap_or(&all);
    if little_endian {
        bytes.extend(low)
    } else {
        bytes.extend(low.iter().rev())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_standard_has_them() {
        // DWARF 5, tables C.1 and C.2.
        let unsigned = |number| {
            let mut bytes = Vec::new();
            uleb(number, &mut bytes);
            assert_eq!(uleb_size(number), bytes.len());
            bytes
        };
        let signed = |number| {
            let mut bytes = Vec::new();
            sleb(number, &mut bytes);
            bytes
        };
        assert_eq!(unsigned(2), [2]);
        assert_eq!(unsigned(127), [127]);
        assert_eq!(unsigned(128), [0x80, 1]);
        assert_eq!(unsigned(12857), [0xb9, 0x64]);
        assert_eq!(unsigned(u64::MAX).len(), 10);
        assert_eq!(signed(2), [2]);
        assert_eq!(signed(-2), [0x7e]);
        assert_eq!(signed(127), [0xff, 0]);
        assert_eq!(signed(-127), [0x81, 0x7f]);
        assert_eq!(signed(128), [0x80, 1]);
        assert_eq!(signed(-129), [0xff, 0x7e]);
    }
}
