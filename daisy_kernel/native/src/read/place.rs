//! From a decoded chunk into the caller's array, whatever the strides of that are.
use super::axis::Cut;
use super::stream;
use crate::decode::shuffle::unshuffle_range;

/// The caller's array: where its first byte is, and how far its elements are apart.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    start: *mut u8,
    strides: &'a [isize],
    /// whether it is larger than the caches
    is_large: bool,
    /// whether what it is read from is too much to be kept by the kernel
    is_direct: bool,
}

// SAFETY: a target is plain numbers. Workers write through it at places that differ,
// because every element of the result belongs to one chunk.
unsafe impl Send for Target<'_> {}
unsafe impl Sync for Target<'_> {}

impl<'a> Target<'a> {
    /// # Safety
    /// Every element of an array of the selection's shape, at these strides in bytes
    /// from `start`, must be writable while the target lives, and used by no one else.
    pub unsafe fn new(start: *mut u8, strides: &'a [isize]) -> Self {
        Self {
            start,
            strides,
            is_large: false,
            is_direct: false,
        }
    }

    /// The same, read past the kernel's cache of file pages if so.
    pub fn direct(self, is_direct: bool) -> Self {
        Self { is_direct, ..self }
    }

    /// The same, which belongs to a result of so many bytes.
    pub fn of_result(self, nbytes: u64) -> Self {
        let is_large = nbytes >= stream::LARGE;
        Self { is_large, ..self }
    }

    /// The bytes of `length` from an offset.
    ///
    /// # Safety
    /// They must lie inside the array.
    #[allow(clippy::mut_from_ref)]
    unsafe fn bytes(&self, offset: isize, length: usize) -> &mut [u8] {
        std::slice::from_raw_parts_mut(self.start.offset(offset), length)
    }
}

/// Bytes that are unshuffled before they are written past the caches.
const PIECE: usize = 4096;

/// What has been decoded: elements, or their bytes as the shuffle filter sorts them.
#[derive(Clone, Copy)]
pub enum Elements<'a> {
    Plain(&'a [u8]),
    Shuffled(&'a [u8]),
}

/// The wanted elements of one chunk, as runs of neighbours.
pub struct Runs<'a> {
    cuts: &'a [&'a Cut],
    strides: Vec<usize>,
    target: Target<'a>,
    itemsize: usize,
    /// axes before this one are walked; those behind it make the run
    outer: usize,
    /// elements of a run, 0 if the last axis is not dense in chunk and array
    length: usize,
}

/// One run: first element in the chunk, and first byte in the array.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub from: usize,
    pub to: isize,
}

impl<'a> Runs<'a> {
    pub fn new(cuts: &'a [&'a Cut], chunk: &[u64], itemsize: usize, target: Target<'a>) -> Self {
        let strides = strides(chunk);
        let (mut outer, mut length) = (cuts.len(), 1usize);
        while outer > 0 {
            let axis = outer - 1;
            let cut = cuts[axis];
            let neighbours = cut.count == 1
                || (cut.is_dense() && target.strides[axis] == (itemsize * length) as isize);
            if strides[axis] != length || !neighbours {
                break;
            }
            length *= cut.count;
            outer = axis;
        }
        if outer == cuts.len() && outer > 0 {
            (outer, length) = (outer - 1, 0);
        }
        Self {
            cuts,
            strides,
            target,
            itemsize,
            outer,
            length,
        }
    }

    /// Whether all that is wanted is one run.
    pub fn is_one(&self) -> bool {
        self.length > 0 && self.cuts[..self.outer].iter().all(|cut| cut.count == 1)
    }

    /// Elements from the first to the last of a run, both counted.
    pub fn span(&self) -> usize {
        if self.length > 0 {
            return self.length;
        }
        let last = self.cuts[self.outer];
        last.position(last.count - 1) - last.position(0) + 1
    }

    /// Walk through the runs, in rising order.
    pub fn try_for_each<E>(&self, mut work: impl FnMut(Run) -> Result<(), E>) -> Result<(), E> {
        if self.cuts.iter().any(|cut| cut.count == 0) {
            return Ok(());
        }
        let inner = &self.cuts[self.outer..];
        let inner_from: usize = inner
            .iter()
            .zip(&self.strides[self.outer..])
            .map(|(cut, stride)| cut.position(0) * stride)
            .sum();
        let inner_to: isize = inner
            .iter()
            .zip(&self.target.strides[self.outer..])
            .map(|(cut, stride)| cut.first as isize * stride)
            .sum();
        let mut at = vec![0usize; self.outer];
        loop {
            let mut run = Run {
                from: inner_from,
                to: inner_to,
            };
            for (axis, &i) in at.iter().enumerate() {
                let cut = self.cuts[axis];
                run.from += cut.position(i) * self.strides[axis];
                run.to += (cut.first + i) as isize * self.target.strides[axis];
            }
            work(run)?;
            let Some(axis) = (0..self.outer)
                .rev()
                .find(|&axis| at[axis] + 1 < self.cuts[axis].count)
            else {
                return Ok(());
            };
            at[axis] += 1;
            at[axis + 1..].fill(0);
        }
    }

    /// The whole of what is wanted, if it is one run.
    pub fn one(&self) -> Option<(Run, &'a mut [u8])> {
        let mut found = None;
        if self.is_one() {
            let _ = self.try_for_each::<()>(|run| {
                found = Some(run);
                Ok(())
            });
        }
        // SAFETY: the run lies in the array, see `Target::new`
        found.map(|run| (run, unsafe { self.slice(run) }))
    }

    /// The bytes in the array of a dense run.
    ///
    /// # Safety
    /// Only for runs of `try_for_each`, and one at a time.
    unsafe fn slice(&self, run: Run) -> &'a mut [u8] {
        let length = self.length * self.itemsize;
        std::slice::from_raw_parts_mut(self.target.start.offset(run.to), length)
    }

    /// Copy one run. `elements` begin with element number `origin` of the chunk.
    pub fn copy(&self, run: Run, elements: Elements<'_>, origin: usize, row: &mut Vec<u8>) {
        let from = run.from - origin;
        if self.length > 0 {
            // SAFETY: `run` comes from `try_for_each`
            let out = unsafe { self.slice(run) };
            match elements {
                Elements::Plain(bytes) => {
                    self.put(&bytes[from * self.itemsize..][..out.len()], out);
                }
                Elements::Shuffled(bytes) if self.target.is_large => {
                    self.unshuffle_past_caches(bytes, from, out, row);
                }
                Elements::Shuffled(bytes) => self.unshuffle(bytes, from, out),
            }
            return;
        }
        let span = self.span() * self.itemsize;
        let bytes = match elements {
            Elements::Plain(bytes) => &bytes[from * self.itemsize..][..span],
            Elements::Shuffled(bytes) => {
                row.resize(span, 0);
                self.unshuffle(bytes, from, row);
                row
            }
        };
        self.scatter(run, bytes);
    }

    fn unshuffle(&self, planes: &[u8], from: usize, out: &mut [u8]) {
        let count = planes.len() / self.itemsize;
        let done = unshuffle_range(planes, count, from, out, self.itemsize);
        debug_assert!(done.is_ok(), "runs lie inside the chunk");
    }

    /// The same, by pieces that stay in the cache until they are written.
    fn unshuffle_past_caches(
        &self,
        planes: &[u8],
        mut from: usize,
        out: &mut [u8],
        row: &mut Vec<u8>,
    ) {
        if self.itemsize == 2 {
            let (low, high) = planes.split_at(planes.len() / 2);
            let wanted = from..from + out.len() / 2;
            stream::weave(&low[wanted.clone()], &high[wanted], out);
            return;
        }
        let piece = (PIECE / self.itemsize).max(1) * self.itemsize;
        row.resize(piece.max(row.len()), 0);
        for to in out.chunks_mut(piece) {
            let bytes = &mut row[..to.len()];
            self.unshuffle(planes, from, bytes);
            stream::copy(bytes, to);
            from += to.len() / self.itemsize;
        }
    }

    /// Write bytes to their place in the array.
    pub fn put(&self, bytes: &[u8], out: &mut [u8]) {
        if self.target.is_large {
            stream::copy(bytes, out);
        } else {
            out.copy_from_slice(bytes);
        }
    }

    /// Whether it is read past the kernel's cache of file pages.
    pub fn is_direct(&self) -> bool {
        self.target.is_direct
    }

    /// Whether the result is larger than the caches.
    pub fn is_large(&self) -> bool {
        self.target.is_large
    }

    /// Make what was written visible to the other threads.
    pub fn finish(&self) {
        if self.target.is_large {
            stream::fence();
        }
    }

    /// Copy element by element along the last axis.
    fn scatter(&self, run: Run, bytes: &[u8]) {
        let (cut, stride) = (self.cuts[self.outer], self.target.strides[self.outer]);
        let first = cut.position(0);
        for i in 0..cut.count {
            let from = (cut.position(i) - first) * self.itemsize;
            // SAFETY: element i of the run is one of the array
            let out = unsafe {
                self.target
                    .bytes(run.to + i as isize * stride, self.itemsize)
            };
            let item = &bytes[from..from + self.itemsize];
            match self.itemsize {
                // sizes known to the compiler become single moves
                1 => out.copy_from_slice(&item[..1]),
                2 => out.copy_from_slice(&item[..2]),
                4 => out.copy_from_slice(&item[..4]),
                8 => out.copy_from_slice(&item[..8]),
                _ => out.copy_from_slice(item),
            }
        }
    }

    /// Copy everything that is wanted out of a whole chunk.
    pub fn copy_all(&self, elements: Elements<'_>, row: &mut Vec<u8>) {
        let _ = self.try_for_each::<()>(|run| {
            self.copy(run, elements, 0, row);
            Ok(())
        });
    }

    /// Write one value to everything that is wanted.
    pub fn fill(&self, item: &[u8]) {
        let count = if self.length > 0 {
            self.length
        } else {
            self.cuts[self.outer].count
        };
        let stride = if self.length > 0 {
            self.itemsize as isize
        } else {
            self.target.strides[self.outer]
        };
        let _ = self.try_for_each::<()>(|run| {
            for i in 0..count {
                // SAFETY: element i of the run is one of the array
                let out = unsafe {
                    self.target
                        .bytes(run.to + i as isize * stride, self.itemsize)
                };
                out.copy_from_slice(item);
            }
            Ok(())
        });
    }
}

/// Distance of neighbours along each axis of a C-ordered array, in elements.
fn strides(shape: &[u64]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as usize;
    }
    strides
}
