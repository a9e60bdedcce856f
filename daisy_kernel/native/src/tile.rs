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

/// One 8-bit picture. Code 0 is a pixel without data, 1 is `lo`, 255 is `hi`.
pub struct Tile {
    pub codes: Vec<u8>,
    pub rows: usize,
    pub columns: usize,
    pub lo: f64,
    pub hi: f64,
    pub minimum: f64,
    pub maximum: f64,
    /// Pixels of the frame that are no data.
    pub bad: usize,
    /// Pixels of the frame above `hi`: binning must not hide them.
    pub hot: usize,
}

struct Binned {
    means: Vec<f64>,
    rows: usize,
    columns: usize,
    bad: usize,
}

/// Bin by 2^level, find the contrast unless it is given, and code.
pub fn tile<T: Pixel>(
    frame: &Frame<T>,
    level: u32,
    lo: Option<f64>,
    hi: Option<f64>,
    scale: Scale,
) -> Tile {
    let binned = bin(frame, 1usize << level.min(30));
    let (found_lo, found_hi) = contrast(&binned.means, scale);
    let (lo, hi) = ordered(lo.unwrap_or(found_lo), hi.unwrap_or(found_hi), scale);
    let code = coder(lo, hi, scale);
    let finite = binned.means.iter().copied().filter(|v| !v.is_nan());
    let (minimum, maximum) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
        (a.min(v), b.max(v))
    });
    Tile {
        codes: binned.means.iter().map(|&v| code(v)).collect(),
        rows: binned.rows,
        columns: binned.columns,
        lo,
        hi,
        minimum,
        maximum,
        bad: binned.bad,
        hot: above(frame, hi),
    }
}

/// Means of the valid pixels of each cell; a cell at the edge may be smaller.
fn bin<T: Pixel>(frame: &Frame<T>, step: usize) -> Binned {
    let rows = frame.rows.div_ceil(step);
    let columns = frame.columns.div_ceil(step);
    let mut means = vec![f64::NAN; rows * columns];
    let bad = pool::compute(|| {
        means
            .par_chunks_mut(columns.max(1))
            .enumerate()
            .map(|(at, out)| bin_row(frame, at * step, step, out))
            .sum()
    });
    Binned {
        means,
        rows,
        columns,
        bad,
    }
}

fn bin_row<T: Pixel>(frame: &Frame<T>, first: usize, step: usize, out: &mut [f64]) -> usize {
    let mut sums = vec![0.0f64; out.len()];
    let mut counts = vec![0u32; out.len()];
    let mut bad = 0;
    for row in first..(first + step).min(frame.rows) {
        for (cell, pixels) in frame.row(row).chunks(step).enumerate() {
            for (i, &pixel) in pixels.iter().enumerate() {
                match frame.valid(row, cell * step + i, pixel) {
                    Some(value) => {
                        sums[cell] += value;
                        counts[cell] += 1;
                    }
                    None => bad += 1,
                }
            }
        }
    }
    for ((mean, sum), count) in out.iter_mut().zip(sums).zip(counts) {
        *mean = if count > 0 {
            sum / f64::from(count)
        } else {
            f64::NAN
        };
    }
    bad
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

    #[test]
    fn edges_keep_their_own_mean() {
        let data: Vec<u16> = vec![1, 1, 9, 1, 1, 9, 5, 5, 7];
        let binned = bin(&frame(&data, 3, 3), 2);

        assert_eq!((binned.rows, binned.columns), (2, 2));
        assert_eq!(binned.means, vec![1.0, 9.0, 5.0, 7.0]);
    }

    #[test]
    fn dead_pixels_leave_the_mean() {
        let data = vec![4u32, u32::MAX, 6, u32::MAX];
        let made = tile(&frame(&data, 2, 2), 1, Some(0.0), Some(10.0), Scale::Linear);

        assert_eq!(made.bad, 2);
        assert_eq!(made.codes, vec![1 + 127]);
    }

    #[test]
    fn minus_one_is_a_gap_only_without_real_negatives() {
        let gaps = vec![-1i32, 3, -2, 3];
        let real = vec![-1i32, 3, -7, 3];

        assert_eq!(bin(&frame(&gaps, 2, 2), 2).bad, 2);
        assert_eq!(bin(&frame(&real, 2, 2), 2).bad, 0);
    }

    #[test]
    fn a_frame_without_data_is_all_zero_codes() {
        let data = vec![f32::NAN; 6];
        let made = tile(&frame(&data, 2, 3), 0, None, None, Scale::Log);

        assert_eq!(made.codes, vec![0; 6]);
        assert_eq!(made.bad, 6);
    }

    #[test]
    fn a_hot_pixel_is_counted_and_does_not_set_the_contrast() {
        let mut data: Vec<u16> = (0..10_000).map(|i| (i % 100) as u16).collect();
        data[77] = 60_000;
        let made = tile(&frame(&data, 100, 100), 0, None, None, Scale::Linear);

        assert!(made.hi <= 100.0);
        assert!(made.hot >= 1);
    }
}
