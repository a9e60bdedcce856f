//! Stripes of sinograms (rings of slices) removed by sorting (Vo et al. 2018, alg. 3).
//!
//! Sorting each column by value lines up neighbours that saw the same object; what
//! then still differs from column to column is the detector. A median across columns
//! takes it out, and the sorting is undone.
use crate::pool;
use rayon::prelude::*;

/// Correct (row, angle, column) in place; `size` is the width of the median.
pub fn remove_stripes(sinograms: &mut [f32], angles: usize, columns: usize, size: usize) {
    if angles == 0 || columns == 0 {
        return;
    }
    pool::compute(|| {
        sinograms
            .par_chunks_mut(angles * columns)
            .for_each(|sinogram| one(sinogram, angles, columns, size));
    });
}

fn one(sinogram: &mut [f32], angles: usize, columns: usize, size: usize) {
    let mut order = vec![0u32; angles * columns]; // (column, rank)
    let mut sorted = vec![0.0f32; angles * columns]; // (rank, column)
    for (column, ranks) in order.chunks_mut(angles).enumerate() {
        ranks.iter_mut().zip(0..).for_each(|(to, i)| *to = i);
        ranks.sort_by(|&a, &b| {
            let value = |i: u32| sinogram[i as usize * columns + column];
            value(a).total_cmp(&value(b))
        });
        for (rank, &angle) in ranks.iter().enumerate() {
            sorted[rank * columns + column] = sinogram[angle as usize * columns + column];
        }
    }
    let mut smooth = vec![0.0f32; columns];
    for (rank, line) in sorted.chunks(columns).enumerate() {
        running_median(line, size, &mut smooth);
        for (column, &value) in smooth.iter().enumerate() {
            let angle = order[column * angles + rank] as usize;
            sinogram[angle * columns + column] = value;
        }
    }
}

/// Median of a window around each element; at the ends the border is repeated.
fn running_median(line: &[f32], size: usize, out: &mut [f32]) {
    let half = size / 2;
    let last = line.len() - 1;
    let at = |i: isize| line[i.clamp(0, last as isize) as usize];
    let mut window: Vec<f32> = (-(half as isize)..=half as isize).map(at).collect();
    window.sort_by(f32::total_cmp);
    for (i, to) in out.iter_mut().enumerate() {
        *to = window[half];
        let leaving = at(i as isize - half as isize);
        let coming = at(i as isize + half as isize + 1);
        replace(&mut window, leaving, coming);
    }
}

/// Exchange one element of a sorted window.
fn replace(window: &mut Vec<f32>, leaving: f32, coming: f32) {
    let place = |window: &[f32], value: f32| {
        window
            .binary_search_by(|v| v.total_cmp(&value))
            .unwrap_or_else(|i| i)
    };
    let at = place(window, leaving);
    window.remove(at.min(window.len() - 1));
    let at = place(window, coming);
    window.insert(at, coming);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_median_agrees_with_sorting_each_window() {
        let line: Vec<f32> = (0..50).map(|i| ((i * 37) % 23) as f32).collect();
        let mut out = vec![0.0; 50];
        running_median(&line, 7, &mut out);

        for (i, &value) in out.iter().enumerate() {
            let mut window: Vec<f32> = (-3..=3)
                .map(|d| line[(i as isize + d).clamp(0, 49) as usize])
                .collect();
            window.sort_by(f32::total_cmp);
            assert_eq!(value, window[3]);
        }
    }

    #[test]
    fn a_stripe_on_a_smooth_sinogram_goes_away() {
        let (angles, columns) = (40, 60);
        let clean: Vec<f32> = (0..angles * columns)
            .map(|i| (i / columns) as f32 + 0.01 * (i % columns) as f32)
            .collect();
        let mut data = clean.clone();
        for angle in 0..angles {
            data[angle * columns + 30] += 3.0;
        }
        remove_stripes(&mut data, angles, columns, 11);

        let worst = data.iter().zip(&clean).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f32::max) < 0.1);
    }

    #[test]
    fn nothing_is_nothing() {
        remove_stripes(&mut [], 0, 0, 5);
    }
}
