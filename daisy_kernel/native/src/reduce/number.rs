//! The types that can be reduced, and how each is added up.

/// What sums are kept in.
pub trait Total: Copy + Default + Send + Sync + 'static {
    /// The sum, and whether it went over the edge.
    fn plus(self, other: Self) -> (Self, bool);
    fn float(self) -> f64;
}

/// An element of a dataset.
pub trait Number: Copy + PartialOrd + Send + Sync + 'static {
    type Sum: Total;
    /// Whether a sum may overflow.
    const CHECKED: bool;
    /// Whether sums of squares are exact; else squares of deviations are kept.
    const EXACT: bool;
    /// Where a minimum and a maximum start from.
    const HIGHEST: Self;
    const LOWEST: Self;

    fn total(self) -> Self::Sum;
    fn float(self) -> f64;
    fn square(self) -> u64;
    /// The smaller one; NaN if one is.
    fn lower(self, other: Self) -> Self;
    fn higher(self, other: Self) -> Self;
}

/// A 64-bit integer of which no exact sum is wanted: added up as a float.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Rough<T>(T);

macro_rules! total {
    ($type:ty) => {
        impl Total for $type {
            #[inline(always)]
            fn plus(self, other: Self) -> (Self, bool) {
                self.overflowing_add(other)
            }
            #[inline(always)]
            fn float(self) -> f64 {
                self as f64
            }
        }
    };
}

total!(u64);
total!(i64);

impl Total for f64 {
    #[inline(always)]
    fn plus(self, other: Self) -> (Self, bool) {
        (self + other, false)
    }
    #[inline(always)]
    fn float(self) -> f64 {
        self
    }
}

macro_rules! integer {
    ($type:ty, $sum:ty, $exact:expr) => {
        impl Number for $type {
            type Sum = $sum;
            const CHECKED: bool = !$exact;
            const EXACT: bool = $exact;
            const HIGHEST: Self = <$type>::MAX;
            const LOWEST: Self = <$type>::MIN;

            #[inline(always)]
            fn total(self) -> $sum {
                self as $sum
            }
            #[inline(always)]
            fn float(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn square(self) -> u64 {
                // of 16 bits at most: the square fits 32
                let root = (self as i32).unsigned_abs();
                u64::from(root.wrapping_mul(root))
            }
            #[inline(always)]
            fn lower(self, other: Self) -> Self {
                self.min(other)
            }
            #[inline(always)]
            fn higher(self, other: Self) -> Self {
                self.max(other)
            }
        }
    };
}

integer!(u8, u64, true);
integer!(u16, u64, true);
integer!(u32, u64, false);
integer!(u64, u64, false);
integer!(i8, i64, true);
integer!(i16, i64, true);
integer!(i32, i64, false);
integer!(i64, i64, false);

macro_rules! rough {
    ($type:ty) => {
        impl Number for Rough<$type> {
            type Sum = f64;
            const CHECKED: bool = false;
            const EXACT: bool = false;
            const HIGHEST: Self = Rough(<$type>::MAX);
            const LOWEST: Self = Rough(<$type>::MIN);

            #[inline(always)]
            fn total(self) -> f64 {
                self.0 as f64
            }
            #[inline(always)]
            fn float(self) -> f64 {
                self.0 as f64
            }
            #[inline(always)]
            fn square(self) -> u64 {
                0
            }
            #[inline(always)]
            fn lower(self, other: Self) -> Self {
                Rough(self.0.min(other.0))
            }
            #[inline(always)]
            fn higher(self, other: Self) -> Self {
                Rough(self.0.max(other.0))
            }
        }
    };
}

rough!(u64);
rough!(i64);

macro_rules! float {
    ($type:ty) => {
        impl Number for $type {
            type Sum = f64;
            const CHECKED: bool = false;
            const EXACT: bool = false;
            const HIGHEST: Self = <$type>::INFINITY;
            const LOWEST: Self = <$type>::NEG_INFINITY;

            #[inline(always)]
            fn total(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn float(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn square(self) -> u64 {
                0
            }
            #[inline(always)]
            fn lower(self, other: Self) -> Self {
                // a NaN in self stays: no comparison with it is true
                if other < self || other.is_nan() {
                    other
                } else {
                    self
                }
            }
            #[inline(always)]
            fn higher(self, other: Self) -> Self {
                if other > self || other.is_nan() {
                    other
                } else {
                    self
                }
            }
        }
    };
}

float!(f32);
float!(f64);
