//! LZ4 blocks in the container of HDF5's filter 32004.
use super::EncodeError;

const NAME: &str = "lz4";

/// Bytes per block when a writer does not care; the filter takes 1 GiB.
pub const BLOCK: u32 = 1 << 30;

/// A whole chunk. Blocks that do not shrink are stored as they are.
pub fn container(input: &[u8], block: u32) -> Result<Vec<u8>, EncodeError> {
    if block == 0 || block > BLOCK {
        return Err(EncodeError::Unsupported(
            "lz4: the block size must be between 1 byte and 1 GiB",
        ));
    }
    let mut out = Vec::with_capacity(input.len() / 2 + 16);
    out.extend((input.len() as u64).to_be_bytes());
    let block = input.len().min(block as usize);
    out.extend((block as u32).to_be_bytes());
    for part in input.chunks(block.max(1)) {
        let at = out.len();
        out.extend([0; 4]);
        let mut size = append(part, &mut out)?;
        if size >= part.len() {
            out.truncate(at + 4);
            out.extend(part);
            size = part.len();
        }
        out[at..at + 4].copy_from_slice(&(size as u32).to_be_bytes());
    }
    Ok(out)
}

/// A raw block after what `out` holds; the size of the block.
fn append(input: &[u8], out: &mut Vec<u8>) -> Result<usize, EncodeError> {
    let size = i32::try_from(input.len()).map_err(|_| EncodeError::Failed(NAME))?;
    // SAFETY: computes with a number only.
    let bound = unsafe { lz4_sys::LZ4_compressBound(size) };
    let start = out.len();
    out.resize(start + bound.max(0) as usize, 0);
    let got = block(input, &mut out[start..])?;
    out.truncate(start + got);
    Ok(got)
}

/// A raw block; the size of the block.
pub(super) fn block(input: &[u8], out: &mut [u8]) -> Result<usize, EncodeError> {
    let size = i32::try_from(input.len()).map_err(|_| EncodeError::Failed(NAME))?;
    let room = i32::try_from(out.len()).unwrap_or(i32::MAX);
    // SAFETY: the lengths are those of the slices, or less.
    let got = unsafe {
        lz4_sys::LZ4_compress_default(input.as_ptr().cast(), out.as_mut_ptr().cast(), size, room)
    };
    match usize::try_from(got) {
        Ok(got) if got > 0 => Ok(got),
        _ => Err(EncodeError::Failed(NAME)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::lz4;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(
            input in prop::collection::vec(prop_oneof![4 => 0u8..2, 1 => any::<u8>()], 0..3000),
            block in prop_oneof![1u32..400, Just(BLOCK)],
        ) {
            let chunk = container(&input, block).unwrap();
            let mut back = vec![0xaa; input.len()];
            lz4::container(&chunk, &mut back).unwrap();
            prop_assert_eq!(back, input);
        }
    }

    #[test]
    fn noise_is_stored_raw() {
        let noise: Vec<u8> = (0..255).collect();
        assert_eq!(container(&noise, BLOCK).unwrap().len(), 255 + 16);
        assert!(container(&noise, 0).is_err());
    }
}
