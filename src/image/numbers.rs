//! Numbers in the byte order of a file.

/// The 2-byte number at `offset`.
pub(super) fn half(data: &[u8], offset: usize, little_endian: bool) -> Option<u16> {
    let bytes = data.get(offset..)?.first_chunk::<2>()?;
    Some(if little_endian { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
}

/// The 4-byte number at `offset`.
pub(super) fn word(data: &[u8], offset: usize, little_endian: bool) -> Option<u32> {
    let bytes = data.get(offset..)?.first_chunk::<4>()?;
    Some(if little_endian { u32::from_le_bytes(*bytes) } else { u32::from_be_bytes(*bytes) })
}

/// The 8-byte number at `offset`.
pub(super) fn long(data: &[u8], offset: usize, little_endian: bool) -> Option<u64> {
    let bytes = data.get(offset..)?.first_chunk::<8>()?;
    Some(if little_endian { u64::from_le_bytes(*bytes) } else { u64::from_be_bytes(*bytes) })
}
