//! Python face of the reductions.
use crate::buffers::guarded;
use crate::read_py::{checked, finish, go_on, AxisArgument, ChunkTable, Stop};
use crate::reduce::engine::{self, Outcome, Raw, Reduction, Results};
use crate::reduce::number::Rough;
use crate::reduce::part::Part;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::atomic::AtomicBool;

/// A table, the positions per axis, the first cell, and strides in cells.
type PartArgument<'py> = (Bound<'py, ChunkTable>, Vec<AxisArgument>, usize, Vec<isize>);

/// Reduce parts to cells; give bytes read, bytes decoded, and whether a sum overflowed.
///
/// `kind` is numpy's name of the element type, `arrays` are addresses, 0 where not
/// wanted, of sum, minimum, maximum, variance and mean. The face makes sure that they
/// are C-contiguous, of the shape and of the right types, writable and alive.
#[pyfunction]
#[pyo3(signature = (parts, shape, kind, swap, arrays, count, held, stop=None, direct=false))]
#[allow(clippy::too_many_arguments)]
pub fn reduce_parts(
    py: Python<'_>,
    parts: Vec<PartArgument<'_>>,
    shape: Vec<usize>,
    kind: &str,
    swap: bool,
    arrays: (usize, usize, usize, usize, usize),
    count: u64,
    held: u64,
    stop: Option<Bound<'_, Stop>>,
    direct: bool,
) -> PyResult<(u64, u64, bool)> {
    let mut made = Vec::with_capacity(parts.len());
    for (table, axes, start, strides) in &parts {
        let table = &table.get().table;
        made.push(Part {
            table,
            axes: checked(table, axes.iter().map(AxisArgument::again).collect())?,
            start: *start,
            strides: strides.clone(),
        });
    }
    let reduction = Reduction {
        parts: &made,
        shape: &shape,
        raw: Raw {
            swap,
            half: kind == "f2",
        },
        count,
        held,
        direct,
    };
    check_sizes(&made, kind)?;
    let at = |address: usize| address as *mut u8;
    let results = Results {
        sum: at(arrays.0),
        low: at(arrays.1),
        high: at(arrays.2),
        variance: at(arrays.3),
        mean: at(arrays.4),
    };
    let never = AtomicBool::new(false);
    let stop = stop.as_ref().map_or(&never, |stop| &stop.get().flag);
    let mut interrupted = None;
    // SAFETY: see above
    let done = guarded(py, || unsafe {
        let asked = || go_on(&mut interrupted);
        match kind {
            "u1" => engine::reduce::<u8>(&reduction, results, stop, asked),
            "u2" => engine::reduce::<u16>(&reduction, results, stop, asked),
            "u4" => engine::reduce::<u32>(&reduction, results, stop, asked),
            "u8" => engine::reduce::<u64>(&reduction, results, stop, asked),
            "i1" => engine::reduce::<i8>(&reduction, results, stop, asked),
            "i2" => engine::reduce::<i16>(&reduction, results, stop, asked),
            "i4" => engine::reduce::<i32>(&reduction, results, stop, asked),
            "i8" => engine::reduce::<i64>(&reduction, results, stop, asked),
            "f2" | "f4" => engine::reduce::<f32>(&reduction, results, stop, asked),
            "f8" => engine::reduce::<f64>(&reduction, results, stop, asked),
            "rough u8" => engine::reduce::<Rough<u64>>(&reduction, results, stop, asked),
            "rough i8" => engine::reduce::<Rough<i64>>(&reduction, results, stop, asked),
            _ => None,
        }
    })?;
    let Some(done) = done else {
        return Err(PyValueError::new_err(
            "a part does not fit the result, or has an unknown type",
        ));
    };
    let Outcome {
        read,
        decoded,
        overflow,
    } = finish(done, interrupted)?;
    Ok((read, decoded, overflow))
}

fn check_sizes(parts: &[Part<'_>], kind: &str) -> PyResult<()> {
    let size = kind
        .as_bytes()
        .last()
        .map_or(0, |digit| digit.wrapping_sub(b'0'));
    match parts
        .iter()
        .all(|part| part.table.itemsize == usize::from(size))
    {
        true => Ok(()),
        false => Err(PyValueError::new_err(format!(
            "the elements are not of type {kind}"
        ))),
    }
}
