//! Sums, extremes and moments of datasets larger than memory.
//!
//! A reduction takes what a read takes, but its elements are added up rather than
//! placed. The result is cut into stripes that stay in a core's cache; each stripe
//! goes through the chunks in the order of the file, so that a result does not depend
//! on the number of workers. Chunks that can only be decoded whole are decoded a few
//! at a time; of all others each stripe reads and decodes just its own part.
pub mod cells;
pub mod engine;
mod half;
pub mod number;
pub mod part;
mod walk;
