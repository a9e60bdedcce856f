//! Python face of `tile`.
use crate::buffers::{contiguous, guarded, slice};
use crate::frame::{Frame, Pixel};
use crate::tile::{tile, Codes, Scale, Tile, Wanted};
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

type Picture<'py> = (Bound<'py, PyBytes>, (usize, usize));
type Answer<'py> = (
    Picture<'py>,
    Option<Picture<'py>>,
    (f64, f64),
    (f64, f64),
    (usize, usize, usize),
);

/// Make a tile of a 2-D buffer whose rows are contiguous.
///
/// `kind` is numpy's dtype without byte order, like "u2" or "f4".
#[pyfunction]
#[pyo3(signature = (frame, kind, level, preview, lo, hi, scale, mask, fill, saturated_from))]
#[allow(clippy::too_many_arguments)]
pub fn tile_frame<'py>(
    py: Python<'py>,
    frame: &Bound<'py, PyAny>,
    kind: &str,
    level: u32,
    preview: Option<u32>,
    lo: Option<f64>,
    hi: Option<f64>,
    scale: &str,
    mask: Option<&Bound<'py, PyAny>>,
    fill: Vec<f64>,
    saturated_from: Option<f64>,
) -> PyResult<Answer<'py>> {
    let scale = match scale {
        "linear" => Scale::Linear,
        "log" => Scale::Log,
        "sqrt" => Scale::Sqrt,
        other => {
            return Err(PyValueError::new_err(format!(
                "scale is {other:?}; use 'linear', 'log' or 'sqrt'"
            )))
        }
    };
    let mask = mask.map(|m| contiguous::<u8>(m, 2)).transpose()?;
    let wanted = Wanted {
        level,
        preview,
        lo,
        hi,
        scale,
        saturated_from,
    };
    let settings = Settings { wanted, mask, fill };
    let made = match kind {
        "u1" => run::<u8>(py, frame, settings),
        "i1" => run::<i8>(py, frame, settings),
        "u2" => run::<u16>(py, frame, settings),
        "i2" => run::<i16>(py, frame, settings),
        "u4" => run::<u32>(py, frame, settings),
        "i4" => run::<i32>(py, frame, settings),
        "u8" => run::<u64>(py, frame, settings),
        "i8" => run::<i64>(py, frame, settings),
        "f4" => run::<f32>(py, frame, settings),
        "f8" => run::<f64>(py, frame, settings),
        other => Err(PyTypeError::new_err(format!(
            "no tiles for element type {other}"
        ))),
    }?;
    let picture = |c: &Codes| (PyBytes::new(py, &c.codes), (c.rows, c.columns));
    Ok((
        picture(&made.picture),
        made.preview.as_ref().map(picture),
        (made.lo, made.hi),
        (made.minimum, made.maximum),
        (made.bad, made.hot, made.saturated),
    ))
}

struct Settings {
    wanted: Wanted,
    mask: Option<PyBuffer<u8>>,
    fill: Vec<f64>,
}

fn run<T: Pixel + Element>(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    settings: Settings,
) -> PyResult<Tile> {
    let buffer = PyBuffer::<T>::get(object)?;
    let (rows, columns, stride) = layout::<T>(&buffer)?;
    let mask_shape = settings.mask.as_ref().map(|m| m.shape().to_vec());
    if mask_shape.is_some_and(|shape| shape != [rows, columns]) {
        return Err(PyValueError::new_err("the mask has another shape"));
    }
    let address = buffer.buf_ptr() as usize;
    guarded(py, || {
        // SAFETY: `layout` checked the strides, the buffer stays held until the end
        // of this function, and the face changes neither frame nor mask meanwhile.
        let mask = settings.mask.as_ref().map(|m| unsafe { slice(m) });
        let frame = unsafe { Frame::new(address as *const T, rows, columns, stride) };
        let frame = frame.without(mask, &settings.fill);
        tile(&frame, settings.wanted)
    })
}

/// Rows, columns and the distance of rows in elements.
fn layout<T: Element>(buffer: &PyBuffer<T>) -> PyResult<(usize, usize, usize)> {
    let item = std::mem::size_of::<T>() as isize;
    match (buffer.shape(), buffer.strides()) {
        (&[rows, columns], &[across, along])
            if (along == item || columns <= 1)
                && across >= 0
                && across % item == 0
                && (rows <= 1 || across >= columns as isize * item) =>
        {
            Ok((rows, columns, (across / item) as usize))
        }
        _ => Err(PyValueError::new_err(
            "need a 2-D frame whose rows are contiguous",
        )),
    }
}
