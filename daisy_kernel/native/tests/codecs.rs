//! What HDF5, its plugins and imagecodecs have written (`data/make.py`) is read right,
//! and nothing that is cut off or longer passes for right.
use _core::decode::bitshuffle::{self, Codec, Scratch};
use _core::decode::{deflate::Inflater, zstd::Unzstd, DecodeError};
use _core::decode::{fletcher32, lz4, lzf, lzw, packbits, predictor, shuffle};

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("data/", $name)).as_slice()
    };
}

/// Poisson counts, little-endian uint16.
const COUNTS: &[u8] = data!("counts.raw");
/// The first of them, as 20 rows of 100 pixels.
const FRAME: usize = 4000;

fn check(
    stored: &[u8],
    right: &[u8],
    mut decode: impl FnMut(&[u8], &mut [u8]) -> Result<(), DecodeError>,
) {
    let mut run = |stored: &[u8], size: usize| {
        let mut out = vec![0xaa; size];
        decode(stored, &mut out).map(|()| out)
    };
    assert!(run(stored, right.len()).as_deref() == Ok(right));
    assert!(run(stored, right.len() + 1).is_err());
    assert!(run(stored, right.len() - 1).is_err());
    for short in (0..stored.len() - 2).step_by(13) {
        assert!(run(&stored[..short], right.len()).is_err());
    }
}

/// Counts of another item size.
fn resized<const S: usize>(count: usize) -> Vec<u8> {
    let numbers = COUNTS.chunks(2).take(count);
    numbers
        .flat_map(|pair| {
            let mut item = [0; S];
            item[0] = pair[0];
            item
        })
        .collect()
}

fn shuffled(counts: &[u8]) -> Vec<u8> {
    let mut planes = vec![0; counts.len()];
    shuffle::shuffle(counts, &mut planes, 2).unwrap();
    planes
}

#[test]
fn hdf5_gzip_and_lzf_with_shuffle() {
    let planes = shuffled(COUNTS);
    let mut inflater = Inflater::new();
    check(data!("counts.gzip"), &planes, |stored, out| {
        inflater.inflate(stored, out)
    });
    check(data!("counts.lzf"), &planes, lzf::decode);
}

#[test]
fn hdf5_plugins_lz4_and_zstd() {
    check(data!("counts.lz4"), COUNTS, lz4::container);
    let mut unzstd = Unzstd::new().unwrap();
    check(data!("counts.zstd"), COUNTS, |stored, out| {
        unzstd.decode(stored, out)
    });
}

#[test]
fn hdf5_plugins_bitshuffle() {
    let mut scratch = Scratch::default();
    let mut run = |stored, right: &[u8], codec, size| {
        check(stored, right, |stored, out| {
            bitshuffle::decode(codec, stored, out, size, &mut scratch)
        });
    };
    run(data!("counts.bslz4"), COUNTS, Codec::Lz4, 2);
    run(data!("counts.bszstd"), COUNTS, Codec::Zstd, 2);
    run(data!("wide.bslz4"), &resized::<4>(1051), Codec::Lz4, 4);
    run(data!("bytes.bslz4"), &resized::<1>(1051), Codec::Lz4, 1);
}

#[test]
fn hdf5_plugins_bitshuffle_without_compression() {
    let block = bitshuffle::default_block(2);
    let mut out = vec![0xaa; 2 * 1051];
    let bits = data!("counts.bits");
    bitshuffle::decode_plain(bits, &mut out, 2, block, &mut Scratch::default()).unwrap();
    assert_eq!(out, &COUNTS[..2 * 1051]);
}

#[test]
fn hdf5_checksum() {
    let stored = data!("counts.fletcher32");
    assert_eq!(fletcher32::check(stored), Ok(&COUNTS[..2 * 601]));
    for at in 0..stored.len() {
        let mut flipped = stored.to_vec();
        flipped[at] ^= 4;
        assert!(fletcher32::check(&flipped).is_err());
    }
}

#[test]
fn tiff_codecs() {
    check(data!("frame.lzw"), &COUNTS[..FRAME], lzw::decode);
    check(data!("frame.packbits"), &COUNTS[..FRAME], packbits::decode);
}

#[test]
#[cfg(target_endian = "little")]
fn tiff_predictors() {
    let mut frame = data!("frame.delta").to_vec();
    predictor::horizontal(&mut frame, 100, 1, 2).unwrap();
    assert_eq!(frame, &COUNTS[..FRAME]);
    let mut roots = data!("roots.floatpred").to_vec();
    predictor::floating(&mut roots, 100, 1, 4).unwrap();
    assert_eq!(roots, data!("roots.raw"));
}
