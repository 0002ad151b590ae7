//! Build-ids as text, in the names of files and in messages.

use std::fmt::Write;

/// The lower-case hexadecimal digits of a build-id.
pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().fold(String::with_capacity(2 * id.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digits of the first byte and those of the rest, as in the names of files by build-id. `None` if there is no
/// rest.
pub(crate) fn split_digits(id: &[u8]) -> Option<(String, String)> {
    let digits = hex(id);
    let (first, rest) = digits.split_at_checked(2).filter(|(_, rest)| !rest.is_empty())?;
    Some((first.to_owned(), rest.to_owned()))
}

/// The build-id for lower-case hexadecimal digits. `None` for any other text and for an empty one.
pub(crate) fn bytes_of(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |&byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_id_is_read_as_it_is_written() {
        assert_eq!(hex(&[0xab, 0x01]), "ab01");
        assert_eq!(bytes_of(b"ab01"), Some(vec![0xab, 0x01]));
        assert_eq!(split_digits(&[0xab, 0x01]), Some(("ab".to_owned(), "01".to_owned())));
        assert_eq!((split_digits(&[0xab]), split_digits(&[])), (None, None));
        for other in [&b""[..], b"ab0", b"AB01", b"ab0x"] {
            assert_eq!(bytes_of(other), None);
        }
    }
}
