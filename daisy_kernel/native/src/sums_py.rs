//! Python face of `sum_frames`.
use crate::buffers::{contiguous, guarded, slice, slice_mut};
use crate::sums::sum_frames;
use pyo3::prelude::*;

/// Add up float32 frames (frame, number) into a float64 array (number).
#[pyfunction]
pub fn sum_frames_into(
    py: Python<'_>,
    frames: &Bound<'_, PyAny>,
    total: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let frames = contiguous::<f32>(frames, 2)?;
    let total = contiguous::<f64>(total, 1)?;
    let size = total.item_count();
    if frames.shape()[1] != size {
        return Err(pyo3::exceptions::PyValueError::new_err(
            "the total has another size than a frame",
        ));
    }
    // SAFETY: both buffers are held here; the total is a new array of the face.
    let (data, sums) = unsafe { (slice(&frames), slice_mut(&total)?) };
    guarded(py, || sum_frames(data, size, sums))
}
