//! Bytes of numbers turned round in place.

/// Every `itemsize` bytes reversed; one-byte items and an incomplete end stay.
pub fn swap(data: &mut [u8], itemsize: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { swap_avx2(data, itemsize) };
    }
    swap_portable(data, itemsize);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn swap_avx2(data: &mut [u8], itemsize: usize) {
    swap_portable(data, itemsize);
}

#[inline(always)]
fn swap_portable(data: &mut [u8], itemsize: usize) {
    match itemsize {
        0 | 1 => {}
        2 => reverse::<2>(data),
        4 => reverse::<4>(data),
        8 => reverse::<8>(data),
        _ => data.chunks_exact_mut(itemsize).for_each(<[u8]>::reverse),
    }
}

#[inline(always)]
fn reverse<const S: usize>(data: &mut [u8]) {
    data.chunks_exact_mut(S).for_each(<[u8]>::reverse);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_item_is_reversed(data in prop::collection::vec(any::<u8>(), 0..500), size in 1usize..17) {
            let (mut fast, mut plain) = (data.clone(), data.clone());
            swap(&mut fast, size);
            swap_portable(&mut plain, size);
            prop_assert_eq!(&fast, &plain);
            let whole = data.len() / size * size;
            let right = (0..data.len()).map(|i| match i < whole {
                true => data[i / size * size + size - 1 - i % size],
                false => data[i],
            });
            prop_assert_eq!(fast, right.collect::<Vec<u8>>());
        }
    }

    #[test]
    fn no_size_changes_nothing() {
        let mut data = [1, 2, 3];
        swap(&mut data, 0);
        assert_eq!(data, [1, 2, 3]);
    }
}
