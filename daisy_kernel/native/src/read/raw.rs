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
            self.fetch(run.from * self.itemsize, out, runs.is_direct())?;
            return Ok(out.len() as u64);
        }
        let mut read = 0;
        windows::<Cause>(runs, self.itemsize, |window| {
            read += self.flush(window, runs, buffer)?;
            Ok(())
        })?;
        Ok(read)
    }

    /// Fill `out` from a byte of the chunk on.
    fn fetch(&self, from: usize, out: &mut [u8], direct: bool) -> Result<(), Cause> {
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
        let start = offset.saturating_add(from as u64);
        if direct {
            self.file.read_direct(start, out)?;
        } else {
            self.file.read(start, out)?;
        }
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
        self.fetch(window.low, bytes, false)?;
        for run in window.runs.drain(..) {
            let origin = window.low / self.itemsize;
            runs.copy(run, Elements::Plain(bytes), origin, &mut Vec::new());
        }
        Ok(length as u64)
    }
}

/// Bytes that a read of runs takes from the file, the gaps that it reads over counted.
pub fn bytes_read(runs: &Runs<'_>, itemsize: usize) -> u64 {
    if runs.is_one() {
        return (runs.span() * itemsize) as u64;
    }
    let mut read = 0;
    let _ = windows::<()>(runs, itemsize, |window| {
        read += (window.high - window.low) as u64;
        window.runs.clear();
        Ok(())
    });
    read
}

/// Gather runs to windows; `work` empties each.
fn windows<E>(
    runs: &Runs<'_>,
    itemsize: usize,
    mut work: impl FnMut(&mut Window) -> Result<(), E>,
) -> Result<(), E> {
    let span = runs.span() * itemsize;
    let mut window = Window::default();
    runs.try_for_each::<E>(|run| {
        let low = run.from * itemsize;
        if window.is_full(low, low + span) {
            work(&mut window)?;
        }
        window.push(run, low, low + span);
        Ok(())
    })?;
    work(&mut window)
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
