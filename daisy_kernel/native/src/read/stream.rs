//! Writes that go past the caches.
//!
//! A line of memory that is written is fetched into the cache first, and pushes out
//! another one. Of a result that is larger than the caches no line is there any more
//! when it is used, so both were for nothing.

/// Results from here on are larger than the caches.
pub const LARGE: u64 = 32 << 20;

/// Copy as `copy_from_slice` does. Before another thread may look, `fence`.
#[cfg(target_arch = "x86_64")]
pub fn copy(from: &[u8], to: &mut [u8]) {
    use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
    assert_eq!(from.len(), to.len());
    // SAFETY: any bytes make a vector
    let (head, vectors, tail) = unsafe { to.align_to_mut::<__m128i>() };
    let (first, rest) = from.split_at(head.len());
    let (middle, last) = rest.split_at(rest.len() - tail.len());
    head.copy_from_slice(first);
    for (to, from) in vectors.iter_mut().zip(middle.chunks_exact(16)) {
        // SAFETY: there are 16 bytes on both sides, and `to` is aligned
        unsafe { _mm_stream_si128(to, _mm_loadu_si128(from.as_ptr().cast())) };
    }
    tail.copy_from_slice(last);
}

#[cfg(not(target_arch = "x86_64"))]
pub fn copy(from: &[u8], to: &mut [u8]) {
    to.copy_from_slice(from);
}

/// Weave the bytes of pairs: from `low[0]`, `high[0]`, `low[1]` on. Before another
/// thread may look, `fence`.
#[cfg(target_arch = "x86_64")]
pub fn weave(low: &[u8], high: &[u8], to: &mut [u8]) {
    use std::arch::x86_64::{
        __m128i, _mm_loadu_si128, _mm_stream_si128, _mm_unpackhi_epi8, _mm_unpacklo_epi8,
    };
    assert!(low.len() == high.len() && 2 * low.len() == to.len());
    // SAFETY: any bytes make a vector
    let (head, vectors, _) = unsafe { to.align_to_mut::<__m128i>() };
    // a pair that lies across the border of a vector leaves none for vectors
    let count = if head.len() % 2 == 0 {
        vectors.len() / 2
    } else {
        0
    };
    let first = if count > 0 { head.len() / 2 } else { 0 };
    let middle = first..first + 16 * count;
    let pairs = low[middle.clone()]
        .chunks_exact(16)
        .zip(high[middle.clone()].chunks_exact(16));
    for (to, (low, high)) in vectors.chunks_exact_mut(2).zip(pairs) {
        // SAFETY: there are 16 bytes of each, and `to` is aligned
        unsafe {
            let low = _mm_loadu_si128(low.as_ptr().cast());
            let high = _mm_loadu_si128(high.as_ptr().cast());
            _mm_stream_si128(&mut to[0], _mm_unpacklo_epi8(low, high));
            _mm_stream_si128(&mut to[1], _mm_unpackhi_epi8(low, high));
        }
    }
    for i in (0..first).chain(middle.end..low.len()) {
        (to[2 * i], to[2 * i + 1]) = (low[i], high[i]);
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub fn weave(low: &[u8], high: &[u8], to: &mut [u8]) {
    for (to, (&low, &high)) in to.chunks_exact_mut(2).zip(low.iter().zip(high)) {
        (to[0], to[1]) = (low, high);
    }
}

/// Make what was written visible to other threads.
pub fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_part_of_any_array_is_copied(skip in 0usize..70, length in 0usize..300) {
            let from: Vec<u8> = (0..length).map(|i| i as u8 ^ 0x5a).collect();
            let mut to = vec![0xaa; 400];
            copy(&from, &mut to[skip..skip + length]);
            fence();
            prop_assert!(to[..skip].iter().all(|&b| b == 0xaa));
            prop_assert_eq!(&to[skip..skip + length], &from[..]);
            prop_assert!(to[skip + length..].iter().all(|&b| b == 0xaa));
        }

        #[test]
        fn pairs_are_woven_wherever_they_lie(skip in 0usize..70, count in 0usize..150) {
            let low: Vec<u8> = (0..count).map(|i| i as u8).collect();
            let high: Vec<u8> = low.iter().map(|b| b ^ 0x5a).collect();
            let mut to = vec![0xaa; 400];
            weave(&low, &high, &mut to[skip..skip + 2 * count]);
            fence();
            let pairs: Vec<u8> = low.iter().flat_map(|&b| [b, b ^ 0x5a]).collect();
            prop_assert!(to[..skip].iter().all(|&b| b == 0xaa));
            prop_assert_eq!(&to[skip..skip + 2 * count], &pairs[..]);
            prop_assert!(to[skip + 2 * count..].iter().all(|&b| b == 0xaa));
        }
    }
}
