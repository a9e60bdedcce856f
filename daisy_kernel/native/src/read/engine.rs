//! Carry out a read: hand its chunks to the workers, in the order of the file.
use super::axis::Axis;
use super::chunk;
use super::error::{Cause, ReadError};
use super::place::{Runs, Target};
use super::scratch::{self, Scratch};
use super::table::{Filter, Pieces, Table};
use crate::pool;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Less than this is not worth waking anybody up.
const FEW_JOBS: usize = 8;
const FEW_BYTES: u64 = 256 << 10;
/// Nor are rows of so many chunks, if no more than the rows is read and decoded.
const LIGHT_JOBS: usize = 256;
const LIGHT_BYTES: u64 = 384 << 10;
/// How often the caller is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);

/// A selection of one table, and where it goes.
pub struct Part<'a> {
    pub table: &'a Table,
    pub axes: Vec<Axis>,
    pub target: Target<'a>,
}

impl Part<'_> {
    /// Bytes of the result.
    fn nbytes(&self) -> u64 {
        let count: u64 = self.axes.iter().map(|axis| axis.len() as u64).product();
        count * self.table.itemsize as u64
    }
}

/// What a read took.
#[derive(Debug, Default)]
pub struct Cost {
    pub read: AtomicU64,
    pub decoded: AtomicU64,
}

struct Job {
    part: usize,
    piece: usize,
}

struct Plan<'a> {
    parts: &'a [Part<'a>],
    pieces: Vec<Pieces>,
    jobs: Vec<Job>,
    /// of all results
    nbytes: u64,
}

/// Read all parts. `go_on` is asked now and then on the calling thread.
pub fn read(
    parts: &[Part<'_>],
    stop: &AtomicBool,
    go_on: impl FnMut() -> bool,
) -> Result<Cost, ReadError> {
    let plan = Plan::new(parts);
    let cost = Cost::default();
    let shared = shares_blocks(plan.jobs.len());
    if is_small(plan.jobs.len(), plan.stored()) || is_light(plan.jobs.len(), plan.light()) {
        let mut scratch = scratch::take();
        let done = plan
            .jobs
            .iter()
            .try_for_each(|job| plan.run(job, &mut scratch, false, stop, &cost));
        scratch::give(scratch);
        done?;
    } else {
        let most = if shared { 1 } else { pool::workers() };
        Workers::new(plan.jobs.len(), most, stop).work(go_on, |i, scratch| {
            plan.run(&plan.jobs[i], scratch, shared, stop, &cost)
        })?;
    }
    Ok(cost)
}

/// Workers that read so many chunks of so many stored bytes. `has_blocks`: there are
/// blocks enough in a chunk to share them out; `light`: bytes of the result, if no
/// more than that is read and decoded.
pub fn workers_for(chunks: usize, stored: u64, has_blocks: bool, light: Option<u64>) -> usize {
    let small = is_small(chunks, stored) || is_light(chunks, light);
    if small || (shares_blocks(chunks) && !has_blocks) {
        return 1;
    }
    pool::workers()
}

fn is_small(chunks: usize, stored: u64) -> bool {
    chunks <= FEW_JOBS && stored < FEW_BYTES
}

/// Whether a read is done before a sleeping worker would be awake.
fn is_light(chunks: usize, light: Option<u64>) -> bool {
    chunks <= LIGHT_JOBS && light.is_some_and(|nbytes| nbytes <= LIGHT_BYTES)
}

/// Too few chunks for all workers: then the blocks of each are shared out.
fn shares_blocks(chunks: usize) -> bool {
    chunks < pool::workers()
}

/// Do `count` pieces of work on all workers.
pub fn each(
    count: usize,
    go_on: impl FnMut() -> bool,
    work: impl Fn(usize, &mut Scratch) -> Result<(), ReadError> + Sync,
) -> Result<(), ReadError> {
    let stop = AtomicBool::new(false);
    let checked = |i: usize, scratch: &mut Scratch| match stop.load(Relaxed) {
        true => Err(ReadError::stopped()),
        false => work(i, scratch),
    };
    Workers::new(count, pool::workers(), &stop).work(go_on, checked)
}

impl<'a> Plan<'a> {
    fn new(parts: &'a [Part<'a>]) -> Self {
        let pieces: Vec<Pieces> = parts
            .iter()
            .map(|part| part.table.pieces(&part.axes))
            .collect();
        let mut jobs: Vec<Job> = Vec::new();
        for (part, found) in pieces.iter().enumerate() {
            jobs.extend((0..found.pieces.len()).map(|piece| Job { part, piece }));
        }
        // parts keep their order, chunks are read in the order of the file
        jobs.sort_by_key(|job| {
            let row = pieces[job.part].pieces[job.piece].row;
            let at = row.map(|row| parts[job.part].table.row(row));
            (job.part, at.map(|at| (at.file, at.offset)))
        });
        Self {
            parts,
            pieces,
            jobs,
            nbytes: parts.iter().map(Part::nbytes).sum(),
        }
    }

    /// Stored bytes of all chunks.
    fn stored(&self) -> u64 {
        let size = |job: &Job| {
            let row = self.pieces[job.part].pieces[job.piece].row;
            row.map_or(0, |row| self.parts[job.part].table.row(row).size)
        };
        self.jobs.iter().map(size).sum()
    }

    /// Bytes of the result, if only what is wanted of each chunk is read and decoded.
    fn light(&self) -> Option<u64> {
        let is_light = self.jobs.iter().all(|job| self.is_light(job));
        is_light.then_some(self.nbytes)
    }

    fn is_light(&self, job: &Job) -> bool {
        let table = self.parts[job.part].table;
        let Some(row) = self.pieces[job.part].pieces[job.piece].row else {
            return true;
        };
        match chunk::applied(&table.filters, table.row(row).mask).as_slice() {
            [] => true,
            [Filter::Bitshuffle { .. }] => table.blocks(row).is_some(),
            _ => false,
        }
    }

    fn run(
        &self,
        job: &Job,
        scratch: &mut Scratch,
        parallel: bool,
        stop: &AtomicBool,
        cost: &Cost,
    ) -> Result<(), ReadError> {
        let part = &self.parts[job.part];
        let pieces = &self.pieces[job.part];
        let piece = &pieces.pieces[job.piece];
        let table = part.table;
        let origin = table.origin(&pieces.cell(piece));
        let cuts = pieces.of(piece);
        let target = part.target.of_result(self.nbytes);
        let runs = Runs::new(&cuts, &table.chunk, table.itemsize, target);
        let Some(row) = piece.row else {
            runs.fill(&table.fill);
            return Ok(());
        };
        let done = if stop.load(Relaxed) {
            Err(Cause::Stopped)
        } else {
            read_stored(table, row, &origin, &runs, scratch, parallel)
        };
        runs.finish();
        match done {
            Ok((read, decoded)) => {
                cost.read.fetch_add(read, Relaxed);
                cost.decoded.fetch_add(decoded, Relaxed);
                Ok(())
            }
            Err(cause) => {
                let file = &table.files[table.row(row).file as usize];
                let path = file.path().display().to_string();
                Err(ReadError {
                    path,
                    part: job.part,
                    origin,
                    cause,
                })
            }
        }
    }
}

pub(crate) fn read_stored(
    table: &Table,
    row: usize,
    origin: &[u64],
    runs: &Runs<'_>,
    scratch: &mut Scratch,
    parallel: bool,
) -> Result<(u64, u64), Cause> {
    let number = table.row(row).file;
    let id = (table as *const Table as usize, number);
    let file = match scratch.open.take() {
        Some((table, number, file)) if (table, number) == id => file,
        _ => table.files[number as usize].open()?,
    };
    let done = chunk::read(table, row, origin, &file, runs, scratch, parallel);
    scratch.open = Some((id.0, id.1, file));
    done
}

/// The workers of one read.
struct Workers<'a> {
    count: usize,
    most: usize,
    stop: &'a AtomicBool,
    next: AtomicUsize,
    failed: Mutex<Option<ReadError>>,
    left: Mutex<usize>,
    done: Condvar,
}

impl<'a> Workers<'a> {
    fn new(count: usize, most: usize, stop: &'a AtomicBool) -> Self {
        Self {
            count,
            most: most.min(count),
            stop,
            next: AtomicUsize::new(0),
            failed: Mutex::new(None),
            left: Mutex::new(most.min(count)),
            done: Condvar::new(),
        }
    }

    fn work<F>(&self, go_on: impl FnMut() -> bool, work: F) -> Result<(), ReadError>
    where
        F: Fn(usize, &mut Scratch) -> Result<(), ReadError> + Sync,
    {
        pool::readers().in_place_scope(|scope| {
            for _ in 0..self.most {
                scope.spawn(|_| {
                    let _leave = Leave(self);
                    self.take_jobs(&work);
                });
            }
            self.wait(go_on);
        });
        let failed = lock(&self.failed).take();
        failed.map_or(Ok(()), Err)
    }

    /// Wait for the workers, and ask now and then whether to go on.
    fn wait(&self, mut go_on: impl FnMut() -> bool) {
        let mut left = lock(&self.left);
        while *left > 0 {
            let waited = self.done.wait_timeout(left, TICK);
            let (guard, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            left = guard;
            if *left > 0 && waited.timed_out() {
                drop(left);
                if !go_on() {
                    self.stop.store(true, Relaxed);
                }
                left = lock(&self.left);
            }
        }
    }

    fn take_jobs<F>(&self, work: &F)
    where
        F: Fn(usize, &mut Scratch) -> Result<(), ReadError> + Sync,
    {
        let mut scratch = scratch::take();
        loop {
            let i = self.next.fetch_add(1, Relaxed);
            if i >= self.count {
                break;
            }
            if let Err(error) = work(i, &mut scratch) {
                // the others need not finish
                self.next.store(self.count, Relaxed);
                lock(&self.failed).get_or_insert(error);
                break;
            }
        }
        scratch::give(scratch);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that a worker has gone, also if it panicked.
struct Leave<'a>(&'a Workers<'a>);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        *lock(&self.0.left) -= 1;
        self.0.done.notify_all();
    }
}
