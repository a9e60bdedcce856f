//! zlib streams: HDF5's gzip filter and TIFF's deflate.
use super::{filled, DecodeError};
use libdeflater::{DecompressionError, Decompressor};

const NAME: &str = "deflate";

/// Keeps its tables from one stream to the next.
pub struct Inflater(Decompressor);

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflater {
    pub fn new() -> Self {
        Self(Decompressor::new())
    }

    /// The stream's own checksum is compared; bytes after its end are ignored, as
    /// HDF5 and TIFF readers do.
    pub fn inflate(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
        match self.0.zlib_decompress(input, out) {
            Ok(got) => filled(NAME, got, out),
            Err(DecompressionError::BadData) => Err(DecodeError::Corrupt(NAME)),
            Err(DecompressionError::InsufficientSpace) => Err(DecodeError::TooLong {
                codec: NAME,
                expected: out.len(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's zlib.compress(b"a b c a b c a b c").
    const STREAM: [u8; 16] = [
        0x78, 0x9c, 0x4b, 0x54, 0x48, 0x52, 0x48, 0x56, 0x48, 0x44, 0x90, 0x00, 0x28, 0x07, 0x04,
        0x73,
    ];

    fn inflate(input: &[u8], size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0xaa; size];
        Inflater::new().inflate(input, &mut out).map(|()| out)
    }

    #[test]
    fn a_stream_fills_its_output() {
        assert_eq!(inflate(&STREAM, 17).unwrap(), b"a b c a b c a b c");
        let padded = [&STREAM[..], &[0, 0]].concat();
        assert!(inflate(&padded, 17).is_ok());
    }

    #[test]
    fn another_size_is_an_error() {
        let long = inflate(&STREAM, 16).unwrap_err();
        assert!(matches!(long, DecodeError::TooLong { expected: 16, .. }));
        let short = inflate(&STREAM, 18).unwrap_err();
        assert!(matches!(short, DecodeError::WrongSize { got: 17, .. }));
    }

    #[test]
    fn broken_streams_are_errors() {
        for short in 0..STREAM.len() {
            assert!(inflate(&STREAM[..short], 17).is_err());
        }
        for at in 0..STREAM.len() {
            let mut flipped = STREAM;
            flipped[at] ^= 0x10;
            assert!(inflate(&flipped, 17).is_err(), "byte {at}");
        }
    }
}
