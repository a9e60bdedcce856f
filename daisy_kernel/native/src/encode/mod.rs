//! Numbers to stored bytes, for the codecs that DAISY writes.
//!
//! A worker keeps its encoder: the contexts inside cost more than a small chunk.
use thiserror::Error;

mod bits;
pub mod bitshuffle;
pub mod codec;
pub mod deflate;
mod huffman;
pub mod lz4;
pub mod planes;
mod runs;
pub mod zstd;

/// Why numbers cannot be encoded.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum EncodeError {
    #[error("{0}")]
    Unsupported(&'static str),
    #[error("{0}: cannot compress")]
    Failed(&'static str),
    #[error("{0}: not enough memory")]
    Memory(&'static str),
}
