//! Whole numbers to float32 and dark subtracted, in one pass.
//!
//! The same bits as numpy's, which converts in a pass of its own.

/// Subtract `dark` from `frame`, number by number.
pub fn subtract<T: Copy + Into<Count>>(frame: &[T], dark: &[f32], out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has it.
        return unsafe { subtract_avx2(frame, dark, out) };
    }
    pass(frame, dark, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn subtract_avx2<T: Copy + Into<Count>>(frame: &[T], dark: &[f32], out: &mut [f32]) {
    pass(frame, dark, out);
}

#[inline(always)]
fn pass<T: Copy + Into<Count>>(frame: &[T], dark: &[f32], out: &mut [f32]) {
    for ((out, &value), &dark) in out.iter_mut().zip(frame).zip(dark) {
        let Count(value) = value.into();
        *out = value - dark;
    }
}

/// A number as float32, rounded to the nearest one.
pub struct Count(f32);

macro_rules! counts {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Count {
            #[inline(always)]
            fn from(value: $kind) -> Self {
                Self(value as f32)
            }
        }
    )*};
}

counts!(u8, i8, u16, i16, u32, i32);

#[cfg(test)]
mod tests {
    use super::subtract;

    #[test]
    fn numbers_are_converted_before_dark_is_subtracted() {
        let frame: Vec<u16> = (0..100).map(|i| i * 655).collect();
        let dark: Vec<f32> = (0..100).map(|i| i as f32 * 0.5).collect();
        let mut out = vec![0.0; 100];
        subtract(&frame, &dark, &mut out);
        for (i, &value) in out.iter().enumerate() {
            assert_eq!(value, f32::from(frame[i]) - dark[i]);
        }
    }

    #[test]
    fn large_numbers_are_rounded_to_the_nearest() {
        let mut out = [0.0];
        subtract(&[u32::MAX], &[0.0], &mut out);
        assert_eq!(out, [4_294_967_296.0]);
    }
}
