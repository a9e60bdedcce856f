//! Filtered back projection of parallel rays, slice by slice.
//!
//! Up to eight detector rows go through the geometry together: they share every
//! index and weight, and lie side by side in memory, so that one vector
//! instruction serves them all. Tiles of the slice keep the sums in the cache.
use crate::filter::Filter;
use crate::pool;
use rayon::prelude::*;

/// Pixels of a tile along x and y.
const TILE: usize = 32;

/// The geometry that all slices share.
pub struct Geometry<'a> {
    /// Radians; at angle t a point (x, y) falls on column axis + x cos t + y sin t.
    pub angles: &'a [f64],
    /// Part of the half circle that each projection stands for, radians.
    pub weights: &'a [f64],
    /// Column of the rotation axis; pixel centres are at integers.
    pub axis: f64,
    pub columns: usize,
    /// Pixels of a slice in x and y; the axis is at (size - 1) / 2.
    pub size: usize,
}

impl Geometry<'_> {
    /// Pixels farther from the axis are not seen at every angle.
    fn radius(&self) -> f64 {
        self.axis.min(self.columns as f64 - 1.0 - self.axis)
    }
}

/// Reconstruct `rows` slices. `sinograms` is (row, angle, column), `out` (row, y, x).
pub fn fbp(sinograms: &[f32], geometry: &Geometry, filter: &Filter, out: &mut [f32]) {
    let sinogram = geometry.angles.len() * geometry.columns;
    let slice = geometry.size * geometry.size;
    let rows = sinograms.len().checked_div(sinogram).unwrap_or(0);
    assert_eq!(out.len(), rows * slice);
    let wide = rows - rows % 8;
    let (a, b) = sinograms.split_at(wide * sinogram);
    let (c, d) = out.split_at_mut(wide * slice);
    pool::compute(|| {
        groups::<8>(a, geometry, filter, c);
        match rows % 8 {
            0 => {}
            1 => groups::<1>(b, geometry, filter, d),
            2..=4 => groups::<4>(b, geometry, filter, d),
            _ => groups::<8>(b, geometry, filter, d),
        }
    });
}

fn groups<const L: usize>(
    sinograms: &[f32],
    geometry: &Geometry,
    filter: &Filter,
    out: &mut [f32],
) {
    let sinogram = geometry.angles.len() * geometry.columns;
    let slice = geometry.size * geometry.size;
    out.par_chunks_mut(L * slice)
        .zip(sinograms.par_chunks(L * sinogram))
        .for_each(|(out, sinograms)| group::<L>(sinograms, geometry, filter, out));
}

/// Filter and back project at most L rows.
fn group<const L: usize>(sinograms: &[f32], geometry: &Geometry, filter: &Filter, out: &mut [f32]) {
    let lanes = filtered::<L>(sinograms, geometry, filter);
    let size = geometry.size;
    let tiles_across = size.div_ceil(TILE);
    let strips: Vec<(usize, Vec<[f32; L]>)> = (0..tiles_across)
        .into_par_iter()
        .map(|strip| {
            let y0 = strip * TILE;
            let height = TILE.min(size - y0);
            let mut sums = vec![[0.0f32; L]; height * size];
            for x0 in (0..size).step_by(TILE) {
                add_tile::<L>(&lanes, geometry, (y0, height), x0, &mut sums);
            }
            (y0, sums)
        })
        .collect();
    for (y0, sums) in strips {
        for (lane, slice) in out.chunks_mut(size * size).enumerate() {
            for (i, sum) in sums.iter().enumerate() {
                slice[y0 * size + i] = sum[lane];
            }
        }
    }
}

/// Filtered projections times weight, (angle, column) of L rows side by side.
fn filtered<const L: usize>(
    sinograms: &[f32],
    geometry: &Geometry,
    filter: &Filter,
) -> Vec<[f32; L]> {
    let columns = geometry.columns;
    let angles = geometry.angles.len();
    let mut lanes = vec![[0.0f32; L]; angles * columns];
    lanes
        .par_chunks_mut(columns.max(1))
        .enumerate()
        .for_each_init(
            || vec![0.0f32; columns],
            |one, (angle, lanes)| {
                let weight = geometry.weights[angle] as f32;
                for (lane, sinogram) in sinograms.chunks(angles * columns).enumerate() {
                    filter.apply(&sinogram[angle * columns..][..columns], one);
                    for (to, &value) in lanes.iter_mut().zip(one.iter()) {
                        to[lane] = value * weight;
                    }
                }
            },
        );
    lanes
}

fn add_tile<const L: usize>(
    lanes: &[[f32; L]],
    geometry: &Geometry,
    strip: (usize, usize),
    x0: usize,
    sums: &mut [[f32; L]],
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the features that the function needs were just detected.
        unsafe { add_tile_avx2::<L>(lanes, geometry, strip, x0, sums) };
        return;
    }
    add_tile_portable::<L>(lanes, geometry, strip, x0, sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn add_tile_avx2<const L: usize>(
    lanes: &[[f32; L]],
    geometry: &Geometry,
    strip: (usize, usize),
    x0: usize,
    sums: &mut [[f32; L]],
) {
    add_tile_portable::<L>(lanes, geometry, strip, x0, sums);
}

#[inline(always)]
fn add_tile_portable<const L: usize>(
    lanes: &[[f32; L]],
    geometry: &Geometry,
    (y0, height): (usize, usize),
    x0: usize,
    sums: &mut [[f32; L]],
) {
    let (size, columns) = (geometry.size, geometry.columns);
    let middle = (size as f64 - 1.0) / 2.0;
    let radius = geometry.radius();
    let spans: [(usize, usize); TILE] = std::array::from_fn(|row| {
        let y = (y0 + row) as f64 - middle;
        span(y, middle, radius, x0, (x0 + TILE).min(size))
    });
    for (angle, lanes) in geometry.angles.iter().zip(lanes.chunks_exact(columns)) {
        let (sin, cos) = angle.sin_cos();
        for (row, &(from, to)) in spans.iter().enumerate().take(height) {
            let y = (y0 + row) as f64 - middle;
            let start = geometry.axis + y * sin + (from as f64 - middle) * cos;
            let line = &mut sums[row * size..][from..to];
            add_line::<L>(lanes, start as f32, cos as f32, line);
        }
    }
}

/// Pixels of a tile's line that lie inside the field of view.
#[inline(always)]
fn span(y: f64, middle: f64, radius: f64, from: usize, to: usize) -> (usize, usize) {
    let half2 = radius * radius - y * y;
    if half2.is_nan() || half2 < 0.0 || radius < 0.0 {
        return (from, from);
    }
    let half = half2.sqrt();
    let first = ((middle - half).ceil().max(0.0) as usize).max(from);
    let last = ((middle + half).floor().max(-1.0) + 1.0) as usize;
    (first.min(to), last.min(to).max(first.min(to)))
}

/// Add linearly interpolated values along a line of the slice.
#[inline(always)]
fn add_line<const L: usize>(lanes: &[[f32; L]], start: f32, step: f32, line: &mut [[f32; L]]) {
    // inside the field of view a ray meets the detector; rounding may miss by a hair
    let last = lanes.len().saturating_sub(2);
    for (i, sum) in line.iter_mut().enumerate() {
        let at = (start + i as f32 * step).max(0.0);
        let left = (at as usize).min(last);
        let part = at - left as f32;
        let (a, b) = (&lanes[left], &lanes[left + 1]);
        for lane in 0..L {
            sum[lane] += a[lane] + part * (b[lane] - a[lane]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Window;
    use std::f64::consts::PI;

    fn disk(rows: usize, angles: usize, columns: usize, axis: f64, radius: f64) -> Vec<f32> {
        let line: Vec<f32> = (0..columns)
            .map(|c| {
                let s = c as f64 - axis;
                2.0 * (radius * radius - s * s).max(0.0).sqrt() as f32
            })
            .collect();
        line.repeat(rows * angles)
    }

    fn run(rows: usize, columns: usize, axis: f64) -> Vec<f32> {
        let count = 180;
        let angles: Vec<f64> = (0..count).map(|i| PI * i as f64 / count as f64).collect();
        let weights = vec![PI / count as f64; count];
        let geometry = Geometry {
            angles: &angles,
            weights: &weights,
            axis,
            columns,
            size: columns,
        };
        let data = disk(rows, count, columns, axis, columns as f64 / 4.0);
        let mut out = vec![f32::NAN; rows * columns * columns];
        fbp(
            &data,
            &geometry,
            &Filter::new(columns, Window::RamLak),
            &mut out,
        );
        out
    }

    #[test]
    fn a_disk_of_density_one_comes_out_as_one() {
        let n = 128;
        let out = run(1, n, 61.3);
        let (mut sum, mut count) = (0.0, 0);
        for (i, value) in out.iter().enumerate() {
            let (y, x) = ((i / n) as f64 - 63.5, (i % n) as f64 - 63.5);
            if x.hypot(y) < 0.9 * n as f64 / 4.0 {
                sum += value;
                count += 1;
            }
        }
        assert!((sum / count as f32 - 1.0).abs() < 0.005);
    }

    #[test]
    fn rows_give_the_same_in_groups_of_any_size() {
        let one = run(1, 40, 18.7);
        for rows in [2, 5, 8, 11, 17] {
            for slice in run(rows, 40, 18.7).chunks(1600) {
                let worst = slice.iter().zip(&one).map(|(a, b)| (a - b).abs());
                assert!(worst.fold(0.0, f32::max) < 1e-5);
            }
        }
    }

    #[test]
    fn vector_and_portable_code_agree() {
        let lanes: Vec<[f32; 4]> = (0..400)
            .map(|i| std::array::from_fn(|lane| ((i * 7 + lane * 3) % 11) as f32))
            .collect();
        let geometry = Geometry {
            angles: &[0.1, 0.7, 1.9, 2.8],
            weights: &[1.0; 4],
            axis: 47.6,
            columns: 100,
            size: 70,
        };
        let (mut a, mut b) = (vec![[0.0; 4]; 32 * 70], vec![[0.0; 4]; 32 * 70]);
        add_tile::<4>(&lanes, &geometry, (20, 32), 32, &mut a);
        add_tile_portable::<4>(&lanes, &geometry, (20, 32), 32, &mut b);

        let worst = a.iter().flatten().zip(b.iter().flatten());
        assert!(worst.fold(0.0f32, |w, (a, b)| w.max((a - b).abs())) < 1e-3);
    }

    #[test]
    fn a_detector_of_one_column_or_an_axis_outside_gives_zeros() {
        assert!(run(1, 16, -3.0).iter().all(|&v| v == 0.0));
        assert!(run(1, 16, 40.0).iter().all(|&v| v == 0.0));
    }
}
