//! Chunks as the bitshuffle filter (HDF5 filter 32008) writes them.
use super::{lz4, zstd::Zstd, EncodeError};
use crate::decode::bits::transpose;
use crate::decode::bitshuffle::default_block;

const NAME: &str = "bitshuffle";

/// What shrinks the transposed bits, with its context.
enum Shrink {
    Lz4,
    Zstd(Zstd),
}

/// Encodes chunk after chunk.
pub struct Bitshuffler {
    shrink: Shrink,
    rows: Vec<u8>,
    scratch: Vec<u8>,
}

impl Bitshuffler {
    pub fn lz4() -> Self {
        Self::new(Shrink::Lz4)
    }

    pub fn zstd(level: i32) -> Result<Self, EncodeError> {
        Zstd::new(level).map(|zstd| Self::new(Shrink::Zstd(zstd)))
    }

    fn new(shrink: Shrink) -> Self {
        Self {
            shrink,
            rows: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// A whole chunk, in blocks of the filter's default size.
    pub fn encode(&mut self, input: &[u8], itemsize: usize) -> Result<Vec<u8>, EncodeError> {
        let mut out = vec![0; bound(input.len())];
        let size = self.encode_into(input, itemsize, &mut out)?;
        out.truncate(size);
        Ok(out)
    }

    /// The same into a buffer of at least `bound` bytes; the bytes written.
    pub fn encode_into(
        &mut self,
        input: &[u8],
        itemsize: usize,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let too_big = EncodeError::Unsupported("bitshuffle: the item size is 0 or too big");
        let block = default_block(itemsize);
        let word = u32::try_from(block).map_err(|_| too_big.clone())?;
        if word == 0 {
            return Err(too_big);
        }
        let tail = input.len() % (8 * itemsize);
        let (blocks, tail) = input.split_at(input.len() - tail);
        let mut at = put(out, 0, &(input.len() as u64).to_be_bytes())?;
        at = put(out, at, &word.to_be_bytes())?;
        for part in blocks.chunks(block) {
            let place = out.get_mut(at + 4..).ok_or(EncodeError::Failed(NAME))?;
            let size = self.block(part, itemsize, place)?;
            let word = u32::try_from(size).map_err(|_| EncodeError::Failed(NAME))?;
            at = put(out, at, &word.to_be_bytes())? + size;
        }
        put(out, at, tail)
    }

    fn block(
        &mut self,
        part: &[u8],
        itemsize: usize,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        self.rows.resize(part.len(), 0);
        transpose(part, &mut self.rows, itemsize, &mut self.scratch)
            .map_err(|_| EncodeError::Failed(NAME))?;
        match &mut self.shrink {
            Shrink::Lz4 => lz4::block(&self.rows, out),
            Shrink::Zstd(zstd) => zstd.encode_into(&self.rows, out),
        }
    }
}

/// Most bytes of a chunk: LZ4 adds 1 in 255 and 16 to each block of about 8 KiB.
pub fn bound(bytes: usize) -> usize {
    bytes + bytes / 64 + 1024
}

fn put(out: &mut [u8], at: usize, bytes: &[u8]) -> Result<usize, EncodeError> {
    let place = out.get_mut(at..at + bytes.len());
    place
        .ok_or(EncodeError::Failed(NAME))?
        .copy_from_slice(bytes);
    Ok(at + bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::bitshuffle::{decode, header, walk, Codec, Scratch};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(
            input in prop::collection::vec(0u8..9, 0..40_000),
            itemsize in prop::sample::select(vec![1usize, 2, 3, 4, 8, 16, 100]),
            zstd: bool,
        ) {
            let (codec, mut encoder) = match zstd {
                false => (Codec::Lz4, Bitshuffler::lz4()),
                true => (Codec::Zstd, Bitshuffler::zstd(3).unwrap()),
            };
            let chunk = encoder.encode(&input, itemsize).unwrap();
            let mut back = vec![0xaa; input.len()];
            decode(codec, &chunk, &mut back, itemsize, &mut Scratch::default()).unwrap();
            prop_assert_eq!(&back, &input);

            let layout = header(&chunk, itemsize, input.len()).unwrap();
            let table = walk(&chunk, &layout).unwrap();
            prop_assert_eq!(table.len(), layout.blocks() + 1);
            prop_assert_eq!(chunk.len(), table[layout.blocks()] as usize + layout.tail);
        }
    }

    #[test]
    fn no_items_no_chunk() {
        assert!(Bitshuffler::lz4().encode(&[0; 8], 0).is_err());
        assert!(Bitshuffler::lz4().encode(&[0; 8], usize::MAX / 8).is_err());
    }
}
