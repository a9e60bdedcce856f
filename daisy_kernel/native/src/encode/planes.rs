//! zlib streams of shuffled chunks: what HDF5's shuffle and gzip filters give.
//!
//! The low bytes of a measured number are noise, which `runs` takes; what follows the
//! noise goes to libdeflate, which ends a stream and so has to come last.
use super::bits::BitWriter;
use super::deflate::{checksum, Deflater, HEADER};
use super::{runs, EncodeError};
use crate::decode::shuffle::shuffle;

/// Finds repetitions like zlib 4, in half of its time.
const LEVEL: u8 = 2;
/// A window of deflate: what is decided from.
const SAMPLE: usize = 32 << 10;
const SAMPLES: usize = 3;

pub struct Planes {
    deflater: Deflater,
    planes: Vec<u8>,
}

impl Planes {
    pub fn new() -> Result<Self, EncodeError> {
        Ok(Self {
            deflater: Deflater::new(LEVEL)?,
            planes: Vec::new(),
        })
    }

    /// A whole chunk of elements that are not shuffled yet; the bytes written.
    pub fn encode(
        &mut self,
        input: &[u8],
        itemsize: usize,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let mut planes = std::mem::take(&mut self.planes);
        let done = self.encode_by(input, itemsize, &mut planes, out);
        self.planes = planes;
        done
    }

    fn encode_by(
        &mut self,
        input: &[u8],
        itemsize: usize,
        planes: &mut Vec<u8>,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let bytes = if itemsize > 1 {
            planes.resize(input.len(), 0);
            shuffle(input, planes, itemsize).map_err(|_| EncodeError::Failed("shuffle"))?;
            &planes[..]
        } else {
            input
        };
        let noise = self.noise(bytes, bytes.len() / itemsize.max(1))?;
        let (noise, rest) = bytes.split_at(noise);
        let mut blocks = BitWriter::new(out);
        blocks.bytes(&HEADER);
        runs::append(noise, &mut blocks);
        if rest.is_empty() {
            runs::end(&mut blocks);
        } else if !noise.is_empty() {
            runs::align(&mut blocks);
        }
        let mut size = blocks.finish();
        if !rest.is_empty() {
            size += self.deflater.blocks(rest, &mut out[size..])?;
        }
        let end = out.get_mut(size..size + 4);
        end.ok_or(EncodeError::Failed("deflate"))?
            .copy_from_slice(&checksum(bytes));
        Ok(size + 4)
    }

    /// Bytes of the first planes that need no search for repetitions.
    fn noise(&mut self, bytes: &[u8], plane: usize) -> Result<usize, EncodeError> {
        let mut noise = 0;
        for part in bytes.chunks_exact(plane.max(1)) {
            if !self.is_noise(part)? {
                break;
            }
            noise += part.len();
        }
        Ok(noise)
    }

    fn is_noise(&mut self, plane: &[u8]) -> Result<bool, EncodeError> {
        let (mut by_runs, mut by_search) = (0, 0);
        let step = (plane.len() / SAMPLES).max(SAMPLE);
        let mut shrunk = vec![0; 2 * SAMPLE];
        for part in plane.chunks(step) {
            let middle = (part.len() - part.len().min(SAMPLE)) / 2;
            let sample = &part[middle..][..part.len().min(SAMPLE)];
            by_runs += runs::cost(sample) / 8;
            by_search += self.deflater.blocks(sample, &mut shrunk)?;
        }
        Ok(by_runs <= by_search + by_search / 250)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::deflate::Inflater;
    use crate::decode::shuffle::unshuffle;
    use crate::encode::codec::Codec;
    use proptest::prelude::*;

    fn back(input: &[u8], itemsize: usize) -> Vec<u8> {
        let mut stream = vec![0xaa; Codec::Gzip.bound(input.len())];
        let mut encoder = Planes::new().unwrap();
        let size = encoder.encode(input, itemsize, &mut stream).unwrap();
        stream.truncate(size);
        let mut planes = vec![0xaa; input.len()];
        Inflater::new().inflate(&stream, &mut planes).unwrap();
        let mut back = vec![0xaa; input.len()];
        unshuffle(&planes, &mut back, itemsize).unwrap();
        back
    }

    proptest! {
        #[test]
        fn there_and_back(
            input in prop::collection::vec(prop_oneof![0u8..3, any::<u8>()], 0..5000),
            itemsize in prop::sample::select(vec![1usize, 2, 3, 4, 8, 16]),
        ) {
            prop_assert_eq!(back(&input, itemsize), input);
        }
    }

    #[test]
    fn noise_under_repetitions() {
        let state = |i: u32| i.wrapping_mul(2_654_435_761) >> 13;
        let words = (0..300_000u32).map(|i| (state(i) as u16 & 0xff) | ((i % 97) as u16) << 8);
        let little: Vec<u8> = words.clone().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = words.flat_map(u16::to_be_bytes).collect();
        assert_eq!(back(&little, 2), little);
        assert_eq!(back(&big, 2), big);
        assert_eq!(back(&vec![0; 600_000], 4), vec![0; 600_000]);
        assert!(back(&[], 2).is_empty());
    }
}
