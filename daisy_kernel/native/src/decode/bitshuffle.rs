//! Chunks of the bitshuffle filter (HDF5 filter 32008).
//!
//! 8 bytes size and 4 bytes block size, big endian; then for each block 4 bytes length
//! and the compressed block, whose bits are transposed on their own. The last block is
//! shorter, and what does not fill eight elements is stored as it is at the end.
use super::bits::untranspose;
use super::zstd::Unzstd;
use super::{lz4, DecodeError};

const NAME: &str = "bitshuffle";
/// Bytes before the first block: decoded size, and bytes of a block.
pub const HEADER: usize = 12;

/// What shrinks the transposed bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Lz4,
    Zstd,
}

/// Buffers and contexts of one worker, kept from block to block.
#[derive(Default)]
pub struct Scratch {
    zstd: Option<Unzstd>,
    block: Vec<u8>,
    bits: Vec<u8>,
}

/// How a chunk is cut into blocks; all sizes are of decoded bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub total: usize,
    pub block: usize,
    pub itemsize: usize,
    /// Bytes at the end that are stored as they are.
    pub tail: usize,
}

impl Layout {
    /// None if the blocks do not hold eight elements or a multiple of that.
    pub fn new(total: usize, block: usize, itemsize: usize) -> Option<Self> {
        let eight = itemsize.checked_mul(8).filter(|&eight| eight > 0)?;
        let fits = block > 0 && block % eight == 0;
        fits.then_some(Layout {
            total,
            block,
            itemsize,
            tail: total % eight,
        })
    }

    pub fn blocks(&self) -> usize {
        (self.total - self.tail).div_ceil(self.block)
    }

    /// Decoded length of block k, 0 beyond the last one. It starts at `k * block`.
    pub fn block_bytes(&self, k: usize) -> usize {
        let start = k.saturating_mul(self.block);
        (self.total - self.tail)
            .saturating_sub(start)
            .min(self.block)
    }
}

/// Block size that bitshuffle chooses by itself, in bytes.
pub fn default_block(itemsize: usize) -> usize {
    let elements = 8192usize.checked_div(itemsize).unwrap_or(0);
    (elements / 8 * 8).max(128).saturating_mul(itemsize)
}

/// The layout that a chunk tells, which must be one of `nbytes` decoded bytes.
pub fn header(chunk: &[u8], itemsize: usize, nbytes: usize) -> Result<Layout, DecodeError> {
    let (total, rest) = chunk
        .split_first_chunk()
        .ok_or(DecodeError::Truncated(NAME))?;
    let block = rest.first_chunk().ok_or(DecodeError::Truncated(NAME))?;
    let (total, block) = (u64::from_be_bytes(*total), u32::from_be_bytes(*block));
    if total != nbytes as u64 {
        return Err(DecodeError::WrongSize {
            codec: NAME,
            expected: nbytes,
            got: total,
        });
    }
    Layout::new(nbytes, block as usize, itemsize).ok_or(DecodeError::Unsupported(
        "bitshuffle: the block size is no multiple of eight elements",
    ))
}

/// The first block of `bytes`, which start with its length word, and what follows it.
pub fn payload(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (length, rest) = bytes
        .split_first_chunk()
        .ok_or(DecodeError::Truncated(NAME))?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > rest.len() {
        return Err(DecodeError::Truncated(NAME));
    }
    Ok(rest.split_at(length))
}

/// Where each block's length word starts, and as last entry where the tail starts.
pub fn walk(chunk: &[u8], layout: &Layout) -> Result<Vec<u32>, DecodeError> {
    u32::try_from(chunk.len())
        .map_err(|_| DecodeError::Unsupported("bitshuffle: the chunk is 4 GiB or larger"))?;
    let mut rest = chunk.get(HEADER..).ok_or(DecodeError::Truncated(NAME))?;
    let blocks = layout.blocks();
    // each takes its length word at least: a lying header allocates nothing
    if rest.len() / 4 < blocks {
        return Err(DecodeError::Truncated(NAME));
    }
    let mut starts = Vec::with_capacity(blocks + 1);
    for _ in 0..blocks {
        starts.push((chunk.len() - rest.len()) as u32);
        (_, rest) = payload(rest)?;
    }
    starts.push((chunk.len() - rest.len()) as u32);
    match rest.len() {
        left if left < layout.tail => Err(DecodeError::Truncated(NAME)),
        left if left > layout.tail => Err(DecodeError::Corrupt(NAME)),
        _ => Ok(starts),
    }
}

/// One block, without its length word, into the whole of `out`.
pub fn decode_block(
    codec: Codec,
    payload: &[u8],
    out: &mut [u8],
    itemsize: usize,
    scratch: &mut Scratch,
) -> Result<(), DecodeError> {
    scratch.block.resize(out.len(), 0);
    match codec {
        Codec::Lz4 => lz4::block(payload, &mut scratch.block)?,
        Codec::Zstd => context(&mut scratch.zstd)?.decode(payload, &mut scratch.block)?,
    }
    untranspose(&scratch.block, out, itemsize, &mut scratch.bits)
}

/// A whole chunk into the whole of `out`.
pub fn decode(
    codec: Codec,
    chunk: &[u8],
    out: &mut [u8],
    itemsize: usize,
    scratch: &mut Scratch,
) -> Result<(), DecodeError> {
    let layout = header(chunk, itemsize, out.len())?;
    let mut rest = chunk.get(HEADER..).ok_or(DecodeError::Truncated(NAME))?;
    let (blocks, tail) = out.split_at_mut(layout.total - layout.tail);
    for to in blocks.chunks_mut(layout.block) {
        let (block, after) = payload(rest)?;
        decode_block(codec, block, to, itemsize, scratch)?;
        rest = after;
    }
    copy(rest, tail)
}

/// A chunk of transposed bits without header and compression.
pub fn decode_plain(
    chunk: &[u8],
    out: &mut [u8],
    itemsize: usize,
    block: usize,
    scratch: &mut Scratch,
) -> Result<(), DecodeError> {
    let layout = Layout::new(out.len(), block, itemsize).ok_or(DecodeError::Unsupported(
        "bitshuffle: the block size is no multiple of eight elements",
    ))?;
    let (blocks, tail) = out.split_at_mut(layout.total - layout.tail);
    let bits = chunk
        .get(..blocks.len())
        .ok_or(DecodeError::Truncated(NAME))?;
    for (from, to) in bits.chunks(block).zip(blocks.chunks_mut(block)) {
        untranspose(from, to, itemsize, &mut scratch.bits)?;
    }
    copy(&chunk[bits.len()..], tail)
}

fn context(zstd: &mut Option<Unzstd>) -> Result<&mut Unzstd, DecodeError> {
    match zstd {
        Some(context) => Ok(context),
        none => Ok(none.insert(Unzstd::new()?)),
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> Result<(), DecodeError> {
    match from.len() {
        left if left < to.len() => Err(DecodeError::Truncated(NAME)),
        left if left > to.len() => Err(DecodeError::Corrupt(NAME)),
        _ => {
            to.copy_from_slice(from);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::bits::transpose;
    use crate::encode::bitshuffle::Bitshuffler;
    use proptest::prelude::*;

    const CODECS: [Codec; 2] = [Codec::Lz4, Codec::Zstd];

    fn chunk(codec: Codec, data: &[u8], itemsize: usize) -> Vec<u8> {
        let mut encoder = match codec {
            Codec::Lz4 => Bitshuffler::lz4(),
            Codec::Zstd => Bitshuffler::zstd(1).unwrap(),
        };
        encoder.encode(data, itemsize).unwrap()
    }

    fn data(size: usize) -> Vec<u8> {
        (0..size).map(|i| (i / 3 * i % 7) as u8).collect()
    }

    /// By the table of block starts, as partial reads do.
    fn by_table(codec: Codec, chunk: &[u8], size: usize) -> Result<Vec<u8>, DecodeError> {
        let layout = header(chunk, 2, size)?;
        let starts = walk(chunk, &layout)?;
        let mut scratch = Scratch::default();
        let mut out = vec![0xaa; size];
        for (k, &start) in starts[..layout.blocks()].iter().enumerate() {
            let (block, _) = payload(&chunk[start as usize..])?;
            let to = &mut out[k * layout.block..][..layout.block_bytes(k)];
            decode_block(codec, block, to, 2, &mut scratch)?;
        }
        let tail = starts[layout.blocks()] as usize;
        out[size - layout.tail..].copy_from_slice(&chunk[tail..]);
        Ok(out)
    }

    fn whole(codec: Codec, chunk: &[u8], size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0xaa; size];
        decode(codec, chunk, &mut out, 2, &mut Scratch::default()).map(|()| out)
    }

    #[test]
    fn blocks_one_by_one_are_the_whole() {
        for codec in CODECS {
            for size in [0, 1, 15, 16, 17, 8192, 8193, 20_002] {
                let data = data(size);
                let chunk = chunk(codec, &data, 2);
                assert_eq!(by_table(codec, &chunk, size).as_ref(), Ok(&data));
                assert_eq!(whole(codec, &chunk, size).as_ref(), Ok(&data));
            }
        }
    }

    #[test]
    fn every_truncation_is_an_error() {
        for codec in CODECS {
            let good = chunk(codec, &data(8200), 2);
            for short in 0..good.len() {
                assert!(by_table(codec, &good[..short], 8200).is_err());
                assert!(whole(codec, &good[..short], 8200).is_err());
            }
            let long = [&good[..], &[0]].concat();
            assert!(by_table(codec, &long, 8200).is_err());
            assert!(whole(codec, &long, 8200).is_err());
        }
    }

    #[test]
    fn lying_lengths_are_errors() {
        let good = chunk(Codec::Lz4, &data(20_000), 2);
        for at in 0..HEADER + 4 {
            for flip in [0x01, 0x80, 0xff] {
                let mut lying = good.clone();
                lying[at] ^= flip;
                assert!(by_table(Codec::Lz4, &lying, 20_000).is_err());
                assert!(whole(Codec::Lz4, &lying, 20_000).is_err());
            }
        }
    }

    #[test]
    fn layouts_that_make_no_sense_are_refused() {
        let head =
            |total: u64, block: u32| [&total.to_be_bytes()[..], &block.to_be_bytes()].concat();
        assert!(header(&head(64, 16), 2, 64).is_ok());
        assert!(header(&head(64, 0), 2, 64).is_err());
        assert!(header(&head(64, 24), 2, 64).is_err());
        assert!(header(&head(64, 16), 0, 64).is_err());
        assert!(header(&head(64, 16), usize::MAX, 64).is_err());
        assert!(header(&head(65, 16), 2, 64).is_err());
        let huge = header(&head(1 << 40, 16), 2, 1 << 40).unwrap();
        assert_eq!(
            walk(&head(1 << 40, 16), &huge),
            Err(DecodeError::Truncated(NAME))
        );
    }

    #[test]
    fn without_compression_there_is_no_header() {
        let data = data(100);
        let mut bits = vec![0; 100];
        for (start, size) in [(0, 64), (64, 32)] {
            let part = start..start + size;
            let to = &mut bits[part.clone()];
            transpose(&data[part], to, 2, &mut Vec::new()).unwrap();
        }
        bits[96..].copy_from_slice(&data[96..]);
        let plain = |chunk: &[u8], block| {
            let mut out = vec![0xaa; 100];
            decode_plain(chunk, &mut out, 2, block, &mut Scratch::default()).map(|()| out)
        };
        assert_eq!(plain(&bits, 64), Ok(data));
        assert!(plain(&bits, 0).is_err());
        assert!(plain(&bits, 24).is_err());
        assert!(plain(&bits[..99], 64).is_err());
        assert!(plain(&[&bits[..], &[0]].concat(), 64).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            noise in prop::collection::vec(any::<u8>(), 0..300),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
            zstd: bool,
        ) {
            let codec = CODECS[usize::from(zstd)];
            let mut bad = chunk(codec, &data(9000), 2);
            for (at, flip) in flips {
                let at = at.index(bad.len());
                bad[at] ^= flip;
            }
            let _ = whole(codec, &bad, 9000);
            let _ = by_table(codec, &bad, 9000);
            let _ = whole(codec, &noise, 400);
        }
    }
}
