//! The codecs by name, each with its state.
use super::bitshuffle::Bitshuffler;
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
        // LZ4 adds 1 in 255 and 16 to each block of 8 KiB, zstd and zlib less
        bytes + bytes / 64 + 1024
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

    pub fn encode(&mut self, input: &[u8], itemsize: usize) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Gzip(planes) => planes.encode(input, itemsize),
            Self::Bitshuffle(bits) => bits.encode(input, itemsize),
            Self::Zstd(zstd) => zstd.encode(input),
        }
    }
}
