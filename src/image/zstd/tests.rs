//! What zstd itself packs is unpacked; what is damaged is found out.

use zstd::bulk::Compressor;

use super::frame;

fn pack(data: &[u8], level: i32, checksum: bool, size: bool) -> Vec<u8> {
    let mut compressor = Compressor::new(level).unwrap();
    compressor.include_checksum(checksum).unwrap();
    compressor.include_contentsize(size).unwrap();
    compressor.compress(data).unwrap()
}

fn unpack(frames: &[u8], room: usize) -> Option<Vec<u8>> {
    let (mut output, mut rest) = (Vec::new(), frames);
    while !rest.is_empty() {
        rest = frame(rest, room - output.len(), &mut output)?;
    }
    Some(output)
}

/// Numbers that are the same in every run.
fn random(count: usize, below: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Data of many kinds: texts, what cannot be compressed, few letters, one letter, matches near and far.
fn samples() -> Vec<Vec<u8>> {
    let text = include_bytes!("../../../docs/compatibility.md");
    let far = [random(200_000, 256), random(200_000, 256), text.to_vec()].concat();
    let skewed: Vec<u8> =
        random(70_000, 251).iter().map(|byte| byte.leading_zeros() as u8).collect();
    let mut samples = vec![text.to_vec(), far, skewed, vec![b'x'; 500_000], random(3000, 3)];
    samples
        .extend([0, 1, 2, 5, 31, 32, 33, 255, 256, 1000, 20_000].map(|end| text[..end].to_vec()));
    samples.extend([1, 7, 100, 131_073].map(|count| random(count, 256)));
    samples.extend([2, 5, 17, 130].map(|letters| random(40_000, letters)));
    samples.push(std::fs::read(std::env::current_exe().unwrap()).unwrap()[..400_000].to_vec());
    samples
}

#[test]
fn what_zstd_packs_is_unpacked() {
    for (number, data) in samples().iter().enumerate() {
        for level in [-50, -3, 1, 3, 6, 12, 19, 22] {
            for (checksum, size) in [(true, true), (false, false)] {
                let packed = pack(data, level, checksum, size);
                let unpacked = unpack(&packed, data.len());
                assert!(unpacked.as_ref() == Some(data), "sample {number} at level {level}");
                // Not a byte less of room, nor of the frame.
                if !data.is_empty() {
                    assert_eq!(unpack(&packed, data.len() - 1), None);
                }
                assert_eq!(unpack(&packed[..packed.len() - 1], data.len()), None);
            }
        }
    }
}

#[test]
fn frames_follow_each_other_and_share_nothing() {
    let text = &include_bytes!("../../../docs/compatibility.md")[..30_000];
    let frames = [pack(text, 19, true, true), pack(text, 3, false, false)].concat();
    assert_eq!(unpack(&frames, 60_000), Some(text.repeat(2)));
    let (mut output, window) = (text.to_vec(), pack(text, 19, true, true));
    assert_eq!(frame(&window, 30_000, &mut output), Some(&[][..]));
    assert_eq!(output, text.repeat(2));
    // A frame that wants a dictionary, and a reserved bit.
    for descriptor in [1, 8] {
        assert_eq!(unpack(&[0x28, 0xb5, 0x2f, 0xfd, descriptor, 0, 9, 1, 0, 0], 10), None);
    }
}

#[test]
fn a_changed_bit_is_an_error_or_changes_nothing() {
    for (data, level) in samples().iter().zip([1, 3, 19].iter().cycle()) {
        let mut packed = pack(data, *level, true, true);
        for number in 0..400.min(packed.len() * 8) {
            let bit = number * packed.len() * 8 / 400.min(packed.len() * 8);
            packed[bit / 8] ^= 1 << (bit % 8);
            let unpacked = unpack(&packed, data.len());
            assert!(unpacked.is_none() || unpacked.as_ref() == Some(data), "bit {bit}");
            packed[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn nonsense_ends() {
    let noise = random(60_000, 256);
    for start in (0..50_000).step_by(97) {
        // A compressed block of what comes, in a frame without a checksum.
        let size = 20 + start % 3000;
        let head = ((size as u32) << 3 | 2 << 1 | 1).to_le_bytes();
        for literals in 0..16 {
            let mut block = noise[start..start + size].to_vec();
            block[0] = block[0] & !15 | literals;
            let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x50][..], &head[..3], &block].concat();
            let _ = unpack(&frame, 1 << 20);
        }
    }
}
