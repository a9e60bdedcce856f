//! Sums over frames in double precision, in the order of the frames.
//!
//! The same bits as numpy's `sum(axis=0, dtype=float64)`, which converts through a
//! buffer and takes three times as long.

/// Columns whose totals stay in registers while all frames go by.
const WIDTH: usize = 32;

/// Add up frames of `size` numbers each; `total` is overwritten.
pub fn sum_frames(frames: &[f32], size: usize, total: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has it.
        return unsafe { sum_avx2(frames, size, total) };
    }
    sum(frames, size, total);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn sum_avx2(frames: &[f32], size: usize, total: &mut [f64]) {
    sum(frames, size, total);
}

#[inline(always)]
fn sum(frames: &[f32], size: usize, total: &mut [f64]) {
    let mut start = 0;
    let mut blocks = total.chunks_exact_mut(WIDTH);
    for block in &mut blocks {
        let mut sums = [0.0; WIDTH];
        for frame in frames.chunks_exact(size) {
            add(&mut sums, &frame[start..start + WIDTH]);
        }
        block.copy_from_slice(&sums);
        start += WIDTH;
    }
    let rest = blocks.into_remainder();
    rest.fill(0.0);
    if !rest.is_empty() {
        let frames = frames.chunks_exact(size);
        frames.for_each(|frame| add(rest, &frame[start..]));
    }
}

#[inline(always)]
fn add(sums: &mut [f64], values: &[f32]) {
    let pairs = sums.iter_mut().zip(values);
    pairs.for_each(|(sum, &value)| *sum += f64::from(value));
}

#[cfg(test)]
mod tests {
    use super::sum_frames;

    #[test]
    fn frames_are_added_up_column_by_column() {
        let size = 2500;
        let frames: Vec<f32> = (0..3 * size).map(|i| i as f32 * 0.1).collect();
        let mut total = vec![7.0; size];
        sum_frames(&frames, size, &mut total);
        for (column, &sum) in total.iter().enumerate() {
            let wanted: f64 = (0..3).map(|i| f64::from(frames[i * size + column])).sum();
            assert_eq!(sum, wanted);
        }
    }

    #[test]
    fn no_frames_add_up_to_zero() {
        let mut total = vec![7.0; 3];
        sum_frames(&[], 3, &mut total);
        assert_eq!(total, [0.0; 3]);
        sum_frames(&[], 0, &mut []);
    }
}
