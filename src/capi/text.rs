//! Constant C strings.

/// A text followed by a NUL, in `SIZE` bytes. This is evaluated at compile time, and panics if the text does not fit.
pub(super) const fn with_nul<const SIZE: usize>(text: &str) -> [u8; SIZE] {
    assert!(text.len() < SIZE);
    let mut bytes = [0; SIZE];
    bytes.split_at_mut(text.len()).0.copy_from_slice(text.as_bytes());
    bytes
}
