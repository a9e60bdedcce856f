//! Carry out a reduction: batches of chunks, in the order of the file.
use super::cells::{Cells, Owned};
use super::half;
use super::number::{Number, Total};
use super::part::{some, Grid, Link, Part, Stripe};
use super::walk::{add, Dimension};
use crate::decode::byteorder;
use crate::pool;
use crate::read::axis::Cut;
use crate::read::chunk::applied;
use crate::read::engine::{each, read_stored};
use crate::read::error::{Cause, ReadError};
use crate::read::index;
use crate::read::place::{Runs, Target};
use crate::read::scratch::Scratch;
use crate::read::table::{Filter, Packing, Pieces, Strip, Table};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Stored bytes that are gone through at a time: they stay in the system's cache while
/// the stripes read their parts of them.
const BATCH: u64 = 256 << 20;
const MOST_PIECES: usize = 4096;
/// Results of at most so many cells are kept by every worker, and then merged.
const SMALL: usize = 4096;
const SMALL_PIECES: usize = 64;

/// Where the results are: addresses of arrays of one shape, null where not wanted.
///
/// `sum` and `variance` have elements of 8 bytes, and are what the sums are kept in.
/// `mean` may be the same as `sum`.
#[derive(Clone, Copy)]
pub struct Results {
    pub sum: *mut u8,
    pub low: *mut u8,
    pub high: *mut u8,
    pub variance: *mut u8,
    pub mean: *mut u8,
}

// SAFETY: plain addresses; workers write to stripes that do not overlap.
unsafe impl Send for Results {}
unsafe impl Sync for Results {}

/// What to do with the bytes of an element before it is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw {
    pub swap: bool,
    pub half: bool,
}

/// What a reduction took.
#[derive(Debug, Default)]
pub struct Outcome {
    pub read: u64,
    pub decoded: u64,
    pub overflow: bool,
}

/// A reduction.
pub struct Reduction<'a> {
    pub parts: &'a [Part<'a>],
    pub shape: &'a [usize],
    pub raw: Raw,
    /// numbers that each cell gets
    pub count: u64,
    /// bytes of decoded chunks that may be held
    pub held: u64,
    /// whether to read past the kernel's cache of file pages
    pub direct: bool,
}

/// Reduce parts. `go_on` is asked now and then on the calling thread.
///
/// # Errors
/// None if a part does not fit the result.
///
/// # Safety
/// The results must be writable arrays of the shape, used by no one else meanwhile.
pub unsafe fn reduce<T: Number>(
    reduction: &Reduction<'_>,
    results: Results,
    stop: &AtomicBool,
    mut go_on: impl FnMut() -> bool,
) -> Option<Result<Outcome, ReadError>> {
    let grid = Grid::new(reduction.shape);
    let links = reduction.parts.iter().map(|part| grid.link(part));
    let links = links.collect::<Option<Vec<Link>>>()?;
    let run = Work::<T> {
        of: reduction,
        results,
        links,
        stripes: grid.stripes(),
        cells: grid.cells(),
        pieces: reduction
            .parts
            .iter()
            .map(|part| part.table.pieces(&part.axes))
            .collect(),
        stop,
        read: AtomicU64::new(0),
        decoded: AtomicU64::new(0),
        overflow: AtomicBool::new(false),
        spare: Mutex::new(Vec::new()),
        counts: Mutex::new(Vec::new()),
        marker: std::marker::PhantomData,
    };
    Some(run.work(&mut go_on))
}

/// A chunk that is wanted: number of its part, and of the piece in there.
#[derive(Clone, Copy)]
struct Job {
    part: usize,
    piece: usize,
    /// whether it is decoded once, for all stripes
    held: bool,
}

struct Work<'a, T: Number> {
    of: &'a Reduction<'a>,
    results: Results,
    links: Vec<Link>,
    stripes: Vec<Stripe>,
    cells: usize,
    pieces: Vec<Pieces>,
    stop: &'a AtomicBool,
    read: AtomicU64,
    decoded: AtomicU64,
    overflow: AtomicBool,
    /// buffers to be used again: new memory is several times as slow
    spare: Mutex<Vec<Vec<u64>>>,
    /// numbers per cell so far, stripe by stripe, between batches
    counts: Mutex<Vec<Vec<u32>>>,
    marker: std::marker::PhantomData<T>,
}

impl<T: Number> Work<'_, T> {
    fn work(self, go_on: &mut impl FnMut() -> bool) -> Result<Outcome, ReadError> {
        let jobs = self.jobs();
        *lock(&self.counts) = self.stripes.iter().map(|_| Vec::new()).collect();
        each(self.stripes.len(), &mut *go_on, |i, _| {
            // SAFETY: stripes do not overlap
            unsafe { self.cells(&self.stripes[i].cells, &mut Vec::new()) }.clear();
            Ok(())
        })?;
        let small = self.is_small();
        let mut rest = jobs.as_slice();
        while !rest.is_empty() {
            if !go_on() || self.stop.load(Relaxed) {
                return Err(ReadError::stopped());
            }
            let (batch, after) = rest.split_at(self.batch(rest, small));
            rest = after;
            if small {
                self.reduce_apart(batch, &mut *go_on)?;
            } else {
                self.reduce_stripes(batch, &mut *go_on)?;
            }
        }
        each(self.stripes.len(), &mut *go_on, |i, _| {
            self.finish(&self.stripes[i].cells);
            Ok(())
        })?;
        Ok(Outcome {
            read: self.read.into_inner(),
            decoded: self.decoded.into_inner(),
            overflow: self.overflow.into_inner(),
        })
    }

    fn is_small(&self) -> bool {
        self.cells <= SMALL
    }

    /// Parts keep their order, chunks are taken in the order of the file.
    fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (part, found) in self.pieces.iter().enumerate() {
            jobs.extend((0..found.pieces.len()).map(|piece| Job {
                part,
                piece,
                held: self.is_whole(part, piece),
            }));
        }
        jobs.sort_by_key(|job| {
            let row = self.pieces[job.part].pieces[job.piece].row;
            let at = row.map(|row| self.table(job).row(row));
            (job.part, at.map(|at| (at.file, at.offset)))
        });
        jobs
    }

    /// Whether a chunk can only be decoded as a whole.
    fn is_whole(&self, part: usize, piece: usize) -> bool {
        let table = self.of.parts[part].table;
        let Some(row) = self.pieces[part].pieces[piece].row else {
            return false;
        };
        !matches!(
            applied(&table.filters, table.row(row).mask).as_slice(),
            [] | [Filter::Bitshuffle { .. }]
                | [Filter::Tiff(Strip {
                    packing: Packing::None,
                    predictor: 0 | 1,
                    ..
                })]
        )
    }

    /// Number of jobs that are done at a time.
    fn batch(&self, jobs: &[Job], small: bool) -> usize {
        let (mut stored, mut held) = (0, 0);
        let most = if small { SMALL_PIECES } else { MOST_PIECES };
        let least = if small { 1 } else { pool::workers() };
        for (i, job) in jobs.iter().enumerate() {
            let row = self.pieces[job.part].pieces[job.piece].row;
            stored += row.map_or(0, |row| self.table(job).row(row).size);
            held += if job.held { self.bytes(job) } else { 0 };
            let full = stored > BATCH || (held > self.of.held && !small);
            if i == most || (full && i >= least) {
                return i;
            }
        }
        jobs.len()
    }

    /// Bytes in memory of what is wanted of a chunk.
    fn bytes(&self, job: &Job) -> u64 {
        let cuts = self.pieces[job.part].of(&self.pieces[job.part].pieces[job.piece]);
        let count: usize = cuts.iter().map(|cut| cut.count).product();
        (count * std::mem::size_of::<T>()) as u64
    }

    fn table(&self, job: &Job) -> &Table {
        self.of.parts[job.part].table
    }

    /// Every worker adds up chunks for itself; then they are merged, in order.
    fn reduce_apart(
        &self,
        batch: &[Job],
        go_on: &mut impl FnMut() -> bool,
    ) -> Result<(), ReadError> {
        let done: Vec<Mutex<Option<Owned<T>>>> = batch.iter().map(|_| Mutex::new(None)).collect();
        let whole = 0..self.cells;
        let mut counts = std::mem::take(&mut lock(&self.counts)[0]);
        // SAFETY: only this thread uses the results here
        let mut all = unsafe { self.cells(&whole, &mut counts) };
        let like = &all;
        let make = || Owned::like(like);
        each(batch.len(), &mut *go_on, |i, scratch| {
            let job = &batch[i];
            let mut owned = make();
            let mut cells = owned.cells();
            let ranges = self.ranges(job);
            let mut buffer = lock(&self.spare).pop().unwrap_or_default();
            let read = self.read(job, &ranges, &mut buffer, scratch);
            if read.is_ok() {
                self.add(job, &ranges, &ranges, &buffer, 0, &mut cells);
            }
            owned.overflow = cells.overflow;
            lock(&self.spare).push(buffer);
            *lock(&done[i]) = Some(owned);
            read
        })?;
        for owned in done {
            let owned = owned.into_inner().unwrap_or_else(PoisonError::into_inner);
            if let Some(mut owned) = owned {
                all.absorb(&owned.cells(), self.cells);
            }
        }
        self.overflow.fetch_or(all.overflow, Relaxed);
        lock(&self.counts)[0] = counts;
        Ok(())
    }

    /// Every worker has a stripe of the result, and goes through all chunks.
    fn reduce_stripes(
        &self,
        batch: &[Job],
        go_on: &mut impl FnMut() -> bool,
    ) -> Result<(), ReadError> {
        let whole: Vec<Mutex<Vec<u64>>> = batch.iter().map(|_| Mutex::default()).collect();
        let first: Vec<usize> = (0..batch.len())
            .filter(|&i| batch[i].held || self.is_unknown(&batch[i]))
            .collect();
        each(first.len(), &mut *go_on, |i, scratch| {
            let job = &batch[first[i]];
            if !job.held {
                return self.look(job, scratch);
            }
            let mut buffer = lock(&self.spare).pop().unwrap_or_default();
            let read = self.read(job, &self.ranges(job), &mut buffer, scratch);
            *lock(&whole[first[i]]) = buffer;
            read
        })?;
        let whole: Vec<Vec<u64>> = whole
            .into_iter()
            .map(|held| held.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        each(self.stripes.len(), &mut *go_on, |i, scratch| {
            self.reduce_stripe(i, batch, &whole, scratch)
        })?;
        lock(&self.spare).extend(whole.into_iter().filter(|buffer| !buffer.is_empty()));
        Ok(())
    }

    fn reduce_stripe(
        &self,
        number: usize,
        batch: &[Job],
        whole: &[Vec<u64>],
        scratch: &mut Scratch,
    ) -> Result<(), ReadError> {
        let stripe = &self.stripes[number];
        let mut counts = std::mem::take(&mut lock(&self.counts)[number]);
        // SAFETY: stripes do not overlap
        let mut cells = unsafe { self.cells(&stripe.cells, &mut counts) };
        let mut buffer = lock(&self.spare).pop().unwrap_or_default();
        let mut part = usize::MAX;
        let mut within = None;
        let mut done = Ok(());
        for (job, whole) in batch.iter().zip(whole) {
            if job.part != part {
                part = job.part;
                within = self.links[part].within(stripe);
            }
            let Some(within) = &within else { continue };
            let ranges = self.ranges(job);
            let wanted: Vec<Range<usize>> = ranges
                .iter()
                .zip(within)
                .map(|(a, b)| a.start.max(b.start)..a.end.min(b.end))
                .collect();
            if wanted.iter().any(Range::is_empty) {
                continue;
            }
            let low = stripe.cells.start;
            if job.held {
                self.add(job, &ranges, &wanted, whole, low, &mut cells);
                continue;
            }
            done = self.read(job, &wanted, &mut buffer, scratch);
            if done.is_err() {
                break;
            }
            self.add(job, &wanted, &wanted, &buffer, low, &mut cells);
        }
        self.overflow.fetch_or(cells.overflow, Relaxed);
        lock(&self.spare).push(buffer);
        lock(&self.counts)[number] = counts;
        done
    }

    /// What of the selection lies in a chunk: indices, axis by axis.
    fn ranges(&self, job: &Job) -> Vec<Range<usize>> {
        let pieces = &self.pieces[job.part];
        let cuts = pieces.of(&pieces.pieces[job.piece]);
        let range = |cut: &&Cut| cut.first..cut.first + cut.count;
        cuts.iter().map(range).collect()
    }

    /// Whether a chunk has blocks whose places must be looked for.
    fn is_unknown(&self, job: &Job) -> bool {
        let table = self.table(job);
        let row = self.pieces[job.part].pieces[job.piece].row;
        row.is_some_and(|row| {
            matches!(table.filters.as_slice(), [Filter::Bitshuffle { .. }])
                && applied(&table.filters, table.row(row).mask).len() == 1
                && table.blocks(row).is_none()
        })
    }

    fn look(&self, job: &Job, scratch: &mut Scratch) -> Result<(), ReadError> {
        let row = self.pieces[job.part].pieces[job.piece].row;
        let Some(row) = row else { return Ok(()) };
        index::look(self.table(job), row, scratch).map_err(|cause| self.error(job, cause))?;
        Ok(())
    }

    /// Read a part of a chunk, given by indices, as numbers without gaps.
    fn read(
        &self,
        job: &Job,
        ranges: &[Range<usize>],
        buffer: &mut Vec<u64>,
        scratch: &mut Scratch,
    ) -> Result<(), ReadError> {
        if self.stop.load(Relaxed) {
            return Err(ReadError::stopped());
        }
        let (part, pieces) = (&self.of.parts[job.part], &self.pieces[job.part]);
        let table = part.table;
        let piece = &pieces.pieces[job.piece];
        let origin = table.origin(&pieces.cell(piece));
        let corners = origin.iter().zip(&table.chunk);
        let cuts: Vec<Cut> = part
            .axes
            .iter()
            .zip(ranges)
            .zip(corners)
            .map(|((axis, range), (&low, &length))| some(axis, range).cut(low, length))
            .collect();
        let cuts: Vec<&Cut> = cuts.iter().collect();
        let itemsize = table.itemsize;
        let count: usize = ranges.iter().map(|range| range.len()).product();
        let size = (count * itemsize.max(std::mem::size_of::<T>())).div_ceil(8);
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        let mut strides = vec![itemsize as isize; ranges.len()];
        for axis in (1..ranges.len()).rev() {
            strides[axis - 1] = strides[axis] * ranges[axis].len() as isize;
        }
        // SAFETY: the buffer holds an array of this shape, and is ours alone
        let target = unsafe { Target::new(buffer.as_mut_ptr().cast(), &strides) };
        let target = target.direct(self.of.direct);
        let runs = Runs::new(&cuts, &table.chunk, itemsize, target);
        match piece.row {
            None => runs.fill(&table.fill),
            Some(row) => {
                let done = read_stored(table, row, &origin, &runs, scratch, false);
                let (read, decoded) = done.map_err(|cause| self.error(job, cause))?;
                self.read.fetch_add(read, Relaxed);
                self.decoded.fetch_add(decoded, Relaxed);
            }
        }
        self.of.raw.convert(buffer, count, itemsize);
        Ok(())
    }

    fn error(&self, job: &Job, cause: Cause) -> ReadError {
        let (table, pieces) = (self.table(job), &self.pieces[job.part]);
        let piece = &pieces.pieces[job.piece];
        let file = piece.row.map(|row| table.row(row).file as usize);
        ReadError {
            path: file.map_or(String::new(), |file| {
                table.files[file].path().display().to_string()
            }),
            part: job.part,
            origin: table.origin(&pieces.cell(piece)),
            cause,
        }
    }

    /// Add to cells, the first of which is number `low`, what is `wanted` of `held`.
    fn add(
        &self,
        job: &Job,
        held: &[Range<usize>],
        wanted: &[Range<usize>],
        buffer: &[u64],
        low: usize,
        cells: &mut Cells<'_, T>,
    ) {
        let part = &self.of.parts[job.part];
        let count: usize = held.iter().map(|range| range.len()).product();
        debug_assert!(count * std::mem::size_of::<T>() <= buffer.len() * 8);
        // SAFETY: `read` has put so many numbers there, and any bits are a number
        let numbers = unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast::<T>(), count) };
        let mut dimensions = Vec::with_capacity(held.len());
        let (mut stride, mut first) = (1, 0);
        let mut at = part.start as isize - low as isize;
        for axis in (0..held.len()).rev() {
            dimensions.push(Dimension {
                count: wanted[axis].len(),
                from: stride,
                to: part.strides[axis],
            });
            first += (wanted[axis].start - held[axis].start) * stride;
            at += wanted[axis].start as isize * part.strides[axis];
            stride *= held[axis].len();
        }
        dimensions.reverse();
        add(&numbers[first..], at as usize, &dimensions, cells);
    }

    /// The cells of a stripe.
    ///
    /// # Safety
    /// Nobody else may use them meanwhile.
    unsafe fn cells<'b>(&self, range: &Range<usize>, counts: &'b mut Vec<u32>) -> Cells<'b, T> {
        let results = self.results;
        let scattered = !T::EXACT && !results.variance.is_null();
        counts.resize(if scattered { range.len() } else { 0 }, 0);
        let (mut squares, mut scatter) = (std::ptr::null_mut(), results.variance);
        if T::EXACT {
            (squares, scatter) = (scatter, squares);
        }
        Cells {
            sum: slice(results.sum, range),
            low: slice(results.low, range),
            high: slice(results.high, range),
            squares: slice(squares, range),
            scatter: slice(scatter, range),
            count: counts,
            overflow: false,
        }
    }

    /// Means and variances from sums, in place.
    fn finish(&self, range: &Range<usize>) {
        let Results {
            sum,
            variance,
            mean,
            ..
        } = self.results;
        let count = self.of.count;
        let n = count as f64;
        for cell in range.clone() {
            // SAFETY: all arrays have this cell, with 8 bytes; stripes do not overlap.
            // The mean may take the place of the sum, which is read before.
            unsafe {
                let total = match sum.is_null() {
                    true => T::Sum::default(),
                    false => *sum.cast::<T::Sum>().add(cell),
                };
                if !variance.is_null() {
                    let place = variance.cast::<u64>().add(cell);
                    let found = match T::EXACT {
                        true => exact_variance(*place, total.float(), count),
                        false => f64::from_bits(*place) / n,
                    };
                    *place = found.to_bits();
                }
                if !mean.is_null() {
                    *mean.cast::<f64>().add(cell) = total.float() / n;
                }
            }
        }
    }
}

/// Population variance from exact sums. Sums of at most 2^31 numbers of 16 bits are
/// exact as floats, too.
fn exact_variance(squares: u64, sum: f64, count: u64) -> f64 {
    let sum = sum.abs() as u128;
    let numerator = (u128::from(count) * u128::from(squares)).saturating_sub(sum * sum);
    let count = count as f64;
    match u64::try_from(numerator) {
        Ok(small) => small as f64 / count / count,
        Err(_) => numerator as f64 / count / count,
    }
}

impl Raw {
    /// Make numbers of this machine out of the bytes at the front of a buffer.
    fn convert(self, buffer: &mut [u64], count: usize, itemsize: usize) {
        if !self.swap && !self.half {
            return;
        }
        // SAFETY: the buffer is at least that long
        let bytes = unsafe {
            std::slice::from_raw_parts_mut(buffer.as_mut_ptr().cast::<u8>(), count * itemsize)
        };
        if self.swap {
            byteorder::swap(bytes, itemsize);
        }
        if self.half {
            let start = buffer.as_mut_ptr();
            for i in (0..count).rev() {
                // SAFETY: `read` makes room for single precision; from the end on, no
                // half is written over before it is read
                unsafe {
                    let half = *start.cast::<u16>().add(i);
                    *start.cast::<f32>().add(i) = half::widen(half);
                }
            }
        }
    }
}

/// Some elements of an array, none if there is no array.
///
/// # Safety
/// They must be there, and used by no one else.
unsafe fn slice<'a, T>(start: *mut u8, range: &Range<usize>) -> &'a mut [T] {
    if start.is_null() {
        return &mut [];
    }
    std::slice::from_raw_parts_mut(start.cast::<T>().add(range.start), range.len())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
