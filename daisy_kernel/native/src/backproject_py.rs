//! Python face of `fbp`.
use crate::backproject::{fbp, Geometry};
use crate::buffers::{contiguous, guarded, slice, slice_mut};
use crate::filter::{Filter, Window};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Fill `out` (row, y, x) from `sinograms` (row, angle, column), both float32.
#[pyfunction]
pub fn fbp_into(
    py: Python<'_>,
    sinograms: &Bound<'_, PyAny>,
    angles: Vec<f64>,
    weights: Vec<f64>,
    axis: f64,
    filter: &str,
    out: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let window = Window::named(filter)
        .ok_or_else(|| PyValueError::new_err(format!("there is no filter {filter:?}")))?;
    let source = contiguous::<f32>(sinograms, 3)?;
    let target = contiguous::<f32>(out, 3)?;
    let (from, to) = (source.shape().to_vec(), target.shape().to_vec());
    let fits = from[0] == to[0] && from[1] == angles.len() && to[1] == to[2];
    if !fits || weights.len() != angles.len() || from[2] < 2 {
        return Err(PyValueError::new_err(format!(
            "sinograms {from:?}, {} angles, {} weights and slices {to:?} do not fit",
            angles.len(),
            weights.len()
        )));
    }
    // SAFETY: both buffers are held here; `out` is new and known to the caller only.
    let (data, result) = unsafe { (slice(&source), slice_mut(&target)?) };
    guarded(py, || {
        let geometry = Geometry {
            angles: &angles,
            weights: &weights,
            axis,
            columns: from[2],
            size: to[1],
        };
        fbp(data, &geometry, &Filter::new(from[2], window), result);
    })
}
