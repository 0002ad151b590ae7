//! Text that C can read: UTF-8 with a NUL at its end.

use std::ffi::CStr;
use std::fmt;

/// A name from the debug information. It is UTF-8, without a NUL inside and with one at its end, so that both C and
/// Rust can read it in place. Bytes that are not UTF-8 become U+FFFD, and so do control characters, which a terminal
/// would execute.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Box<str>);

impl Name {
    /// Copies `text` up to its first NUL.
    pub fn new(text: &str) -> Name {
        let end = text.bytes().position(|byte| byte == 0).unwrap_or(text.len());
        let mut owned = String::with_capacity(end + 1);
        owned.push_str(text.get(..end).unwrap_or(""));
        owned.push('\0');
        Name(owned.into_boxed_str())
    }

    /// Copies `bytes` up to the first NUL.
    pub fn from_bytes(bytes: &[u8]) -> Name {
        let text = String::from_utf8_lossy(bytes);
        // 0xc2 is the first byte of the control characters outside ASCII, and of other characters.
        let suspect = |byte: &u8| matches!(byte, 1..0x20 | 0x7f | 0xc2);
        if bytes.iter().any(suspect) {
            Name::new(&text.replace(|c: char| c.is_control() && c != '\0', "\u{fffd}"))
        } else {
            Name::new(&text)
        }
    }

    /// The text without the NUL.
    pub fn as_str(&self) -> &str {
        self.0.strip_suffix('\0').unwrap_or(&self.0)
    }

    /// The text as a C string, valid as long as `self`.
    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_with_nul(self.0.as_bytes()).unwrap_or(c"")
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn one_text_for_both_languages() {
        for (bytes, text) in [
            (&b"stat"[..], "stat"),
            (b"", ""),
            (b"cut\0here", "cut"),
            (b"caf\xe9", "caf\u{fffd}"),
            (b"caf\xc3\xa9 \xc2\xa7", "caf\u{e9} \u{a7}"),
            (b"a\x1b[31m\n", "a\u{fffd}[31m\u{fffd}"),
            (b"\xc2\x9b1m", "\u{fffd}1m"),
        ] {
            let name = Name::from_bytes(bytes);
            assert_eq!(name.as_str(), text);
            assert_eq!(name.as_c_str().to_bytes(), text.as_bytes());
        }
    }
}
