//! Python face of `remove_stripes`.
use crate::buffers::{contiguous, guarded, slice_mut};
use crate::stripes::remove_stripes;
use pyo3::prelude::*;

/// Correct float32 sinograms (row, angle, column) in place.
#[pyfunction]
pub fn remove_stripes_in(
    py: Python<'_>,
    sinograms: &Bound<'_, PyAny>,
    size: usize,
) -> PyResult<()> {
    let buffer = contiguous::<f32>(sinograms, 3)?;
    let shape = buffer.shape().to_vec();
    // SAFETY: the buffer is held here, and the face hands over a new array.
    let data = unsafe { slice_mut(&buffer)? };
    guarded(py, || remove_stripes(data, shape[1], shape[2], size))
}
