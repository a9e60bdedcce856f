//! Python face of the encoders: one chunk at a time, without the GIL.
use crate::buffers::{contiguous, guarded, slice, slice_mut};
use crate::encode::codec::{Codec, Encoder};
use crate::encode::EncodeError;
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use std::cell::RefCell;

thread_local! {
    /// Contexts cost more than a small chunk: a thread keeps those of its last codec.
    static KEPT: RefCell<Option<(Codec, Encoder)>> = const { RefCell::new(None) };
}

/// Encode the bytes of a whole chunk into a buffer; give the bytes written.
///
/// The face gives arrays of bytes that nobody changes meanwhile.
#[pyfunction]
pub fn encode_chunk_into(
    py: Python<'_>,
    codec: &str,
    level: i32,
    itemsize: usize,
    chunk: &Bound<'_, PyAny>,
    out: &Bound<'_, PyAny>,
) -> PyResult<usize> {
    let codec = named(codec, level)?;
    let (chunk, out) = (contiguous::<u8>(chunk, 1)?, contiguous::<u8>(out, 1)?);
    // SAFETY: the buffers are held here, and the face keeps others away from both.
    let (input, target) = unsafe { (slice(&chunk), slice_mut(&out)?) };
    if target.len() < codec.bound(input.len()) {
        return Err(PyValueError::new_err("the buffer is too small"));
    }
    let done = guarded(py, || encode(codec, input, itemsize, target))?;
    done.map_err(|error| match error {
        EncodeError::Memory(_) => PyMemoryError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    })
}

/// Most bytes that a chunk of so many bytes takes.
#[pyfunction]
pub fn encoded_bound(codec: &str, bytes: usize) -> PyResult<usize> {
    Ok(named(codec, 1)?.bound(bytes))
}

fn encode(
    codec: Codec,
    input: &[u8],
    itemsize: usize,
    out: &mut [u8],
) -> Result<usize, EncodeError> {
    KEPT.with_borrow_mut(|kept| {
        let (_, mut encoder) = match kept.take() {
            Some(same) if same.0 == codec => same,
            _ => (codec, Encoder::new(codec)?),
        };
        let encoded = encoder.encode(input, itemsize, out);
        *kept = Some((codec, encoder));
        encoded
    })
}

fn named(codec: &str, level: i32) -> PyResult<Codec> {
    Ok(match codec {
        "gzip" => Codec::Gzip,
        "bitshuffle-lz4" => Codec::BitshuffleLz4,
        "bitshuffle-zstd" => Codec::BitshuffleZstd(level),
        "zstd" => Codec::Zstd(level),
        other => return Err(PyValueError::new_err(format!("no codec {other:?}"))),
    })
}
