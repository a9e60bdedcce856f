//! A frame made small and 8-bit for a screen: bins, percentiles, codes.
use crate::frame::{Frame, Pixel};
use crate::pool;
use rayon::prelude::*;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scale {
    Linear,
    Log,
    Sqrt,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Pixels are binned by 2^level.
    pub level: u32,
    /// Level of a second, smaller picture of the same contrast; not below `level`.
    pub preview: Option<u32>,
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    pub scale: Scale,
    /// The smallest value that is too many counts.
    pub saturated_from: Option<f64>,
}

/// Code 0 is a cell without data, 1 is `lo`, 255 is `hi`. Where there are saturated
/// pixels, 255 is a cell that holds one, and 254 is `hi`.
pub struct Codes {
    pub codes: Vec<u8>,
    pub rows: usize,
    pub columns: usize,
}

/// One 8-bit picture.
pub struct Tile {
    pub picture: Codes,
    pub preview: Option<Codes>,
    pub lo: f64,
    pub hi: f64,
    pub minimum: f64,
    pub maximum: f64,
    /// Pixels of the frame that are no data.
    pub bad: usize,
    /// Pixels of the frame above `hi`: binning must not hide them.
    pub hot: usize,
    /// Pixels of the frame with too many counts.
    pub saturated: usize,
}

struct Binned {
    sums: Vec<f64>,
    counts: Vec<u32>,
    marked: Vec<bool>,
    rows: usize,
    columns: usize,
    found: Found,
}

/// Pixels that are no data, and those that are saturated.
#[derive(Clone, Copy, Default)]
struct Found {
    bad: usize,
    saturated: usize,
}

impl std::iter::Sum for Found {
    fn sum<I: Iterator<Item = Found>>(all: I) -> Found {
        all.fold(Found::default(), |a, b| Found {
            bad: a.bad + b.bad,
            saturated: a.saturated + b.saturated,
        })
    }
}

/// Bin by 2^level, find the contrast unless it is given, and code.
pub fn tile<T: Pixel>(frame: &Frame<T>, wanted: Wanted) -> Tile {
    let Wanted { level, scale, .. } = wanted;
    let from = wanted.saturated_from.unwrap_or(f64::INFINITY);
    let binned = bin(frame, 1usize << level.min(30), from);
    let means = binned.means();
    let (found_lo, found_hi) = contrast(&means, scale);
    let (lo, hi) = (wanted.lo.unwrap_or(found_lo), wanted.hi.unwrap_or(found_hi));
    let (lo, hi) = ordered(lo, hi, scale);
    let finite = means.iter().copied().filter(|v| !v.is_nan());
    let (minimum, maximum) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
        (a.min(v), b.max(v))
    });
    let coded = |binned: &Binned, means: &[f64]| binned.coded(means, coder(lo, hi, scale));
    Tile {
        preview: wanted.preview.map(|at| {
            let small = binned.coarser(1usize << (at.max(level) - level).min(30));
            coded(&small, &small.means())
        }),
        picture: coded(&binned, &means),
        lo,
        hi,
        minimum,
        maximum,
        bad: binned.found.bad,
        hot: above(frame, hi),
        saturated: binned.found.saturated,
    }
}

impl Binned {
    fn empty(rows: usize, columns: usize, found: Found) -> Self {
        Binned {
            sums: vec![0.0; rows * columns],
            counts: vec![0; rows * columns],
            marked: vec![false; rows * columns],
            rows,
            columns,
            found,
        }
    }

    fn means(&self) -> Vec<f64> {
        let mean = |(&sum, &count): (&f64, &u32)| match count {
            0 => f64::NAN,
            count => sum / f64::from(count),
        };
        self.sums.iter().zip(&self.counts).map(mean).collect()
    }

    /// Bin once more; exactly what binning the frame so far would give.
    fn coarser(&self, step: usize) -> Binned {
        let (rows, columns) = (self.rows.div_ceil(step), self.columns.div_ceil(step));
        let mut small = Binned::empty(rows, columns, self.found);
        for row in 0..self.rows {
            for column in 0..self.columns {
                let from = row * self.columns + column;
                let to = row / step * columns + column / step;
                small.sums[to] += self.sums[from];
                small.counts[to] += self.counts[from];
                small.marked[to] |= self.marked[from];
            }
        }
        small
    }

    fn coded(&self, means: &[f64], code: impl Fn(f64) -> u8) -> Codes {
        let most = if self.found.saturated > 0 { 254 } else { 255 };
        let cells = means.iter().zip(&self.marked);
        let coded = cells.map(
            |(&mean, &marked)| {
                if marked {
                    255
                } else {
                    code(mean).min(most)
                }
            },
        );
        Codes {
            codes: coded.collect(),
            rows: self.rows,
            columns: self.columns,
        }
    }
}

/// Sums of the valid pixels of each cell; a cell at the edge may be smaller.
fn bin<T: Pixel>(frame: &Frame<T>, step: usize, from: f64) -> Binned {
    let (rows, columns) = (frame.rows.div_ceil(step), frame.columns.div_ceil(step));
    let mut binned = Binned::empty(rows, columns, Found::default());
    let wide = columns.max(1);
    binned.found = pool::compute(|| {
        let sums = binned.sums.par_chunks_mut(wide);
        let counts = binned.counts.par_chunks_mut(wide);
        let marked = binned.marked.par_chunks_mut(wide);
        (sums, counts, marked)
            .into_par_iter()
            .enumerate()
            .map(|(at, (sums, counts, marked))| {
                let mut found = Found::default();
                for row in at * step..((at + 1) * step).min(frame.rows) {
                    let cells = frame.row(row).chunks(step).enumerate();
                    for (cell, pixels) in cells {
                        for (i, &pixel) in pixels.iter().enumerate() {
                            match frame.valid(row, cell * step + i, pixel) {
                                Some(value) => {
                                    sums[cell] += value;
                                    counts[cell] += 1;
                                    if value >= from {
                                        marked[cell] = true;
                                        found.saturated += 1;
                                    }
                                }
                                None => found.bad += 1,
                            }
                        }
                    }
                }
                found
            })
            .sum()
    });
    binned
}

/// 0.5 and 99.5 percent points, so that a hot pixel does not make the rest black.
fn contrast(means: &[f64], scale: Scale) -> (f64, f64) {
    let step = if means.len() > 1 << 17 { 4 } else { 1 };
    let positive = scale == Scale::Log;
    let mut some: Vec<f64> = means
        .iter()
        .step_by(step)
        .copied()
        .filter(|&v| !v.is_nan() && (!positive || v > 0.0))
        .collect();
    if some.is_empty() {
        return if positive { (1.0, 10.0) } else { (0.0, 1.0) };
    }
    let last = some.len() - 1;
    let low = last / 200;
    let high = last - low;
    let (_, &mut hi, _) = some.select_nth_unstable_by(high, f64::total_cmp);
    let (_, &mut lo, _) = some.select_nth_unstable_by(low, f64::total_cmp);
    (lo, hi)
}

fn ordered(lo: f64, hi: f64, scale: Scale) -> (f64, f64) {
    let lo = if scale == Scale::Log && lo <= 0.0 {
        (hi.abs() * 1e-6).max(f64::MIN_POSITIVE)
    } else {
        lo
    };
    if hi > lo {
        (lo, hi)
    } else {
        // a constant frame: any width does, as long as it is seen in f64
        (lo, lo + (lo.abs() * 1e-6).max(1.0))
    }
}

fn coder(lo: f64, hi: f64, scale: Scale) -> impl Fn(f64) -> u8 {
    move |value| {
        if value.is_nan() {
            return 0;
        }
        let part = match scale {
            Scale::Linear => (value - lo) / (hi - lo),
            Scale::Sqrt => ((value - lo) / (hi - lo)).max(0.0).sqrt(),
            Scale::Log if value <= 0.0 => 0.0,
            Scale::Log => (value / lo).ln() / (hi / lo).ln(),
        };
        (1.0 + part.clamp(0.0, 1.0) * 254.0).round() as u8
    }
}

fn above<T: Pixel>(frame: &Frame<T>, hi: f64) -> usize {
    let hot = |row: usize| {
        let pixels = frame.row(row).iter().enumerate();
        pixels
            .filter(|&(column, &p)| {
                p.value() > hi && frame.valid(row, column, p).is_some_and(|v| v > hi)
            })
            .count()
    };
    pool::compute(|| (0..frame.rows).into_par_iter().map(hot).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame<T: Pixel>(data: &[T], rows: usize, columns: usize) -> Frame<'_, T> {
        assert_eq!(data.len(), rows * columns);
        // SAFETY: the slice outlives the frame and has rows * columns elements
        unsafe { Frame::new(data.as_ptr(), rows, columns, columns) }.without(None, &[])
    }

    /// A contrast that is found, of single pixels.
    fn found(scale: Scale) -> Wanted {
        Wanted {
            level: 0,
            preview: None,
            lo: None,
            hi: None,
            scale,
            saturated_from: None,
        }
    }

    /// A contrast from 0 to 10.
    fn ten() -> Wanted {
        Wanted {
            lo: Some(0.0),
            hi: Some(10.0),
            ..found(Scale::Linear)
        }
    }

    #[test]
    fn a_cell_with_a_saturated_pixel_is_marked_unless_the_pixel_is_no_data() {
        let data = vec![1u32, u32::MAX, 9, 10, 10, 2, 3, 200];
        let wanted = Wanted {
            preview: Some(1),
            saturated_from: Some(100.0),
            ..ten()
        };
        let made = tile(&frame(&data, 2, 4), wanted);

        assert_eq!((made.bad, made.saturated), (1, 1));
        assert_eq!(made.picture.codes[1..4], [0, 230, 254]);
        assert_eq!(made.picture.codes[7], 255);
        assert_eq!(made.preview.unwrap().codes[1], 255);
    }

    #[test]
    fn edges_keep_their_own_mean() {
        let data: Vec<u16> = vec![1, 1, 9, 1, 1, 9, 5, 5, 7];
        let binned = bin(&frame(&data, 3, 3), 2, f64::INFINITY);

        assert_eq!((binned.rows, binned.columns), (2, 2));
        assert_eq!(binned.means(), vec![1.0, 9.0, 5.0, 7.0]);
    }

    #[test]
    fn dead_pixels_leave_the_mean() {
        let data = vec![4u32, u32::MAX, 6, u32::MAX];
        let made = tile(&frame(&data, 2, 2), Wanted { level: 1, ..ten() });

        assert_eq!(made.bad, 2);
        assert_eq!(made.picture.codes, vec![1 + 127]);
    }

    #[test]
    fn minus_one_is_a_gap_only_without_real_negatives() {
        let bad = |data: &[i32]| bin(&frame(data, 2, 2), 2, f64::INFINITY).found.bad;
        let gaps = vec![-1i32, 3, -2, 3];
        let real = vec![-1i32, 3, -7, 3];

        assert_eq!(bad(&gaps), 2);
        assert_eq!(bad(&real), 0);
    }

    #[test]
    fn a_frame_without_data_is_all_zero_codes() {
        let data = vec![f32::NAN; 6];
        let made = tile(&frame(&data, 2, 3), found(Scale::Log));

        assert_eq!(made.picture.codes, vec![0; 6]);
        assert_eq!(made.bad, 6);
    }

    #[test]
    fn a_hot_pixel_is_counted_and_does_not_set_the_contrast() {
        let mut data: Vec<u16> = (0..10_000).map(|i| (i % 100) as u16).collect();
        data[77] = 60_000;
        let made = tile(&frame(&data, 100, 100), found(Scale::Linear));

        assert!(made.hi <= 100.0);
        assert!(made.hot >= 1);
    }
}
