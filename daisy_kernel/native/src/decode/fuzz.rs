//! One entry per decoder for arbitrary bytes: the fuzzer calls them, and the tests run
//! them over the inputs that it has found. The first bytes choose sizes.
use super::{bitshuffle, deflate, lz4, lzf, lzw, packbits, predictor, zstd};

/// A decoder must not care what was in the output before.
const POISON: u8 = 0xaa;

pub fn bitshuffle_chunk(data: &[u8]) {
    let Some(([kind, size], chunk)) = head(data) else {
        return;
    };
    let itemsize = [1, 2, 3, 4, 8, 16][usize::from(kind >> 2) % 6];
    let codec = match kind & 1 {
        0 => bitshuffle::Codec::Lz4,
        _ => bitshuffle::Codec::Zstd,
    };
    // as the chunk says, so that it gets past the first check
    let told = chunk
        .get(6..8)
        .map_or(0, |word| u16::from_be_bytes([word[0], word[1]]));
    let nbytes = usize::from(told) + usize::from(size > 250);
    let mut scratch = bitshuffle::Scratch::default();
    let mut out = vec![POISON; nbytes];
    let whole = bitshuffle::decode(codec, chunk, &mut out, itemsize, &mut scratch);
    let parts = by_table(codec, chunk, nbytes, itemsize, &mut scratch);
    assert_eq!(whole.is_ok(), parts.is_some());
    assert!(parts.is_none_or(|parts| parts == out));
    let block = usize::from(size) * 8;
    let _ = bitshuffle::decode_plain(chunk, &mut out, itemsize, block, &mut scratch);
}

fn by_table(
    codec: bitshuffle::Codec,
    chunk: &[u8],
    nbytes: usize,
    itemsize: usize,
    scratch: &mut bitshuffle::Scratch,
) -> Option<Vec<u8>> {
    let layout = bitshuffle::header(chunk, itemsize, nbytes).ok()?;
    let starts = bitshuffle::walk(chunk, &layout).ok()?;
    let mut out = vec![POISON; nbytes];
    for k in 0..layout.blocks() {
        let (payload, _) = bitshuffle::payload(&chunk[starts[k] as usize..]).ok()?;
        let to = &mut out[k * layout.block..][..layout.block_bytes(k)];
        bitshuffle::decode_block(codec, payload, to, itemsize, scratch).ok()?;
    }
    let tail = &chunk[starts[layout.blocks()] as usize..];
    out[nbytes - layout.tail..].copy_from_slice(tail);
    Some(out)
}

pub fn lzf(data: &[u8]) {
    with_size(data, lzf::decode);
}

pub fn lz4(data: &[u8]) {
    with_size(data, lz4::block);
    with_size(data, lz4::container);
}

pub fn deflate(data: &[u8]) {
    let mut inflater = deflate::Inflater::new();
    with_size(data, |input, out| inflater.inflate(input, out));
}

pub fn zstd(data: &[u8]) {
    if let Ok(mut unzstd) = zstd::Unzstd::new() {
        with_size(data, |input, out| unzstd.decode(input, out));
    }
}

pub fn packbits(data: &[u8]) {
    with_size(data, packbits::decode);
}

pub fn lzw(data: &[u8]) {
    with_size(data, lzw::decode);
}

pub fn predictor(data: &[u8]) {
    let Some(([row, shape], rest)) = head(data) else {
        return;
    };
    let (row, samples) = (usize::from(row), usize::from(shape >> 4));
    let itemsize = usize::from(shape & 15);
    let mut rows = rest.to_vec();
    let _ = predictor::horizontal(&mut rows, row, samples, itemsize);
    let _ = predictor::floating(&mut rows, row, samples, itemsize);
}

fn with_size<E>(data: &[u8], mut decode: impl FnMut(&[u8], &mut [u8]) -> Result<(), E>) {
    let Some((size, input)) = head(data) else {
        return;
    };
    let size = usize::from(u16::from_be_bytes(size));
    let (mut one, mut other) = (vec![POISON; size], vec![!POISON; size]);
    // fine means that every byte was written
    if decode(input, &mut one).is_ok() {
        assert!(decode(input, &mut other).is_ok());
        assert_eq!(one, other);
    }
}

fn head(data: &[u8]) -> Option<([u8; 2], &[u8])> {
    data.split_first_chunk().map(|(head, rest)| (*head, rest))
}
