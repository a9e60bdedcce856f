//! Python buffers as Rust memory: checked once, here.
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A C-contiguous buffer of a known type and shape.
pub fn contiguous<T: Element>(object: &Bound<'_, PyAny>, ndim: usize) -> PyResult<PyBuffer<T>> {
    let buffer = PyBuffer::<T>::get(object)?;
    if buffer.dimensions() != ndim || !buffer.is_c_contiguous() {
        return Err(PyValueError::new_err(format!(
            "need a C-contiguous array with {ndim} axes, got one with {} axes",
            buffer.dimensions()
        )));
    }
    Ok(buffer)
}

/// The elements of a contiguous buffer.
///
/// # Safety
/// Nobody may write to the buffer while the slice lives. The Python face hands over
/// arrays that it does not change meanwhile.
pub unsafe fn slice<T: Element>(buffer: &PyBuffer<T>) -> &[T] {
    if buffer.item_count() == 0 {
        return &[];
    }
    std::slice::from_raw_parts(buffer.buf_ptr() as *const T, buffer.item_count())
}

/// The elements of a writable contiguous buffer.
///
/// # Safety
/// Nobody else may use the buffer while the slice lives: the Python face makes a new
/// array for every result.
#[allow(clippy::mut_from_ref)]
pub unsafe fn slice_mut<T: Element>(buffer: &PyBuffer<T>) -> PyResult<&mut [T]> {
    if buffer.readonly() {
        return Err(PyValueError::new_err("the output array is read-only"));
    }
    if buffer.item_count() == 0 {
        return Ok(&mut []);
    }
    Ok(std::slice::from_raw_parts_mut(
        buffer.buf_ptr() as *mut T,
        buffer.item_count(),
    ))
}

/// Work without the GIL; a panic becomes a RuntimeError instead of crossing over.
pub fn guarded<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
        .map_err(|_| PyRuntimeError::new_err("the compiled core failed; please report this"))
}
