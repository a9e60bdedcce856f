//! Python face of `subtract`.
use crate::buffers::{contiguous, guarded, slice, slice_mut};
use crate::dark::{subtract, Count};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// Subtract dark (number) from frames (frame, number) of whole numbers, which may lie
/// apart from each other, into float32 (frame, number).
#[pyfunction]
pub fn subtract_into(
    py: Python<'_>,
    frames: &Bound<'_, PyAny>,
    dark: &Bound<'_, PyAny>,
    out: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let dark = contiguous::<f32>(dark, 1)?;
    let out = contiguous::<f32>(out, 2)?;
    macro_rules! of {
        ($($kind:ty),*) => {$(
            if let Ok(frames) = PyBuffer::<$kind>::get(frames) {
                return all(py, &frames, &dark, &out);
            }
        )*};
    }
    of!(u8, i8, u16, i16, u32, i32);
    Err(PyTypeError::new_err(
        "frames are not whole numbers of 4 bytes at most",
    ))
}

fn all<T: Element + Copy + Send + Sync + Into<Count>>(
    py: Python<'_>,
    frames: &PyBuffer<T>,
    dark: &PyBuffer<f32>,
    out: &PyBuffer<f32>,
) -> PyResult<()> {
    let size = dark.item_count();
    let item = std::mem::size_of::<T>() as isize;
    let fits = frames.shape() == out.shape()
        && frames.shape().get(1) == Some(&size)
        && (size < 2 || frames.strides()[1] == item)
        && (frames.shape()[0] < 2 || frames.strides()[0] % item == 0);
    if !fits {
        return Err(PyValueError::new_err(
            "frames, dark and result do not fit to each other, or a frame is not in one piece",
        ));
    }
    if size == 0 {
        return Ok(());
    }
    let (first, apart) = (frames.buf_ptr() as usize, frames.strides()[0]);
    // SAFETY: the buffers are held here; the result is a new array of the face.
    let (dark, out) = unsafe { (slice(dark), slice_mut(out)?) };
    guarded(py, || {
        for (number, out) in out.chunks_exact_mut(size).enumerate() {
            let start = first.wrapping_add_signed(number as isize * apart) as *const T;
            // SAFETY: `size` numbers of the buffer begin at each of its frames, which
            // are aligned to each other; nobody writes to them meanwhile.
            let frame = unsafe { std::slice::from_raw_parts(start, size) };
            subtract(frame, dark, out);
        }
    })
}
