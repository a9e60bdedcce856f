//! What is kept per element of the result, and how numbers are added to it.
use super::number::{Number, Total};

/// Numbers of a run that are summed up before they go to their cell.
const BLOCK: usize = 2048;
const LANES: usize = 16;

/// Neighbouring cells. What is not wanted is an empty slice.
///
/// Variances come from `squares`, the sums of squares, where these are exact, else
/// from `scatter`, the sums of squared deviations from the mean so far.
pub struct Cells<'a, T: Number> {
    pub sum: &'a mut [T::Sum],
    pub low: &'a mut [T],
    pub high: &'a mut [T],
    pub squares: &'a mut [u64],
    pub scatter: &'a mut [f64],
    /// numbers that each cell has got, kept for the scatter
    pub count: &'a mut [u32],
    pub overflow: bool,
}

/// One cell, or a run of numbers as one.
#[derive(Clone, Copy)]
struct Summary<T: Number> {
    sum: T::Sum,
    low: T,
    high: T,
    squares: u64,
    scatter: f64,
    count: u32,
}

impl<T: Number> Cells<'_, T> {
    /// As if nothing had been added yet.
    pub fn clear(&mut self) {
        self.sum.fill(T::Sum::default());
        self.low.fill(T::HIGHEST);
        self.high.fill(T::LOWEST);
        self.squares.fill(0);
        self.scatter.fill(0.0);
        self.count.fill(0);
    }

    /// Add each number to a cell of its own, from cell `at` on.
    pub fn across(&mut self, at: usize, numbers: &[T]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.across_avx2(at, numbers) };
        }
        self.across_portable(at, numbers);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn across_avx2(&mut self, at: usize, numbers: &[T]) {
        self.across_portable(at, numbers);
    }

    #[inline(always)]
    fn across_portable(&mut self, at: usize, numbers: &[T]) {
        for (i, block) in numbers.chunks(BLOCK).enumerate() {
            self.across_block(at + i * BLOCK, block);
        }
    }

    #[inline(always)]
    fn across_block(&mut self, at: usize, numbers: &[T]) {
        let here = at..at + numbers.len();
        if !self.scatter.is_empty() {
            let sum = &self.sum[here.clone()];
            let count = &mut self.count[here.clone()];
            scatter_across(&mut self.scatter[here.clone()], sum, count, numbers);
        }
        if !self.squares.is_empty() {
            for (squares, x) in self.squares[here.clone()].iter_mut().zip(numbers) {
                *squares = squares.wrapping_add(x.square());
            }
        }
        if !self.low.is_empty() {
            for (low, x) in self.low[here.clone()].iter_mut().zip(numbers) {
                *low = low.lower(*x);
            }
        }
        if !self.high.is_empty() {
            for (high, x) in self.high[here.clone()].iter_mut().zip(numbers) {
                *high = high.higher(*x);
            }
        }
        if !self.sum.is_empty() {
            let mut overflow = false;
            for (sum, x) in self.sum[here].iter_mut().zip(numbers) {
                let (next, over) = sum.plus(x.total());
                *sum = next;
                overflow |= T::CHECKED && over;
            }
            self.overflow |= overflow;
        }
    }

    /// Add all numbers to one cell.
    pub fn along(&mut self, at: usize, numbers: &[T]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.along_avx2(at, numbers) };
        }
        self.along_portable(at, numbers);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn along_avx2(&mut self, at: usize, numbers: &[T]) {
        self.along_portable(at, numbers);
    }

    #[inline(always)]
    fn along_portable(&mut self, at: usize, numbers: &[T]) {
        for block in numbers.chunks(BLOCK) {
            let summary = self.summary(block);
            self.merge(at, summary);
        }
    }

    #[inline(always)]
    fn summary(&mut self, numbers: &[T]) -> Summary<T> {
        let mut found = Summary {
            sum: T::Sum::default(),
            low: T::HIGHEST,
            high: T::LOWEST,
            squares: 0,
            scatter: 0.0,
            count: numbers.len() as u32,
        };
        if !self.sum.is_empty() {
            let mut overflow = false;
            let plus = |a: T::Sum, b: T::Sum| {
                let (sum, over) = a.plus(b);
                overflow |= T::CHECKED && over;
                sum
            };
            found.sum = by_lanes(numbers, T::Sum::default(), |x| x.total(), plus);
            self.overflow |= overflow;
        }
        if !self.low.is_empty() {
            found.low = by_lanes(numbers, T::HIGHEST, |x| x, T::lower);
        }
        if !self.high.is_empty() {
            found.high = by_lanes(numbers, T::LOWEST, |x| x, T::higher);
        }
        if !self.squares.is_empty() {
            found.squares = by_lanes(numbers, 0, T::square, u64::wrapping_add);
        }
        if !self.scatter.is_empty() {
            let mean = found.sum.float() / numbers.len() as f64;
            let deviation = |x: T| (x.float() - mean) * (x.float() - mean);
            found.scatter = by_lanes(numbers, 0.0, deviation, |a, b| a + b);
        }
        found
    }

    #[inline(always)]
    fn merge(&mut self, at: usize, other: Summary<T>) {
        if let Some(scatter) = self.scatter.get_mut(at) {
            let (count, more) = (f64::from(self.count[at]), f64::from(other.count));
            *scatter += other.scatter;
            if self.count[at] > 0 && other.count > 0 {
                let apart = other.sum.float() / more - self.sum[at].float() / count;
                *scatter += apart * apart * (count * more / (count + more));
            }
            self.count[at] += other.count;
        }
        if let Some(squares) = self.squares.get_mut(at) {
            *squares = squares.wrapping_add(other.squares);
        }
        if let Some(low) = self.low.get_mut(at) {
            *low = low.lower(other.low);
        }
        if let Some(high) = self.high.get_mut(at) {
            *high = high.higher(other.high);
        }
        if let Some(sum) = self.sum.get_mut(at) {
            let (next, over) = sum.plus(other.sum);
            *sum = next;
            self.overflow |= T::CHECKED && over;
        }
    }

    /// Add cells that were kept apart.
    pub fn absorb(&mut self, other: &Cells<'_, T>, length: usize) {
        for at in 0..length {
            let of = Summary {
                sum: other.sum.get(at).copied().unwrap_or_default(),
                low: other.low.get(at).copied().unwrap_or(T::HIGHEST),
                high: other.high.get(at).copied().unwrap_or(T::LOWEST),
                squares: other.squares.get(at).copied().unwrap_or(0),
                scatter: other.scatter.get(at).copied().unwrap_or(0.0),
                count: other.count.get(at).copied().unwrap_or(0),
            };
            self.merge(at, of);
        }
        self.overflow |= other.overflow;
    }
}

/// Squared deviations by Youngs and Cramer: from the mean of what came before.
#[inline(always)]
fn scatter_across<T: Number>(
    scatter: &mut [f64],
    sum: &[T::Sum],
    count: &mut [u32],
    numbers: &[T],
) {
    let first = count[0];
    if first == 0 && count.iter().all(|n| *n == 0) {
        // no deviation yet, but what is infinite has none that is a number
        for (scatter, x) in scatter.iter_mut().zip(numbers) {
            *scatter += x.float() - x.float();
        }
    } else if count.iter().all(|n| *n == first) {
        let n = f64::from(first);
        let share = n / (n + 1.0);
        for ((scatter, sum), x) in scatter.iter_mut().zip(sum).zip(numbers) {
            let apart = x.float() - sum.float() / n;
            *scatter += apart * apart * share;
        }
    } else {
        let before = sum.iter().zip(count.iter());
        for ((scatter, (sum, n)), x) in scatter.iter_mut().zip(before).zip(numbers) {
            let apart = match *n {
                0 => x.float() - x.float(),
                n => x.float() - sum.float() / f64::from(n),
            };
            let n = f64::from(*n);
            *scatter += apart * apart * (n / (n + 1.0));
        }
    }
    count.iter_mut().for_each(|n| *n += 1);
}

/// Fold numbers in an order that vector registers like, and that is always the same.
#[inline(always)]
fn by_lanes<T: Copy, R: Copy>(
    numbers: &[T],
    start: R,
    each: impl Fn(T) -> R,
    mut fold: impl FnMut(R, R) -> R,
) -> R {
    let mut lanes = [start; LANES];
    let whole = numbers.chunks_exact(LANES);
    let rest = whole.remainder();
    for group in whole {
        for (lane, x) in lanes.iter_mut().zip(group) {
            *lane = fold(*lane, each(*x));
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane = fold(*lane, each(*x));
    }
    lanes.into_iter().fold(start, fold)
}

/// Cells that a worker has for itself.
pub struct Owned<T: Number> {
    sum: Vec<T::Sum>,
    low: Vec<T>,
    high: Vec<T>,
    squares: Vec<u64>,
    scatter: Vec<f64>,
    count: Vec<u32>,
    pub overflow: bool,
}

impl<T: Number> Owned<T> {
    /// Cells that keep what others keep.
    pub fn like(cells: &Cells<'_, T>) -> Self {
        Self {
            sum: vec![T::Sum::default(); cells.sum.len()],
            low: vec![T::HIGHEST; cells.low.len()],
            high: vec![T::LOWEST; cells.high.len()],
            squares: vec![0; cells.squares.len()],
            scatter: vec![0.0; cells.scatter.len()],
            count: vec![0; cells.count.len()],
            overflow: false,
        }
    }

    pub fn cells(&mut self) -> Cells<'_, T> {
        Cells {
            sum: &mut self.sum,
            low: &mut self.low,
            high: &mut self.high,
            squares: &mut self.squares,
            scatter: &mut self.scatter,
            count: &mut self.count,
            overflow: self.overflow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn made<T: Number>(length: usize) -> Owned<T> {
        let (squares, scatter) = match T::EXACT {
            true => (length, 0),
            false => (0, length),
        };
        Owned {
            sum: vec![T::Sum::default(); length],
            low: vec![T::HIGHEST; length],
            high: vec![T::LOWEST; length],
            squares: vec![0; squares],
            scatter: vec![0.0; scatter],
            count: vec![0; scatter],
            overflow: false,
        }
    }

    /// Rows of numbers added up across and along, by both twins and by halves.
    fn every_way<T: Number>(rows: &[Vec<T>]) -> Vec<Owned<T>> {
        let width = rows[0].len();
        let mut found: Vec<Owned<T>> = (0..4).map(|_| made(width)).collect();
        for row in rows {
            found[0].cells().across(0, row);
            found[1].cells().across_portable(0, row);
        }
        for column in 0..width {
            let numbers: Vec<T> = rows.iter().map(|row| row[column]).collect();
            found[2].cells().along(column, &numbers);
        }
        let (first, second) = rows.split_at(rows.len() / 2);
        for half in [first, second] {
            let mut apart = made(width);
            for row in half {
                apart.cells().across(0, row);
            }
            found[3].cells().absorb(&apart.cells(), width);
        }
        found
    }

    proptest! {
        #[test]
        fn all_ways_of_adding_up_agree_on_integers(
            rows in (1usize..70).prop_flat_map(|width| {
                prop::collection::vec(prop::collection::vec(any::<i16>(), width), 1..40)
            })
        ) {
            for got in every_way(&rows) {
                for column in 0..rows[0].len() {
                    let numbers: Vec<i64> = rows.iter().map(|r| i64::from(r[column])).collect();
                    prop_assert_eq!(got.sum[column], numbers.iter().sum::<i64>());
                    let squares = numbers.iter().map(|x| (x * x) as u64);
                    prop_assert_eq!(got.squares[column], squares.sum::<u64>());
                    let low = numbers.iter().min().copied();
                    prop_assert_eq!(Some(i64::from(got.low[column])), low);
                    let high = numbers.iter().max().copied();
                    prop_assert_eq!(Some(i64::from(got.high[column])), high);
                }
            }
        }

        #[test]
        fn all_ways_of_adding_up_agree_on_floats(
            rows in (1usize..40).prop_flat_map(|width| {
                prop::collection::vec(prop::collection::vec(-1e3f64..1e3, width), 1..40)
            })
        ) {
            for got in every_way(&rows) {
                for column in 0..rows[0].len() {
                    let numbers: Vec<f64> = rows.iter().map(|row| row[column]).collect();
                    let n = numbers.len() as f64;
                    let mean = numbers.iter().sum::<f64>() / n;
                    let scatter: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
                    prop_assert!((got.sum[column] - mean * n).abs() < 1e-8);
                    prop_assert!((got.scatter[column] - scatter).abs() < 1e-6);
                    prop_assert_eq!(got.count[column] as usize, numbers.len());
                }
            }
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_seen() {
        for numbers in [[u64::MAX, 1], [1, u64::MAX]] {
            let mut owned = made::<u64>(1);
            let mut cells = owned.cells();
            numbers.iter().for_each(|x| cells.across(0, &[*x]));
            assert!(cells.overflow);
            let mut owned = made::<u64>(1);
            let mut cells = owned.cells();
            cells.along(0, &numbers);
            assert!(cells.overflow);
        }
    }

    #[test]
    fn nan_stays() {
        let mut owned = made::<f32>(1);
        let mut cells = owned.cells();
        for x in [1.0, f32::NAN, 2.0] {
            cells.across(0, &[x]);
        }
        assert!(cells.low[0].is_nan() && cells.high[0].is_nan());
        assert!(cells.sum[0].is_nan() && cells.scatter[0].is_nan());
    }
}
