//! Zstandard frames.
use super::EncodeError;
use zstd_safe::{compress_bound, CCtx};

const NAME: &str = "zstd";

pub struct Zstd {
    context: CCtx<'static>,
    level: i32,
}

impl Zstd {
    /// Levels run from 1 (fast) to 22, below 0 are faster still.
    pub fn new(level: i32) -> Result<Self, EncodeError> {
        if !(zstd_safe::min_c_level()..=zstd_safe::max_c_level()).contains(&level) {
            return Err(EncodeError::Unsupported("zstd: there is no such level"));
        }
        let context = CCtx::try_create().ok_or(EncodeError::Memory(NAME))?;
        Ok(Self { context, level })
    }

    pub fn encode(&mut self, input: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = vec![0; compress_bound(input.len())];
        let size = self.encode_into(input, &mut out)?;
        out.truncate(size);
        Ok(out)
    }

    /// A frame; its bytes.
    pub fn encode_into(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, EncodeError> {
        let done = self.context.compress(out, input, self.level);
        done.map_err(|_| EncodeError::Failed(NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::zstd::Unzstd;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(input in prop::collection::vec(0u8..9, 0..3000), level in -5i32..9) {
            let frame = Zstd::new(level).unwrap().encode(&input).unwrap();
            let mut back = vec![0xaa; input.len()];
            Unzstd::new().unwrap().decode(&frame, &mut back).unwrap();
            prop_assert_eq!(back, input);
        }
    }

    #[test]
    fn no_such_level() {
        assert!(Zstd::new(23).is_err());
    }
}
