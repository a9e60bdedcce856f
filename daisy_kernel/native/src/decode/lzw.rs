//! TIFF's LZW: codes of 9 to 12 bits, most significant bit first.
//!
//! A new string is the string before it and the byte that followed, so it stands in the
//! output already: the table keeps where it starts and how long it is.
use super::{filled, DecodeError};

const NAME: &str = "lzw";
const CLEAR: usize = 256;
const END: usize = 257;
const FIRST: usize = 258;
const CODES: usize = 4096;

/// Most strings are shorter; so many bytes are copied at once.
const WIDE: usize = 16;

pub fn decode(input: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
    if u32::try_from(out.len()).is_err() {
        return Err(DecodeError::Unsupported("lzw: 4 GiB or more in one strip"));
    }
    // a clear code in the order of bits that libtiff used before 1996
    if matches!(input, [0, second, ..] if second & 1 == 1) {
        return Err(DecodeError::Unsupported("lzw: the old order of bits"));
    }
    let mut codes = Codes::new(input);
    let (mut starts, mut lengths) = ([0u32; CODES], [0u16; CODES]);
    let (mut next, mut width) = (FIRST, 9);
    let mut last: Option<(usize, usize)> = None; // start and length of the string before
    let mut at = 0;
    while let Some(code) = codes.next(width) {
        if code == CLEAR {
            (next, width, last) = (FIRST, 9, None);
            continue;
        }
        if code == END {
            break;
        }
        if let Some((start, length)) = last.filter(|_| next < CODES) {
            starts[next] = start as u32;
            // a strip of one repeated byte makes strings no longer than the table
            lengths[next] = length as u16 + 1;
            next += 1;
            // the width grows one code early
            width += u32::from(next + 1 == 1 << width && width < 12);
        }
        let length = if code < CLEAR {
            *out.get_mut(at).ok_or_else(|| too_long(at))? = code as u8;
            1
        } else if code < next {
            let (start, length) = (starts[code] as usize, usize::from(lengths[code]));
            again(out, start, at, length)?;
            length
        } else {
            return Err(DecodeError::Corrupt(NAME));
        };
        last = Some((at, length));
        at += length;
    }
    filled(NAME, at, out)
}

/// Copy what stands at `start`; it ends before `at`, or at it with its own first byte.
#[inline(always)]
fn again(out: &mut [u8], start: usize, at: usize, length: usize) -> Result<(), DecodeError> {
    let expected = out.len();
    if length <= WIDE && at + WIDE <= expected {
        // what is copied too much is overwritten by what follows
        let (done, rest) = out.split_at_mut(at);
        match done.get(start..start + WIDE) {
            Some(from) => rest[..WIDE].copy_from_slice(from),
            None => {
                let from = &done[start..];
                rest[..from.len()].copy_from_slice(from);
            }
        }
    } else {
        if length > expected - at {
            return Err(too_long(expected));
        }
        out.copy_within(start..(start + length).min(at), at);
    }
    if start + length > at {
        out[at + length - 1] = out[start];
    }
    Ok(())
}

fn too_long(expected: usize) -> DecodeError {
    DecodeError::TooLong {
        codec: NAME,
        expected,
    }
}

/// Codes one after the other; None when the bits do not make another one.
struct Codes<'a> {
    input: &'a [u8],
    /// The next bits, from the most significant on.
    bits: u64,
    count: u32,
}

impl<'a> Codes<'a> {
    fn new(input: &'a [u8]) -> Self {
        Codes {
            input,
            bits: 0,
            count: 0,
        }
    }

    #[inline(always)]
    fn next(&mut self, width: u32) -> Option<usize> {
        if self.count < width {
            self.fill();
            if self.count < width {
                return None;
            }
        }
        let code = self.bits >> (64 - width);
        self.bits <<= width;
        self.count -= width;
        Some(code as usize)
    }

    #[inline(always)]
    fn fill(&mut self) {
        if let Some((word, _)) = self.input.split_first_chunk() {
            let bytes = (63 - self.count) / 8;
            let word = u64::from_be_bytes(*word) >> (64 - 8 * bytes) << (64 - 8 * bytes);
            self.bits |= word >> self.count;
            self.count += 8 * bytes;
            self.input = &self.input[bytes as usize..];
            return;
        }
        while let Some((&byte, rest)) = self.input.split_first().filter(|_| self.count <= 56) {
            self.bits |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.input = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weezl::{decode, encode, BitOrder};

    fn run(input: &[u8], size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0xaa; size];
        super::decode(input, &mut out).map(|()| out)
    }

    fn pack(data: &[u8]) -> Vec<u8> {
        let mut encoder = encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
        encoder.encode(data).unwrap()
    }

    fn data() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..9000),
            prop::collection::vec(0u8..2, 0..60_000),
            (any::<u8>(), 0usize..100_000).prop_map(|(byte, count)| vec![byte; count]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn there_and_back(data in data()) {
            let packed = pack(&data);
            let back = run(&packed, data.len());
            prop_assert_eq!(back.as_ref(), Ok(&data));
            prop_assert!(run(&packed, data.len() + 1).is_err());
            if !data.is_empty() {
                prop_assert!(run(&packed, data.len() - 1).is_err());
            }
        }

        #[test]
        fn broken_streams_never_panic(
            data in prop::collection::vec(0u8..3, 0..3000),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut packed = pack(&data);
            for (at, flip) in flips {
                let at = at.index(packed.len());
                packed[at] ^= flip;
            }
            if let Ok(ours) = run(&packed, data.len()) {
                let mut decoder = decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
                if let Ok(theirs) = decoder.decode(&packed) {
                    prop_assert_eq!(ours, theirs);
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic(noise in prop::collection::vec(any::<u8>(), 0..400), size in 0usize..900) {
            let _ = run(&noise, size);
            let _ = run(&[&[0x80], &noise[..]].concat(), size);
        }
    }

    #[test]
    fn every_truncation_is_an_error() {
        let data: Vec<u8> = (0..600u32).map(|i| (i * i % 11) as u8).collect();
        let packed = pack(&data);
        // without its last byte only the end code is missing
        for short in 0..packed.len() - 2 {
            assert!(run(&packed[..short], data.len()).is_err(), "{short}");
        }
    }

    #[test]
    fn the_old_order_of_bits_is_told() {
        let old = run(&[0, 1, 2, 3], 3).unwrap_err();
        assert!(old.to_string().contains("old"));
    }
}
