//! The read engine: where chunks are, which are wanted, and how they come to their
//! place. Nothing here knows Python.
pub mod axis;
mod blocks;
pub(crate) mod chunk;
mod direct;
pub mod engine;
pub mod error;
pub mod fetch;
pub mod index;
pub mod place;
mod raw;
pub mod scratch;
mod stream;
pub mod table;
