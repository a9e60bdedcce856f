//! Python face of the read engine.
use crate::buffers::{guarded, slice};
use crate::decode::bitshuffle::Codec;
use crate::pool;
use crate::read::axis::Axis;
use crate::read::chunk;
use crate::read::engine::{self, Part};
use crate::read::error::{Cause, ReadError};
use crate::read::fetch::{Identity, Source};
use crate::read::index;
use crate::read::place::Target;
use crate::read::table::{Filter, Packing, Row, Strip, Table};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Numbers by their names.
type Counts = BTreeMap<&'static str, u64>;

pyo3::create_exception!(
    daisy_kernel.native._core,
    ReadFailure,
    pyo3::exceptions::PyException,
    "A chunk that could not be read: (kind, number of the part, file, origin, why)."
);

/// The chunks of one dataset. Immutable, but for the block index that it gathers.
#[pyclass(frozen, module = "daisy_kernel.native")]
pub struct ChunkTable {
    pub(crate) table: Table,
}

#[pymethods]
impl ChunkTable {
    /// `files` are (path, inode, size, mtime in ns), zero where any will do; `cells`
    /// are the numbers of the stored chunks in the C-ordered grid of all.
    #[new]
    #[pyo3(signature = (files, shape, chunk, itemsize, padded, filters, fill, cells, file, offset, size, mask))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        files: Vec<(PathBuf, u64, u64, i64)>,
        shape: Vec<u64>,
        chunk: Vec<u64>,
        itemsize: usize,
        padded: bool,
        filters: Vec<(String, Vec<u32>)>,
        fill: Vec<u8>,
        cells: PyBuffer<u64>,
        file: PyBuffer<u32>,
        offset: PyBuffer<u64>,
        size: PyBuffer<u64>,
        mask: PyBuffer<u32>,
    ) -> PyResult<Self> {
        let files = files
            .into_iter()
            .map(|(path, inode, size, modified_ns)| Source {
                path,
                identity: Identity {
                    inode,
                    size,
                    modified_ns,
                },
            })
            .collect();
        let filters = filters
            .iter()
            .map(|(name, values)| filter(name, values))
            .collect::<PyResult<_>>()?;
        // SAFETY: the buffers are held here, and the face hands over new arrays.
        let (cells, file) = unsafe { (slice(&cells), slice(&file)) };
        let (offset, size, mask) = unsafe { (slice(&offset), slice(&size), slice(&mask)) };
        let count = cells.len();
        if [file.len(), offset.len(), size.len(), mask.len()] != [count; 4] {
            return Err(PyValueError::new_err(
                "the columns of the table differ in length",
            ));
        }
        let stored = (0..count)
            .map(|i| {
                let row = Row {
                    offset: offset[i],
                    size: size[i],
                    file: file[i],
                    mask: mask[i],
                };
                (cells[i], row)
            })
            .collect();
        let table = Table::new(files, shape, chunk, itemsize, padded, filters, fill, stored);
        Ok(Self {
            table: table.map_err(PyValueError::new_err)?,
        })
    }

    /// Stored chunks.
    fn __len__(&self) -> usize {
        self.table.len()
    }

    /// Chunks whose blocks are known.
    #[getter]
    fn indexed(&self) -> usize {
        self.table.indexed()
    }

    /// Count what a read of a selection to an array of these strides would take now.
    fn cost(&self, axes: Vec<AxisArgument>, strides: Vec<isize>) -> PyResult<Counts> {
        let axes = checked(&self.table, axes)?;
        if strides.len() != axes.len() {
            return Err(PyValueError::new_err("a stride is needed for each axis"));
        }
        let found = chunk::expense(&self.table, &axes, &strides);
        Ok(BTreeMap::from([
            ("chunks", found.chunks),
            ("stored", found.stored),
            ("blocks", found.blocks),
            ("indexed", found.indexed),
            ("whole", found.whole),
            ("size", found.size),
            ("read", found.read),
            ("decoded", found.decoded),
            ("shared", u64::from(found.is_shared)),
        ]))
    }

    /// Whether all chunks that another table has are stored in this one too.
    fn covers(&self, other: &Self) -> bool {
        self.table.covers(&other.table)
    }

    /// Whether another table has the chunks of a selection at the same places.
    fn same_chunks(&self, other: &Self, axes: Vec<AxisArgument>) -> PyResult<bool> {
        let axes = checked(&self.table, axes)?;
        checked(&other.table, axes.iter().map(AxisArgument::from).collect())?;
        Ok(self.table.chunk == other.table.chunk
            && self.table.places(&axes) == other.table.places(&axes))
    }

    /// Give all stored chunks as bytes that two equal tables have in common.
    fn rows<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.table.export())
    }

    /// Walk through the chunks whose blocks are not known yet; give the bytes read.
    fn build_index(&self, py: Python<'_>) -> PyResult<u64> {
        let mut interrupted = None;
        let done = guarded(py, || index::build(&self.table, || go_on(&mut interrupted)))?;
        finish(done.map(|read| (read, 0)), interrupted).map(|(read, _)| read)
    }

    /// Give the block index as (starts per chunk, bytes of a block per chunk, starts),
    /// three arrays of u32 as bytes.
    fn blocks<'py>(
        &self,
        py: Python<'py>,
    ) -> (
        Bound<'py, PyBytes>,
        Bound<'py, PyBytes>,
        Bound<'py, PyBytes>,
    ) {
        let (counts, bytes, starts) = index::export(&self.table);
        (pack(py, &counts), pack(py, &bytes), pack(py, &starts))
    }

    /// Take a block index; whatever does not fit the chunks is refused.
    fn set_blocks(
        &self,
        counts: PyBuffer<u32>,
        bytes: PyBuffer<u32>,
        starts: PyBuffer<u32>,
    ) -> bool {
        // SAFETY: the buffers are held here, and the face hands over new arrays.
        let (counts, bytes, starts) = unsafe { (slice(&counts), slice(&bytes), slice(&starts)) };
        index::import(&self.table, counts, bytes, starts)
    }
}

/// Lets another thread stop a read.
#[pyclass(frozen, module = "daisy_kernel.native")]
pub struct Stop {
    pub(crate) flag: AtomicBool,
}

#[pymethods]
impl Stop {
    #[new]
    fn new() -> Self {
        Self {
            flag: AtomicBool::new(false),
        }
    }

    /// Stop the reads that were given this.
    fn set(&self) {
        self.flag.store(true, Relaxed);
    }
}

/// Positions along one axis: (start, count, step), or a rising list.
#[derive(FromPyObject)]
pub enum AxisArgument {
    Run(u64, usize, u64),
    List(Vec<u64>),
}

/// A table, the positions per axis, and the array: address, shape, strides in bytes.
type PartArgument<'py> = (
    Bound<'py, ChunkTable>,
    Vec<AxisArgument>,
    usize,
    Vec<usize>,
    Vec<isize>,
);

/// Read parts into their arrays; give bytes read and bytes decoded.
///
/// The face makes sure that the arrays are writable, alive, and of the element size.
#[pyfunction]
#[pyo3(signature = (parts, stop=None, direct=false))]
pub fn read_parts(
    py: Python<'_>,
    parts: Vec<PartArgument<'_>>,
    stop: Option<Bound<'_, Stop>>,
    direct: bool,
) -> PyResult<(u64, u64)> {
    let mut made = Vec::with_capacity(parts.len());
    for (table, axes, start, shape, strides) in &parts {
        let table = &table.get().table;
        let axes = checked(table, axes.iter().map(AxisArgument::again).collect())?;
        let wanted: Vec<usize> = axes.iter().map(Axis::len).collect();
        if wanted != *shape || strides.len() != shape.len() {
            return Err(PyValueError::new_err(format!(
                "the selection has shape {wanted:?}, the array has {shape:?}"
            )));
        }
        // SAFETY: the face gives address and strides of an array of this shape, and
        // keeps it alive until the end of this call.
        let target = unsafe { Target::new(*start as *mut u8, strides) }.direct(direct);
        made.push(Part {
            table,
            axes,
            target,
        });
    }
    let never = AtomicBool::new(false);
    let stop = stop.as_ref().map_or(&never, |stop| &stop.get().flag);
    let mut interrupted = None;
    let done = guarded(py, || engine::read(&made, stop, || go_on(&mut interrupted)))?;
    finish(
        done.map(|cost| (cost.read.into_inner(), cost.decoded.into_inner())),
        interrupted,
    )
}

/// Threads that a read uses: of anything large, or of so many chunks of so many bytes.
#[pyfunction]
#[pyo3(signature = (chunks=None, stored=0, has_blocks=false, light=None))]
pub fn workers(chunks: Option<usize>, stored: u64, has_blocks: bool, light: Option<u64>) -> usize {
    chunks.map_or_else(pool::workers, |chunks| {
        engine::workers_for(chunks, stored, has_blocks, light)
    })
}

/// Let this process keep no more than so many CPUs busy, if it has not begun to read.
#[pyfunction]
pub fn limit_workers(most: usize) {
    pool::limit_workers(most);
}

/// Whether the user has not pressed the stop button.
pub(crate) fn go_on(interrupted: &mut Option<PyErr>) -> bool {
    match Python::attach(|py| py.check_signals()) {
        Ok(()) => true,
        Err(error) => {
            *interrupted = Some(error);
            false
        }
    }
}

pub(crate) fn finish<T>(done: Result<T, ReadError>, interrupted: Option<PyErr>) -> PyResult<T> {
    match (done, interrupted) {
        (_, Some(error)) => Err(error),
        (Ok(value), None) => Ok(value),
        (Err(error), None) => Err(failure(error)),
    }
}

fn failure(error: ReadError) -> PyErr {
    let kind = match &error.cause {
        Cause::Open(cause) => match cause.kind() {
            std::io::ErrorKind::NotFound => "missing",
            std::io::ErrorKind::PermissionDenied => "denied",
            _ => "broken",
        },
        Cause::Replaced => "replaced",
        Cause::Short { .. } => "short",
        Cause::Io(_) => "broken",
        Cause::Decode(_) => "corrupt",
        Cause::Stopped => "stopped",
    };
    let why = error.cause.to_string();
    ReadFailure::new_err((kind, error.part, error.path, error.origin, why))
}

pub(crate) fn checked(table: &Table, axes: Vec<AxisArgument>) -> PyResult<Vec<Axis>> {
    let shape = &table.shape;
    if axes.len() != shape.len() {
        return Err(PyValueError::new_err(format!(
            "{} axes for {shape:?}",
            axes.len()
        )));
    }
    let checked: Option<Vec<Axis>> = axes
        .into_iter()
        .zip(shape)
        .map(|(axis, &size)| Axis::new(axis.into(), size))
        .collect();
    checked.ok_or_else(|| PyValueError::new_err(format!("a position is outside {shape:?}")))
}

impl AxisArgument {
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Run(start, count, step) => Self::Run(*start, *count, *step),
            Self::List(positions) => Self::List(positions.clone()),
        }
    }
}

impl From<&Axis> for AxisArgument {
    fn from(axis: &Axis) -> Self {
        match axis {
            Axis::Run { start, count, step } => Self::Run(*start, *count, *step),
            Axis::List(positions) => Self::List(positions.clone()),
        }
    }
}

impl From<AxisArgument> for Axis {
    fn from(argument: AxisArgument) -> Self {
        match argument {
            AxisArgument::Run(start, count, step) => Axis::Run { start, count, step },
            AxisArgument::List(positions) => Axis::List(positions),
        }
    }
}

fn filter(name: &str, values: &[u32]) -> PyResult<Filter> {
    let value = |i: usize| values.get(i).copied().unwrap_or(0) as usize;
    let size = || match value(0) {
        0 => Err(PyValueError::new_err(format!(
            "{name} needs the size of an element"
        ))),
        size => Ok(size),
    };
    let strip = |packing| {
        Filter::Tiff(Strip {
            packing,
            predictor: value(0) as u8,
            samples: value(1).max(1),
            swap: value(2) != 0,
        })
    };
    Ok(match name {
        "shuffle" => Filter::Shuffle(size()?),
        "deflate" => Filter::Deflate,
        "fletcher32" => Filter::Fletcher32,
        "lzf" => Filter::Lzf,
        "lz4" => Filter::Lz4,
        "zstd" => Filter::Zstd,
        "bitshuffle-lz4" => Filter::Bitshuffle {
            itemsize: size()?,
            codec: Codec::Lz4,
        },
        "bitshuffle-zstd" => Filter::Bitshuffle {
            itemsize: size()?,
            codec: Codec::Zstd,
        },
        "tiff-none" => strip(Packing::None),
        "tiff-lzw" => strip(Packing::Lzw),
        "tiff-deflate" => strip(Packing::Deflate),
        "tiff-zstd" => strip(Packing::Zstd),
        "tiff-packbits" => strip(Packing::PackBits),
        other => return Err(PyValueError::new_err(format!("no filter {other:?}"))),
    })
}

fn pack<'py>(py: Python<'py>, values: &[u32]) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_ne_bytes())
        .collect();
    PyBytes::new(py, &bytes)
}
