//! HDF5's checksum at the end of a chunk.
use super::DecodeError;

/// Words whose weighted sum fits 32 bits: 65535 * (1 + ... + 256) < 2^32.
const WORDS: usize = 256;

/// The data without the checksum at their end, if they agree with it.
pub fn check(stored: &[u8]) -> Result<&[u8], DecodeError> {
    let (data, word) = stored
        .split_last_chunk()
        .ok_or(DecodeError::Truncated("fletcher32"))?;
    let (stored, computed) = (u32::from_le_bytes(*word), checksum(data));
    if residue(stored) != computed {
        return Err(DecodeError::Checksum { stored, computed });
    }
    Ok(data)
}

/// Both halves modulo 65535: the sum of the big-endian words, and the sum of its sums.
pub fn checksum(data: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { checksum_avx2(data) };
    }
    checksum_portable(data)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn checksum_avx2(data: &[u8]) -> u32 {
    checksum_portable(data)
}

#[inline(always)]
fn checksum_portable(data: &[u8]) -> u32 {
    let (mut sum, mut sums) = (0u64, 0u64);
    let mut add = |words: u64, (plain, weighted): (u32, u32)| {
        sums = (sums + words * sum + u64::from(weighted)) % 65535;
        sum = (sum + u64::from(plain)) % 65535;
    };
    let mut blocks = data.chunks_exact(2 * WORDS);
    for block in &mut blocks {
        add(WORDS as u64, block_sums(block));
    }
    for pair in blocks.remainder().chunks(2) {
        // an odd last byte counts as if a 0 followed
        let word = u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |&low| low.into());
        add(1, (word, word));
    }
    (sums as u32) << 16 | sum as u32
}

/// Sum of the words, and with the first counted most often.
#[inline(always)]
fn block_sums(block: &[u8]) -> (u32, u32) {
    let (mut plain, mut weighted) = (0u32, 0u32);
    for (i, pair) in block.chunks_exact(2).enumerate() {
        let word = u32::from(u16::from_be_bytes([pair[0], pair[1]]));
        plain += word;
        weighted += word * (WORDS - i) as u32;
    }
    (plain, weighted)
}

/// HDF5 leaves 0xffff where modulo 65535 would give 0.
fn residue(stored: u32) -> u32 {
    (((stored >> 16) % 65535) << 16) | ((stored & 0xffff) % 65535)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow(data: &[u8]) -> u32 {
        let (mut sum, mut sums) = (0u32, 0u32);
        for pair in data.chunks(2) {
            let word = u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            sum = (sum + word) % 65535;
            sums = (sums + sum) % 65535;
        }
        sums << 16 | sum
    }

    proptest! {
        #[test]
        fn as_fast_as_right(data in prop::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(checksum(&data), slow(&data));
            prop_assert_eq!(checksum_portable(&data), slow(&data));
        }

        #[test]
        fn one_flipped_bit_is_found(
            data in prop::collection::vec(any::<u8>(), 1..600),
            at: prop::sample::Index,
            bit in 0u8..8,
        ) {
            let mut stored = [&data[..], &checksum(&data).to_le_bytes()].concat();
            prop_assert_eq!(check(&stored), Ok(&data[..]));
            let at = at.index(data.len());
            stored[at] ^= 1 << bit;
            prop_assert!(check(&stored).is_err());
        }
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        let data = vec![0xff; 5000];
        assert_eq!(checksum(&data), slow(&data));
        let ones = [&data[..], &[0xff; 4]].concat();
        assert_eq!(check(&ones), Ok(&data[..]));
        assert!(check(&[0; 3]).is_err());
        assert_eq!(check(&[0; 4]), Ok(&[][..]));
    }
}
