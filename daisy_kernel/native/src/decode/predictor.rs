//! TIFF's predictors: rows stored as differences of neighbouring pixels.
use super::{byteorder, shuffle, DecodeError};

/// Predictor 2, on numbers in this machine's byte order. A row has `row` numbers, of
/// which `samples` belong to one pixel.
pub fn horizontal(
    data: &mut [u8],
    row: usize,
    samples: usize,
    itemsize: usize,
) -> Result<(), DecodeError> {
    let bytes = row_bytes(data, row, samples, itemsize)?;
    for row in data.chunks_exact_mut(bytes) {
        match itemsize {
            1 => sum_u8(row, samples),
            2 => sum_u16(row, samples),
            4 => sum_u32(row, samples),
            8 => sum_u64(row, samples),
            _ => return Err(unknown()),
        }
    }
    Ok(())
}

/// Predictor 3: bytes of floating-point numbers in planes, the most significant first,
/// each byte a difference. The numbers come out in this machine's byte order.
pub fn floating(
    data: &mut [u8],
    row: usize,
    samples: usize,
    itemsize: usize,
) -> Result<(), DecodeError> {
    if ![2, 4, 8].contains(&itemsize) {
        return Err(unknown());
    }
    let bytes = row_bytes(data, row, samples, itemsize)?;
    let mut planes = vec![0; if data.is_empty() { 0 } else { bytes }];
    for row in data.chunks_exact_mut(bytes) {
        sum_u8(row, samples);
        planes.copy_from_slice(row);
        shuffle::unshuffle(&planes, row, itemsize)?;
    }
    if cfg!(target_endian = "little") {
        byteorder::swap(data, itemsize);
    }
    Ok(())
}

/// Size of a row, never 0; the data must be whole rows and these whole pixels.
fn row_bytes(
    data: &[u8],
    row: usize,
    samples: usize,
    itemsize: usize,
) -> Result<usize, DecodeError> {
    let bytes = row.checked_mul(itemsize).filter(|&bytes| bytes > 0);
    let whole = row.checked_rem(samples) == Some(0);
    match bytes {
        Some(bytes) if whole && data.len() % bytes == 0 => Ok(bytes),
        _ => Err(DecodeError::Unsupported(
            "predictor: the data are not whole rows of pixels",
        )),
    }
}

fn unknown() -> DecodeError {
    DecodeError::Unsupported("predictor: numbers of this size cannot be differences")
}

macro_rules! sums {
    ($name:ident, $type:ty) => {
        /// Every number becomes the sum of its sample in the row up to it.
        fn $name(row: &mut [u8], samples: usize) {
            const SIZE: usize = size_of::<$type>();
            let sum = |row: &mut [u8], samples: usize, sample: usize| {
                let mut sum: $type = 0;
                for pixel in row.chunks_exact_mut(SIZE * samples) {
                    let item = &mut pixel[sample * SIZE..][..SIZE];
                    let mut bytes = [0; SIZE];
                    bytes.copy_from_slice(item);
                    sum = sum.wrapping_add(<$type>::from_ne_bytes(bytes));
                    item.copy_from_slice(&sum.to_ne_bytes());
                }
            };
            // a constant step is twice as fast
            if samples == 1 {
                return sum(row, 1, 0);
            }
            (0..samples).for_each(|sample| sum(row, samples, sample));
        }
    };
}
sums!(sum_u8, u8);
sums!(sum_u16, u16);
sums!(sum_u32, u32);
sums!(sum_u64, u64);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whole rows: row of numbers, samples, item size, bytes.
    fn rows() -> impl Strategy<Value = (usize, usize, usize, Vec<u8>)> {
        let shape = (
            1usize..20,
            1usize..5,
            prop::sample::select(vec![1usize, 2, 4, 8]),
            0usize..4,
        );
        shape.prop_flat_map(|(pixels, samples, size, rows)| {
            let row = pixels * samples;
            let bytes = prop::collection::vec(any::<u8>(), row * size * rows);
            (Just(row), Just(samples), Just(size), bytes)
        })
    }

    fn number(bytes: &[u8]) -> u64 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    }

    /// Differences of whole numbers, from the end so that nothing is lost.
    fn difference(data: &mut [u8], row: usize, samples: usize, size: usize) {
        for row in data.chunks_mut(row * size) {
            for at in (samples * size..row.len()).step_by(size).rev() {
                let before = number(&row[at - samples * size..][..size]);
                let new = number(&row[at..][..size]).wrapping_sub(before);
                row[at..][..size].copy_from_slice(&new.to_le_bytes()[..size]);
            }
        }
    }

    proptest! {
        #[test]
        #[cfg(target_endian = "little")]
        fn horizontal_undoes_differences((row, samples, size, data) in rows()) {
            let mut stored = data.clone();
            difference(&mut stored, row, samples, size);
            horizontal(&mut stored, row, samples, size).unwrap();
            prop_assert_eq!(stored, data);
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn floating_undoes_planes((row, samples, size, data) in rows()) {
            prop_assume!(size > 1);
            let mut stored = data.clone();
            for (from, to) in data.chunks(row * size).zip(stored.chunks_mut(row * size)) {
                for (i, &byte) in from.iter().enumerate() {
                    to[(size - 1 - i % size) * row + i / size] = byte;
                }
                difference(to, to.len(), samples, 1);
            }
            floating(&mut stored, row, samples, size).unwrap();
            prop_assert_eq!(stored, data);
        }
    }

    #[test]
    fn what_is_no_whole_row_is_an_error() {
        for (row, samples, size) in [(0, 1, 2), (5, 1, 2), (4, 3, 2), (4, 0, 2), (4, 1, 0)] {
            assert!(horizontal(&mut [0; 16], row, samples, size).is_err());
            assert!(floating(&mut [0; 16], row, samples, size).is_err());
        }
        assert!(horizontal(&mut [0; 24], 2, 1, 3).is_err());
        assert!(floating(&mut [0; 16], 4, 1, 1).is_err());
        assert!(floating(&mut [0; 16], usize::MAX, 1, 8).is_err());
        assert!(floating(&mut [], usize::MAX / 8, 1, 8).is_ok());
    }
}
