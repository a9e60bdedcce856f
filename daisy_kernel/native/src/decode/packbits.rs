//! TIFF's PackBits: runs of literals and of one repeated byte.
use super::{filled, DecodeError};

const NAME: &str = "packbits";

pub fn decode(input: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
    let expected = out.len();
    let (mut rest, mut at) = (input, 0);
    while let Some((&control, after)) = rest.split_first() {
        // some writers pad strips to an even length
        if at == expected && after.is_empty() {
            break;
        }
        rest = after;
        // the control byte -128 means nothing
        if control == 128 {
            continue;
        }
        let repeated = control > 128;
        let count = if repeated {
            257 - usize::from(control)
        } else {
            usize::from(control) + 1
        };
        let taken = if repeated { 1 } else { count };
        let from = rest.get(..taken).ok_or(DecodeError::Truncated(NAME))?;
        let to = out.get_mut(at..at + count).ok_or(DecodeError::TooLong {
            codec: NAME,
            expected,
        })?;
        if repeated {
            to.fill(from[0]);
        } else {
            to.copy_from_slice(from);
        }
        rest = &rest[taken..];
        at += count;
    }
    filled(NAME, at, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of Apple's technical note 1023.
    const PACKED: [u8; 15] = [
        0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa,
    ];
    const PLAIN: [u8; 24] = [
        0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa,
        0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
    ];

    fn run(input: &[u8], size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = vec![0x55; size];
        decode(input, &mut out).map(|()| out)
    }

    #[test]
    fn the_known_example() {
        assert_eq!(run(&PACKED, 24).unwrap(), PLAIN);
        for pad in [0, 128] {
            assert!(run(&[&PACKED[..], &[pad]].concat(), 24).is_ok());
        }
        assert!(run(&[], 0).is_ok());
    }

    #[test]
    fn another_size_is_an_error() {
        for size in (0..24).chain([25, 100]) {
            assert!(run(&PACKED, size).is_err());
        }
        for short in 0..PACKED.len() {
            assert!(run(&PACKED[..short], 24).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(noise in prop::collection::vec(any::<u8>(), 0..200), size in 0usize..900) {
            let _ = run(&noise, size);
        }
    }
}
