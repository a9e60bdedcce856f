//! Chunks without filters: read what is wanted, where it is wanted.
use super::error::Cause;
use super::fetch::Open;
use super::place::{Elements, Run, Runs};
use super::scratch::grow;
use super::table::Row;
use crate::decode::byteorder;

/// Gaps up to this many bytes are read over: cheaper than another call.
const GAP: usize = 16 << 10;
/// At most so many bytes are read at once when they cannot go straight to the array.
const WINDOW: usize = 1 << 20;

/// A chunk that is stored as it is.
pub struct Stored<'a> {
    pub file: &'a Open,
    pub at: Row,
    pub itemsize: usize,
    /// whether the bytes are in the order of another machine
    pub swap: bool,
}

impl Stored<'_> {
    /// Read runs of the chunk. Gives the number of bytes read.
    pub fn read(&self, runs: &Runs<'_>, buffer: &mut Vec<u8>) -> Result<u64, Cause> {
        if let Some((run, out)) = runs.one() {
            self.fetch(run.from * self.itemsize, out)?;
            return Ok(out.len() as u64);
        }
        let span = runs.span() * self.itemsize;
        let mut window = Window::default();
        let mut read = 0;
        runs.try_for_each::<Cause>(|run| {
            let low = run.from * self.itemsize;
            if window.is_full(low, low + span) {
                read += self.flush(&mut window, runs, buffer)?;
            }
            window.push(run, low, low + span);
            Ok(())
        })?;
        Ok(read + self.flush(&mut window, runs, buffer)?)
    }

    /// Fill `out` from a byte of the chunk on.
    fn fetch(&self, from: usize, out: &mut [u8]) -> Result<(), Cause> {
        let offset = self.at.offset;
        let end = (from + out.len()) as u64;
        if end > self.at.size {
            let size = self.at.size;
            return Err(Cause::Short {
                offset,
                wanted: end,
                size,
            });
        }
        self.file.read(offset.saturating_add(from as u64), out)?;
        if self.swap {
            byteorder::swap(out, self.itemsize);
        }
        Ok(())
    }

    fn flush(
        &self,
        window: &mut Window,
        runs: &Runs<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<u64, Cause> {
        let length = window.high - window.low;
        grow(buffer, length);
        let bytes = &mut buffer[..length];
        self.fetch(window.low, bytes)?;
        for run in window.runs.drain(..) {
            let origin = window.low / self.itemsize;
            runs.copy(run, Elements::Plain(bytes), origin, &mut Vec::new());
        }
        Ok(length as u64)
    }
}

/// Neighbouring runs that are read by one call.
#[derive(Default)]
struct Window {
    runs: Vec<Run>,
    low: usize,
    high: usize,
}

impl Window {
    fn is_full(&self, low: usize, high: usize) -> bool {
        !self.runs.is_empty() && (low > self.high + GAP || high > self.low + WINDOW)
    }

    fn push(&mut self, run: Run, low: usize, high: usize) {
        if self.runs.is_empty() {
            self.low = low;
        }
        self.high = high;
        self.runs.push(run);
    }
}
