//! What can go wrong while reading: which file, which chunk, why.
use crate::decode::DecodeError;
use std::io;

/// Why one chunk could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    #[error("{0}")]
    Open(io::Error),
    #[error("another file has taken its place since it was opened")]
    Replaced,
    #[error("the file ends too early: {wanted} bytes at {offset} are wanted, it has {size}")]
    Short { offset: u64, wanted: u64, size: u64 },
    #[error("{0}")]
    Io(io::Error),
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error("stopped")]
    Stopped,
}

/// A chunk that could not be read, by the first element that it holds.
#[derive(Debug, thiserror::Error)]
#[error("{path}: chunk at {origin:?}: {cause}")]
pub struct ReadError {
    pub path: String,
    pub part: usize,
    pub origin: Vec<u64>,
    pub cause: Cause,
}

impl ReadError {
    /// The user wanted it so.
    pub fn stopped() -> Self {
        Self {
            path: String::new(),
            part: 0,
            origin: Vec::new(),
            cause: Cause::Stopped,
        }
    }
}
