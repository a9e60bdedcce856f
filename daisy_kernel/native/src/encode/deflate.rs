//! zlib streams, as HDF5's gzip filter and TIFF's deflate read them.
use super::EncodeError;
use libdeflater::{adler32, CompressionLvl, Compressor};

const NAME: &str = "deflate";

pub struct Deflater(Compressor);

impl Deflater {
    /// Levels run from 1 (fast) to 12; 0 stores.
    pub fn new(level: u8) -> Result<Self, EncodeError> {
        let level = CompressionLvl::new(level.into())
            .map_err(|_| EncodeError::Unsupported("deflate: the level must be between 0 and 12"))?;
        Ok(Self(Compressor::new(level)))
    }

    pub fn encode(&mut self, input: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = vec![0; self.0.zlib_compress_bound(input.len())];
        let size = self
            .0
            .zlib_compress(input, &mut out)
            .map_err(|_| EncodeError::Failed(NAME))?;
        out.truncate(size);
        Ok(out)
    }

    /// Blocks without header and checksum, which end the stream; their bytes.
    pub(super) fn blocks(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, EncodeError> {
        let done = self.0.deflate_compress(input, out);
        done.map_err(|_| EncodeError::Failed(NAME))
    }
}

/// What stands before the blocks of a zlib stream: a window of 32 KiB, a fast encoder.
pub const HEADER: [u8; 2] = [0x78, 0x5e];

/// What stands behind them.
pub fn checksum(input: &[u8]) -> [u8; 4] {
    adler32(input).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::deflate::Inflater;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(input in prop::collection::vec(0u8..9, 0..3000), level in 0u8..13) {
            let stream = Deflater::new(level).unwrap().encode(&input).unwrap();
            let mut back = vec![0xaa; input.len()];
            Inflater::new().inflate(&stream, &mut back).unwrap();
            prop_assert_eq!(back, input);
        }
    }

    #[test]
    fn no_such_level() {
        assert!(Deflater::new(13).is_err());
    }
}
