//! A borrowed 2-D frame of any numeric type, and which of its pixels count.
use std::marker::PhantomData;

/// Numbers that a detector writes, as f64, and whether one is no count at all.
pub trait Pixel: Copy + Send + Sync {
    fn value(self) -> f64;
    /// True for NaN, infinity and the all-ones value that marks a dead pixel.
    fn is_bad(self) -> bool;
    /// Signed detectors mark gaps with -1 and -2, unless they hold real negatives.
    const SIGNED: bool = false;
}

macro_rules! integer {
    ($type:ty, $bad:expr, $signed:expr) => {
        impl Pixel for $type {
            #[inline(always)]
            fn value(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn is_bad(self) -> bool {
                let bad: fn($type) -> bool = $bad;
                bad(self)
            }
            const SIGNED: bool = $signed;
        }
    };
}
integer!(u8, |_| false, false);
integer!(i8, |_| false, false);
integer!(u16, |_| false, false);
integer!(i16, |_| false, true);
integer!(u32, |v| v == u32::MAX, false);
integer!(i32, |_| false, true);
integer!(u64, |v| v == u64::MAX, false);
integer!(i64, |_| false, true);

macro_rules! real {
    ($type:ty) => {
        impl Pixel for $type {
            #[inline(always)]
            fn value(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn is_bad(self) -> bool {
                !self.is_finite()
            }
        }
    };
}
real!(f32);
real!(f64);

/// Rows of pixels that lie one after the other, `stride` elements apart.
pub struct Frame<'a, T> {
    data: *const T,
    pub rows: usize,
    pub columns: usize,
    stride: usize,
    mask: Option<&'a [u8]>,
    fill: &'a [f64],
    gaps: bool,
    life: PhantomData<&'a T>,
}

// SAFETY: a frame only reads, and Pixel types are plain numbers.
unsafe impl<T: Pixel> Sync for Frame<'_, T> {}

impl<'a, T: Pixel> Frame<'a, T> {
    /// # Safety
    /// `data` must stay readable for `(rows - 1) * stride + columns` elements during
    /// the life of the frame.
    pub unsafe fn new(data: *const T, rows: usize, columns: usize, stride: usize) -> Self {
        Frame {
            data,
            rows,
            columns,
            stride,
            mask: None,
            fill: &[],
            gaps: false,
            life: PhantomData,
        }
    }

    /// Leave out the pixels whose mask is not 0, and those equal to a fill value.
    /// The mask has `rows * columns` elements.
    pub fn without(mut self, mask: Option<&'a [u8]>, fill: &'a [f64]) -> Self {
        debug_assert!(mask.is_none_or(|m| m.len() == self.rows * self.columns));
        self.mask = mask;
        self.fill = fill;
        self.gaps = T::SIGNED && self.lowest() >= -2.0;
        self
    }

    #[inline(always)]
    pub fn row(&self, row: usize) -> &[T] {
        assert!(row < self.rows);
        // SAFETY: new() promises the memory of every row.
        unsafe { std::slice::from_raw_parts(self.data.add(row * self.stride), self.columns) }
    }

    /// The pixel's value, None if it is no data.
    #[inline(always)]
    pub fn valid(&self, row: usize, column: usize, pixel: T) -> Option<f64> {
        let value = pixel.value();
        let masked = self
            .mask
            .is_some_and(|mask| mask[row * self.columns + column] != 0);
        let bad = pixel.is_bad() || masked || (self.gaps && value < 0.0);
        (!bad && !self.fill.contains(&value)).then_some(value)
    }

    fn lowest(&self) -> f64 {
        (0..self.rows)
            .flat_map(|row| self.row(row).iter())
            .fold(0.0, |low, pixel| pixel.value().min(low))
    }
}
