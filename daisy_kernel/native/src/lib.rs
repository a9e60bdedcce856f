//! The part of DAISY that must run at the machine's speed.
//!
//! This file only lists what Python sees; the work is in one file per stage.
use pyo3::prelude::*;

#[pymodule]
mod _core {
    use super::*;

    /// Version of the compiled core; the Python side refuses another one.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
