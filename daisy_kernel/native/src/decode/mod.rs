//! Stored bytes back to numbers: one file per codec.
//!
//! Every decoder is given an output of exactly the size that the file promises.
//! The bytes come from outside: all lengths in them are checked, and whatever does
//! not fill the output to the last byte is an error.
use thiserror::Error;

pub mod bits;
pub mod bitshuffle;
pub mod byteorder;
pub mod deflate;
pub mod fletcher32;
#[doc(hidden)]
pub mod fuzz;
pub mod lz4;
pub mod lzf;
pub mod lzw;
pub mod packbits;
pub mod predictor;
pub mod shuffle;
pub mod zstd;

/// Why bytes cannot be decoded; the first field names the codec.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum DecodeError {
    #[error("{0}: the data are corrupt")]
    Corrupt(&'static str),
    #[error("{0}: the data end too early")]
    Truncated(&'static str),
    #[error("{codec}: the data hold {got} bytes where {expected} are expected")]
    WrongSize {
        codec: &'static str,
        expected: usize,
        got: u64,
    },
    #[error("{codec}: the data hold more than the {expected} bytes expected")]
    TooLong {
        codec: &'static str,
        expected: usize,
    },
    #[error("fletcher32: the data give {computed:#010x}, the file says {stored:#010x}")]
    Checksum { stored: u32, computed: u32 },
    #[error("{0}")]
    Unsupported(&'static str),
    #[error("{0}: not enough memory")]
    Memory(&'static str),
}

/// All of `out` must have been written.
fn filled(codec: &'static str, got: usize, out: &[u8]) -> Result<(), DecodeError> {
    if got == out.len() {
        return Ok(());
    }
    Err(DecodeError::WrongSize {
        codec,
        expected: out.len(),
        got: got as u64,
    })
}
