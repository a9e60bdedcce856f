//! HDF5's shuffle: all first bytes of the elements, then all second bytes, ...
//!
//! Planes of the usual item sizes are woven by one small loop, compiled a second time
//! for AVX2 and chosen at run time.
use super::DecodeError;
use std::array::from_fn;

const NAME: &str = "shuffle";

/// Elements whose bytes are gathered together when the item size is unusual, so that
/// the rows they share stay in the cache.
const TOGETHER: usize = 512;

/// Planes back to elements; bytes beyond the last whole element are as they were.
pub fn unshuffle(input: &[u8], out: &mut [u8], itemsize: usize) -> Result<(), DecodeError> {
    let (whole, elements) = whole(input, out, itemsize)?;
    let (out, rest) = out.split_at_mut(whole);
    rest.copy_from_slice(&input[whole..]);
    unshuffle_range(&input[..whole], elements, 0, out, itemsize)
}

/// Elements to planes, the reverse of `unshuffle`.
pub fn shuffle(input: &[u8], out: &mut [u8], itemsize: usize) -> Result<(), DecodeError> {
    let (whole, elements) = whole(input, out, itemsize)?;
    let (out, rest) = out.split_at_mut(whole);
    rest.copy_from_slice(&input[whole..]);
    let input = &input[..whole];
    match itemsize {
        _ if elements < 2 => out.copy_from_slice(input),
        1 => out.copy_from_slice(input),
        2 => part::<2>(input, out),
        4 => part::<4>(input, out),
        8 => part::<8>(input, out),
        _ => part_any(input, out, itemsize),
    }
    Ok(())
}

/// Only as many elements as `out` takes, from element `start` of all `elements` on.
pub fn unshuffle_range(
    planes: &[u8],
    elements: usize,
    start: usize,
    out: &mut [u8],
    itemsize: usize,
) -> Result<(), DecodeError> {
    let wrong = DecodeError::Unsupported("shuffle: elements outside the chunk are asked for");
    let fits = out.len().checked_rem(itemsize) == Some(0)
        && elements
            .checked_mul(itemsize)
            .is_some_and(|size| size <= planes.len())
        && start
            .checked_add(out.len() / itemsize)
            .is_some_and(|end| end <= elements);
    if !fits {
        return Err(wrong);
    }
    match itemsize {
        1 => out.copy_from_slice(&planes[start..][..out.len()]),
        2 => weave::<2>(planes, elements, start, out),
        4 => weave::<4>(planes, elements, start, out),
        8 => weave::<8>(planes, elements, start, out),
        _ => weave_any(planes, elements, start, out, itemsize),
    }
    Ok(())
}

/// Bytes and number of the whole elements, once both sides are found to be as long.
fn whole(input: &[u8], out: &[u8], itemsize: usize) -> Result<(usize, usize), DecodeError> {
    if input.len() != out.len() {
        return Err(DecodeError::WrongSize {
            codec: NAME,
            expected: out.len(),
            got: input.len() as u64,
        });
    }
    let elements = input
        .len()
        .checked_div(itemsize)
        .ok_or(DecodeError::Unsupported("shuffle: the item size is 0"))?;
    Ok((elements * itemsize, elements))
}

/// `out` holds whole elements, the planes hold `elements`, of which `start..` fill it.
pub(super) fn weave<const S: usize>(planes: &[u8], elements: usize, start: usize, out: &mut [u8]) {
    let count = out.len() / S;
    let planes: [&[u8]; S] = from_fn(|k| &planes[k * elements + start..][..count]);
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { weave_avx2(planes, out) };
    }
    weave_portable(planes, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn weave_avx2<const S: usize>(planes: [&[u8]; S], out: &mut [u8]) {
    weave_portable(planes, out);
}

#[inline(always)]
fn weave_portable<const S: usize>(planes: [&[u8]; S], out: &mut [u8]) {
    let count = out.len() / S;
    let planes = planes.map(|plane| &plane[..count]);
    for (i, to) in out.chunks_exact_mut(S).enumerate() {
        for k in 0..S {
            to[k] = planes[k][i];
        }
    }
}

fn weave_any(planes: &[u8], elements: usize, start: usize, out: &mut [u8], itemsize: usize) {
    let mut at = start;
    for group in out.chunks_mut(TOGETHER * itemsize) {
        for k in 0..itemsize {
            let plane = &planes[k * elements + at..];
            let to = group[k..].iter_mut().step_by(itemsize);
            to.zip(plane).for_each(|(to, &byte)| *to = byte);
        }
        at += TOGETHER;
    }
}

pub(super) fn part<const S: usize>(input: &[u8], out: &mut [u8]) {
    let elements = input.len() / S;
    let mut rest = out;
    let planes: [&mut [u8]; S] = from_fn(|_| {
        let (plane, after) = std::mem::take(&mut rest).split_at_mut(elements);
        rest = after;
        plane
    });
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { part_avx2(input, planes) };
    }
    part_portable(input, planes);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn part_avx2<const S: usize>(input: &[u8], planes: [&mut [u8]; S]) {
    part_portable(input, planes);
}

#[inline(always)]
fn part_portable<const S: usize>(input: &[u8], planes: [&mut [u8]; S]) {
    let count = input.len() / S;
    let planes = planes.map(|plane| &mut plane[..count]);
    for (i, from) in input.chunks_exact(S).enumerate() {
        for k in 0..S {
            planes[k][i] = from[k];
        }
    }
}

fn part_any(input: &[u8], out: &mut [u8], itemsize: usize) {
    let elements = input.len() / itemsize;
    for (g, group) in input.chunks(TOGETHER * itemsize).enumerate() {
        for k in 0..itemsize {
            let from = group[k..].iter().step_by(itemsize);
            let plane = &mut out[k * elements + g * TOGETHER..];
            plane
                .iter_mut()
                .zip(from)
                .for_each(|(to, &byte)| *to = byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As written in HDF5's documentation, byte by byte.
    fn slow(input: &[u8], itemsize: usize) -> Vec<u8> {
        let elements = input.len() / itemsize;
        let mut out = input.to_vec();
        for i in 0..elements {
            for k in 0..itemsize {
                out[i * itemsize + k] = input[k * elements + i];
            }
        }
        out
    }

    proptest! {
        #[test]
        fn there_and_back(input in prop::collection::vec(any::<u8>(), 0..3000), itemsize in 1usize..20) {
            let mut elements = vec![0xaa; input.len()];
            unshuffle(&input, &mut elements, itemsize).unwrap();
            prop_assert_eq!(&elements, &slow(&input, itemsize));
            let mut planes = vec![0x55; input.len()];
            shuffle(&elements, &mut planes, itemsize).unwrap();
            prop_assert_eq!(planes, input);
        }

        #[test]
        fn a_range_is_a_part_of_all(
            input in prop::collection::vec(any::<u8>(), 0..2000),
            itemsize in 1usize..10,
            cut in (0usize..2000, 0usize..2000),
        ) {
            let elements = input.len() / itemsize;
            let (start, end) = (cut.0 % (elements + 1), cut.1 % (elements + 1));
            prop_assume!(start <= end);
            let mut out = vec![0xaa; (end - start) * itemsize];
            unshuffle_range(&input, elements, start, &mut out, itemsize).unwrap();
            let all = slow(&input[..elements * itemsize], itemsize);
            prop_assert_eq!(&out, &all[start * itemsize..end * itemsize]);
        }

        #[test]
        fn the_twins_agree(input in prop::collection::vec(any::<u8>(), 0..700)) {
            twins::<2>(&input);
            twins::<4>(&input);
            twins::<8>(&input);
        }
    }

    fn twins<const S: usize>(input: &[u8]) {
        let elements = input.len() / S;
        let input = &input[..elements * S];
        let (mut fast, mut plain) = (vec![0; input.len()], vec![0; input.len()]);
        weave::<S>(input, elements, 0, &mut fast);
        weave_portable::<S>(from_fn(|k| &input[k * elements..]), &mut plain);
        assert_eq!(fast, plain);
    }

    #[test]
    fn wrong_lengths_are_errors() {
        let mut out = [0; 8];
        assert!(unshuffle(&[0; 7], &mut out, 2).is_err());
        assert!(unshuffle(&[0; 8], &mut out, 0).is_err());
        assert!(shuffle(&[0; 9], &mut out, 2).is_err());
        for (elements, start, itemsize) in [(4, 1, 2), (9, 0, 2), (4, 0, 3), (4, 0, 0)] {
            assert!(unshuffle_range(&[0; 8], elements, start, &mut out, itemsize).is_err());
        }
        assert!(unshuffle_range(&[0; 8], usize::MAX, 4, &mut out, 2).is_err());
        assert!(unshuffle_range(&[0; 8], 4, usize::MAX, &mut out, 2).is_err());
    }
}
