//! Compressed sections, with bounded output.

use std::io::Read;

use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{decompress as inflate, DecompressorOxide};
use miniz_oxide::inflate::TINFLStatus;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::StreamingDecoder;

use crate::error::{Error, ErrorKind, Result};

/// DEFLATE codes at most 258 bytes in 2 bits (RFC 1951 §3.2.5), so that a byte holds at most 1032.
const ZLIB_RATIO: u64 = 1032;
/// The densest zstd block is an RLE block: 4 bytes for 128 KiB (RFC 8878 §3.1.1.2.2 and §3.1.1.2.4).
const ZSTD_RATIO: u64 = (128 << 10) / 4;
/// No compiler writes a larger section; DWARF's 32-bit format ends here too.
const LARGEST: u64 = 4 << 30;
/// Debug information shrinks to a third or a tenth. A section that is larger than `HARMLESS` and shrinks more than
/// this was made to exhaust memory.
const PLAUSIBLE_RATIO: u64 = 256;
const HARMLESS: u64 = 4 << 20;
/// The smallest average size of a zstd frame, in bytes. Compressors put more into a frame.
const SMALLEST_FRAME: u64 = 4096;
/// How many bytes of a zlib stream are decompressed at first.
const FIRST_PART: usize = 64 << 10;

/// How a section is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// A zlib stream (RFC 1950).
    Zlib,
    /// A sequence of zstd frames (RFC 8878).
    Zstd,
}

/// Decompresses `data`, which must hold `size` bytes. Fails without a large allocation if `data` cannot hold that
/// many. Also fails if it holds a different number.
pub(crate) fn decompress(compression: Compression, data: &[u8], size: u64) -> Result<Vec<u8>> {
    let ratio = match compression {
        Compression::Zlib => ZLIB_RATIO,
        Compression::Zstd => ZSTD_RATIO,
    };
    if size > LARGEST || size > (data.len() as u64).saturating_mul(ratio) {
        let message = format!(
            "a compressed section of {} bytes says that it holds {size} bytes, which it cannot",
            data.len()
        );
        return Err(Error::new(ErrorKind::MalformedElf, message));
    }
    if size > HARMLESS && size > (data.len() as u64).saturating_mul(PLAUSIBLE_RATIO) {
        let message = format!("a compressed section of {} bytes holds {size} bytes", data.len());
        return Err(Error::new(ErrorKind::Limit, message));
    }
    // The one additional byte shows that a declared size is too small.
    let mut output = Vec::new();
    output.try_reserve_exact(size as usize + 1).map_err(|error| {
        Error::new(ErrorKind::NoMemory, "there is no memory for a compressed section")
            .caused_by(error)
    })?;
    match compression {
        Compression::Zlib => zlib(data, size, &mut output)?,
        Compression::Zstd => zstd(data, size, &mut output)?,
    }
    Ok(output)
}

/// Appends the `size` bytes to `output`.
fn zlib(data: &[u8], size: u64, output: &mut Vec<u8>) -> Result<()> {
    const FLAGS: u32 = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let size = size as usize;
    let (mut decoder, mut data, mut end) = (Box::<DecompressorOxide>::default(), data, 0);
    loop {
        // The buffer grows as needed, because the declared size may be false.
        output.resize((2 * output.len()).max(FIRST_PART).min(size), 0);
        let (status, read, written) = inflate(&mut decoder, data, output, end, FLAGS);
        (data, end) = (data.get(read..).unwrap_or_default(), end + written);
        match status {
            TINFLStatus::HasMoreOutput if output.len() < size => {}
            // `Done` also means that the checksum behind the stream was read.
            TINFLStatus::Done if end == size => return Ok(()),
            _ => return Err(malformed_stream("zlib")),
        }
    }
}

/// Appends the `size` bytes to `output`.
fn zstd(mut data: &[u8], size: u64, output: &mut Vec<u8>) -> Result<()> {
    // Each frame needs a new decoder, which takes longer to make than a few bytes take to decode. So the number of
    // frames is limited.
    let mut frames = 16 + size / SMALLEST_FRAME;
    while !data.is_empty() {
        frames = frames.checked_sub(1).ok_or_else(|| malformed_stream("zstd"))?;
        let mut decoder = match StreamingDecoder::new(&mut data) {
            Ok(decoder) => decoder,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                data = data.get(length as usize..).ok_or_else(|| malformed_stream("zstd"))?;
                continue;
            }
            Err(error) => return Err(malformed_stream("zstd").caused_by(error)),
        };
        // One byte more than declared shows that there is too much.
        let room = size.saturating_sub(output.len() as u64).saturating_add(1);
        (&mut decoder)
            .take(room)
            .read_to_end(output)
            .map_err(|error| malformed_stream("zstd").caused_by(error))?;
        if output.len() as u64 > size {
            break;
        }
        let decoder = decoder.into_frame_decoder();
        let checksum = decoder.get_checksum_from_data();
        if checksum.is_some() && checksum != decoder.get_calculated_checksum() {
            return Err(malformed_stream("zstd"));
        }
    }
    if output.len() as u64 == size {
        Ok(())
    } else {
        Err(malformed_stream("zstd"))
    }
}

fn malformed_stream(format: &str) -> Error {
    let message = format!("a section's {format} data is malformed or not of its declared size");
    Error::new(ErrorKind::MalformedElf, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zstd frame with `blocks` RLE blocks of 128 KiB (RFC 8878 §3.1.1): no checksum, window of 128 KiB.
    fn zstd_frame(blocks: usize) -> Vec<u8> {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3];
        for block in 0..blocks {
            let header = (128u32 << 10 << 3) | 1 << 1 | u32::from(block + 1 == blocks);
            frame.extend(&header.to_le_bytes()[..3]);
            frame.push(b'x');
        }
        frame
    }

    #[test]
    fn a_dense_zstd_stream_is_read_whole_and_no_further() {
        let size = 31 * (128 << 10);
        let frame = zstd_frame(31);
        assert!(decompress(Compression::Zstd, &frame, size).unwrap().iter().all(|&b| b == b'x'));
        for wrong in [0, 1, size - 1, size + 1] {
            let error = decompress(Compression::Zstd, &frame, wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MalformedElf, "{wrong}");
        }
        // The stream cannot hold this much, so it is refused without decoding.
        let error = decompress(Compression::Zstd, &frame, 4 << 30).unwrap_err();
        assert!(error.to_string().contains("which it cannot"), "{error}");
        // The stream could hold this much, but no compiler would write it.
        let error = decompress(Compression::Zstd, &zstd_frame(33), 33 << 17).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    #[test]
    fn zstd_frames_follow_each_other() {
        let mut data = zstd_frame(1);
        // A skippable frame of 3 bytes (RFC 8878 §3.1.2).
        data.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
        data.extend(zstd_frame(2));
        assert_eq!(decompress(Compression::Zstd, &data, 3 << 17).unwrap().len(), 3 << 17);
        data.truncate(data.len() - 1);
        assert!(decompress(Compression::Zstd, &data, 3 << 17).is_err());
        // Very many frames for a few bytes.
        let tiny = [&zstd_frame(0)[..], &[1 << 3 | 2 | 1, 0, 0, b'x']].concat();
        for (frames, fits) in [(16, true), (17, false)] {
            let unpacked = decompress(Compression::Zstd, &tiny.repeat(frames), frames as u64);
            assert_eq!(unpacked.is_ok(), fits, "{frames}");
        }
        let skip_past_the_end = [0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff];
        assert!(decompress(Compression::Zstd, &skip_past_the_end, 0).is_err());
    }

    #[test]
    fn a_zlib_stream_must_end_with_its_checksum() {
        let data = miniz_oxide::deflate::compress_to_vec_zlib(&[b'y'; 100_000], 9);
        assert_eq!(decompress(Compression::Zlib, &data, 100_000).unwrap(), [b'y'; 100_000]);
        for wrong in [0, 1, 99_999, 100_001, u64::MAX] {
            assert!(decompress(Compression::Zlib, &data, wrong).is_err(), "{wrong}");
        }
        for end in 0..data.len() {
            assert!(decompress(Compression::Zlib, &data[..end], 100_000).is_err(), "{end}");
        }
        let mut damaged = data;
        *damaged.last_mut().unwrap() ^= 1;
        assert!(decompress(Compression::Zlib, &damaged, 100_000).is_err());
    }
}
