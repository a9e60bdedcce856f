//! The codecs by name, each with its state.
use super::bitshuffle::{self, Bitshuffler};
use super::planes::Planes;
use super::zstd::Zstd;
use super::EncodeError;

/// What a chunk goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// HDF5's shuffle, then zlib
    Gzip,
    BitshuffleLz4,
    BitshuffleZstd(i32),
    Zstd(i32),
}

impl Codec {
    /// Most bytes that an input takes.
    pub fn bound(self, bytes: usize) -> usize {
        // zstd and zlib add less
        bitshuffle::bound(bytes)
    }
}

/// Encodes chunk after chunk with one codec.
pub enum Encoder {
    Gzip(Planes),
    Bitshuffle(Bitshuffler),
    Zstd(Zstd),
}

impl Encoder {
    pub fn new(codec: Codec) -> Result<Self, EncodeError> {
        Ok(match codec {
            Codec::Gzip => Self::Gzip(Planes::new()?),
            Codec::BitshuffleLz4 => Self::Bitshuffle(Bitshuffler::lz4()),
            Codec::BitshuffleZstd(level) => Self::Bitshuffle(Bitshuffler::zstd(level)?),
            Codec::Zstd(level) => Self::Zstd(Zstd::new(level)?),
        })
    }

    /// Into a buffer of at least the codec's bound; the bytes written.
    pub fn encode(
        &mut self,
        input: &[u8],
        itemsize: usize,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        match self {
            Self::Gzip(planes) => planes.encode(input, itemsize, out),
            Self::Bitshuffle(bits) => bits.encode_into(input, itemsize, out),
            Self::Zstd(zstd) => zstd.encode_into(input, out),
        }
    }
}
