//! The part of DAISY that must run at the machine's speed.
//!
//! This file only lists what Python sees; the work is in one file per stage.
use pyo3::prelude::*;

pub mod backproject;
mod backproject_py;
mod buffers;
pub mod dark;
mod dark_py;
pub mod decode;
pub mod encode;
mod encode_py;
pub mod filter;
pub mod frame;
pub mod pool;
pub mod read;
mod read_py;
pub mod reduce;
mod reduce_py;
pub mod stripes;
mod stripes_py;
pub mod sums;
mod sums_py;
pub mod tile;
mod tile_py;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::backproject_py::fbp_into;
    #[pymodule_export]
    use super::dark_py::subtract_into;
    #[pymodule_export]
    use super::encode_py::{encode_chunk_into, encoded_bound};
    #[pymodule_export]
    use super::read_py::{limit_workers, read_parts, workers, ChunkTable, ReadFailure, Stop};
    #[pymodule_export]
    use super::reduce_py::reduce_parts;
    #[pymodule_export]
    use super::stripes_py::remove_stripes_in;
    #[pymodule_export]
    use super::sums_py::sum_frames_into;
    #[pymodule_export]
    use super::tile_py::tile_frame;

    /// Version of the compiled core; the Python side refuses another one.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
