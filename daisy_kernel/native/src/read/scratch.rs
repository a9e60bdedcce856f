//! Memory and codec states that one worker keeps from chunk to chunk.
use super::fetch::Open;
use crate::decode::bitshuffle;
use crate::decode::deflate::Inflater;
use crate::decode::zstd::Unzstd;
use crate::decode::DecodeError;
use std::sync::{Mutex, PoisonError};

/// Buffers that are larger are given back after each read.
const KEPT: usize = 64 << 20;

/// What a worker needs; a chunk at most twice, once as stored and once as decoded.
#[derive(Default)]
pub struct Scratch {
    pub input: Vec<u8>,
    pub chunk: Vec<u8>,
    pub row: Vec<u8>,
    pub codecs: Codecs,
    /// the file that was read last: address of its table, number in it
    pub open: Option<(usize, u32, Open)>,
}

/// States of the decoders.
#[derive(Default)]
pub struct Codecs {
    pub inflater: Inflater,
    pub blocks: bitshuffle::Scratch,
    zstd: Option<Unzstd>,
    /// a block of which only a part is wanted
    pub whole: Vec<u8>,
}

impl Codecs {
    pub fn unzstd(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
        if self.zstd.is_none() {
            self.zstd = Some(Unzstd::new()?);
        }
        match self.zstd.as_mut() {
            Some(zstd) => zstd.decode(input, out),
            None => Err(DecodeError::Memory("zstd")),
        }
    }
}

static IDLE: Mutex<Vec<Scratch>> = Mutex::new(Vec::new());

/// Take a scratch: memory that was touched before is five times as fast.
pub fn take() -> Scratch {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    idle.pop().unwrap_or_default()
}

/// Give it back for the next read.
pub fn give(mut scratch: Scratch) {
    scratch.open = None;
    for buffer in [&mut scratch.input, &mut scratch.chunk, &mut scratch.row] {
        if buffer.capacity() > KEPT {
            *buffer = Vec::new();
        }
    }
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if idle.len() < crate::pool::workers() {
        idle.push(scratch);
    }
}

/// Make a buffer at least so long; what it holds does not matter.
pub fn grow(buffer: &mut Vec<u8>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
}
