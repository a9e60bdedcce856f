//! The part of DAISY that must run at the machine's speed.
//!
//! This file only lists what Python sees; the work is in one file per stage.
use pyo3::prelude::*;

mod buffers;
pub mod frame;
pub mod tile;
mod tile_py;

#[pymodule]
mod _core {
    use super::*;

    #[pymodule_export]
    use super::tile_py::tile_frame;

    /// Version of the compiled core; the Python side refuses another one.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
