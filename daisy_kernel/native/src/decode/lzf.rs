//! liblzf's format, h5py's filter 32000.
//!
//! A control byte below 32 announces that many literal bytes plus one. Any other is a
//! reference back: three bits of length, thirteen of distance.
use super::DecodeError;

const NAME: &str = "lzf";

/// No literal run and few references are longer; so many bytes move at once.
const WIDE: usize = 32;

pub fn decode(input: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
    let short = || DecodeError::Truncated(NAME);
    let (mut from, mut to) = (0, 0);
    while let Some(&control) = input.get(from) {
        from += 1;
        if control < 32 {
            let count = usize::from(control) + 1;
            literals(input, from, out, to, count)?;
            from += count;
            to += count;
            continue;
        }
        let mut count = usize::from(control >> 5) + 2;
        if count == 9 {
            count += usize::from(*input.get(from).ok_or_else(short)?);
            from += 1;
        }
        let low = usize::from(*input.get(from).ok_or_else(short)?);
        from += 1;
        let distance = (usize::from(control & 31) << 8 | low) + 1;
        reference(out, to, distance, count)?;
        to += count;
    }
    super::filled(NAME, to, out)
}

#[inline(always)]
fn literals(
    input: &[u8],
    from: usize,
    out: &mut [u8],
    to: usize,
    count: usize,
) -> Result<(), DecodeError> {
    // what is copied too much is overwritten by what follows
    let wide = (input.get(from..from + WIDE), out.get_mut(to..to + WIDE));
    if let (Some(from), Some(to)) = wide {
        to.copy_from_slice(from);
        return Ok(());
    }
    let too_long = room(out);
    let from = input
        .get(from..from + count)
        .ok_or(DecodeError::Truncated(NAME))?;
    out.get_mut(to..to + count)
        .ok_or(too_long)?
        .copy_from_slice(from);
    Ok(())
}

#[inline(always)]
fn reference(out: &mut [u8], to: usize, distance: usize, count: usize) -> Result<(), DecodeError> {
    let start = to.checked_sub(distance).ok_or(DecodeError::Corrupt(NAME))?;
    if distance >= WIDE && count <= WIDE && to + WIDE <= out.len() {
        let (done, rest) = out.split_at_mut(to);
        rest[..WIDE].copy_from_slice(&done[start..start + WIDE]);
        return Ok(());
    }
    let too_long = room(out);
    let window = out.get_mut(start..to + count).ok_or(too_long)?;
    repeat(window, distance);
    Ok(())
}

/// Fill the window with repetitions of its first `period` bytes.
fn repeat(window: &mut [u8], period: usize) {
    if period == 1 {
        window.fill(window[0]);
        return;
    }
    let mut done = period;
    while done < window.len() {
        let count = done.min(window.len() - done);
        let (from, to) = window.split_at_mut(done);
        to[..count].copy_from_slice(&from[..count]);
        done += count;
    }
}

fn room(out: &[u8]) -> DecodeError {
    DecodeError::TooLong {
        codec: NAME,
        expected: out.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(input: &[u8], size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0xaa; size];
        decode(input, &mut out).map(|()| out)
    }

    /// As liblzf writes it: byte by byte.
    fn slow(input: &[u8]) -> Option<Vec<u8>> {
        let mut input = input.iter().copied();
        let mut out: Vec<u8> = Vec::new();
        while let Some(control) = input.next() {
            let high = usize::from(control & 31);
            let mut count = usize::from(control >> 5);
            if count == 0 {
                for _ in 0..=high {
                    out.push(input.next()?);
                }
                continue;
            }
            if count == 7 {
                count += usize::from(input.next()?);
            }
            let distance = (high << 8) + usize::from(input.next()?) + 1;
            for _ in 0..count + 2 {
                out.push(*out.get(out.len().checked_sub(distance)?)?);
            }
        }
        Some(out)
    }

    /// Streams that are mostly right: literals and short references.
    fn streams() -> impl Strategy<Value = Vec<u8>> {
        let literal = prop::collection::vec(any::<u8>(), 1..33)
            .prop_map(|bytes| [&[bytes.len() as u8 - 1], &bytes[..]].concat());
        let short = (1u8..7, 0u8..60).prop_map(|(count, low)| vec![count << 5, low]);
        let long = (any::<u8>(), 0u8..60).prop_map(|(count, low)| vec![7 << 5, count, low]);
        prop::collection::vec(prop_oneof![literal, short, long], 0..60)
            .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn agrees_with_the_slow_one(stream in streams()) {
            match slow(&stream) {
                Some(right) => prop_assert_eq!(run(&stream, right.len()), Ok(right)),
                None => prop_assert!(run(&stream, 4000).is_err()),
            }
        }

        #[test]
        fn only_the_exact_size_is_right(stream in streams()) {
            let size = slow(&stream).map_or(100, |right| right.len());
            prop_assert!(run(&stream, size + 1).is_err());
            if size > 0 {
                prop_assert!(run(&stream, size - 1).is_err());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(noise in prop::collection::vec(any::<u8>(), 0..200), size in 0usize..900) {
            let right = slow(&noise).filter(|right| right.len() == size);
            prop_assert_eq!(run(&noise, size).ok(), right);
        }
    }
}
