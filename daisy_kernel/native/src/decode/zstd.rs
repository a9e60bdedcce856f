//! Zstandard frames.
use super::{filled, DecodeError};
use zstd_safe::DCtx;

const NAME: &str = "zstd";

/// Keeps its context: making one costs more than a block of 8 KiB.
pub struct Unzstd(DCtx<'static>);

impl Unzstd {
    pub fn new() -> Result<Self, DecodeError> {
        DCtx::try_create()
            .map(Self)
            .ok_or(DecodeError::Memory(NAME))
    }

    pub fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
        let got = self
            .0
            .decompress(out, input)
            .map_err(|code| why(code, out.len()))?;
        filled(NAME, got, out)
    }
}

fn why(code: zstd_safe::ErrorCode, expected: usize) -> DecodeError {
    use zstd_safe::zstd_sys::ZSTD_ErrorCode as Code;
    // zstd gives its error codes as negative sizes
    let is = |kind: Code| code.wrapping_neg() == kind as usize;
    if is(Code::ZSTD_error_dstSize_tooSmall) {
        DecodeError::TooLong {
            codec: NAME,
            expected,
        }
    } else if is(Code::ZSTD_error_srcSize_wrong) {
        DecodeError::Truncated(NAME)
    } else {
        DecodeError::Corrupt(NAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_frame_into_the_right_size_is_fine() {
        let data: Vec<u8> = (0..3000u32).map(|i| (i / 7) as u8).collect();
        let mut frame = vec![0; zstd_safe::compress_bound(data.len())];
        let size = zstd_safe::compress(&mut frame[..], &data, 3).unwrap();
        let mut zstd = Unzstd::new().unwrap();
        let mut decode = |input: &[u8], size: usize| {
            let mut out = vec![0xaa; size];
            zstd.decode(input, &mut out).map(|()| out)
        };
        assert_eq!(decode(&frame[..size], 3000).as_ref(), Ok(&data));
        for short in 0..size {
            assert!(decode(&frame[..short], 3000).is_err());
        }
        let long = decode(&frame[..size], 2999).unwrap_err();
        assert!(matches!(long, DecodeError::TooLong { expected: 2999, .. }));
        let short = decode(&frame[..size], 3001).unwrap_err();
        assert!(matches!(short, DecodeError::WrongSize { got: 3000, .. }));
    }
}
