//! The bit transposition of bitshuffle, for one block.
//!
//! A block of n elements becomes rows of n / 8 bytes: row k * 8 + b holds bit b of
//! byte k of every element, bit i of byte j belongs to element 8 j + i. Seen as 8x8
//! squares of bits, that is a transposition of every square and a shuffle of bytes.
use super::shuffle::{part, shuffle, unshuffle, weave};
use super::DecodeError;

const NAME: &str = "bitshuffle";

/// Rows of bits back to elements. `scratch` only saves making a buffer per block.
pub fn untranspose(
    input: &[u8],
    out: &mut [u8],
    itemsize: usize,
    scratch: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let n = elements(input, out, itemsize)?;
    scratch.resize(input.len(), 0);
    if itemsize == 1 {
        turn(input, scratch);
        weave::<8>(scratch, n / 8, 0, out);
        return Ok(());
    }
    if n == 0 {
        return Ok(());
    }
    let planes = input.chunks_exact(n).zip(scratch.chunks_exact_mut(n));
    for (rows, plane) in planes {
        turn(rows, &mut out[..n]);
        weave::<8>(&out[..n], n / 8, 0, plane);
    }
    unshuffle(scratch, out, itemsize)
}

/// Elements to rows of bits, the reverse of `untranspose`.
pub fn transpose(
    input: &[u8],
    out: &mut [u8],
    itemsize: usize,
    scratch: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let n = elements(input, out, itemsize)?;
    if n == 0 {
        return Ok(());
    }
    scratch.resize(input.len() + n, 0);
    let (planes, squares) = scratch.split_at_mut(input.len());
    shuffle(input, planes, itemsize)?;
    for (plane, rows) in planes.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        part::<8>(plane, squares);
        turn(squares, rows);
    }
    Ok(())
}

fn elements(input: &[u8], out: &[u8], itemsize: usize) -> Result<usize, DecodeError> {
    if input.len() != out.len() {
        return Err(DecodeError::WrongSize {
            codec: NAME,
            expected: out.len(),
            got: input.len() as u64,
        });
    }
    let n = input.len().checked_div(itemsize).unwrap_or(0);
    if n % 8 != 0 || n.checked_mul(itemsize) != Some(input.len()) {
        return Err(DecodeError::Corrupt(NAME));
    }
    Ok(n)
}

/// Transpose the squares of eight rows, byte by byte.
fn turn(rows: &[u8], out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { turn_avx2(rows, out) };
    }
    turn_portable(rows, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn turn_avx2(rows: &[u8], out: &mut [u8]) {
    turn_portable(rows, out);
}

/// Columns of bytes that are turned together: one AVX2 register per row.
const LANES: usize = 32;

#[inline(always)]
fn turn_portable(rows: &[u8], out: &mut [u8]) {
    let width = out.len() / 8;
    let even = width - width % LANES;
    for column in (0..even).step_by(LANES) {
        turn_columns(rows, out, width, column, LANES);
    }
    turn_columns(rows, out, width, even, width - even);
}

#[inline(always)]
fn turn_columns(rows: &[u8], out: &mut [u8], width: usize, column: usize, count: usize) {
    let mut squares = [[0u8; LANES]; 8];
    for (row, lanes) in squares.iter_mut().enumerate() {
        lanes[..count].copy_from_slice(&rows[row * width + column..][..count]);
    }
    turn_squares(&mut squares);
    for (row, lanes) in squares.iter().enumerate() {
        out[row * width + column..][..count].copy_from_slice(&lanes[..count]);
    }
}

/// Swap quarters, quarters of quarters, and single bits.
#[inline(always)]
fn turn_squares(squares: &mut [[u8; LANES]; 8]) {
    for (step, mask) in [(4, 0x0f), (2, 0x33), (1, 0x55)] {
        for row in (0..8).filter(|row| row & step == 0) {
            let (mut high, mut low) = (squares[row], squares[row + step]);
            for (high, low) in high.iter_mut().zip(&mut low) {
                let swap = ((*high >> step) ^ *low) & mask;
                *low ^= swap;
                *high ^= swap << step;
            }
            (squares[row], squares[row + step]) = (high, low);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bit by bit, as the layout is described.
    fn slow(input: &[u8], itemsize: usize) -> Vec<u8> {
        let n = input.len() / itemsize;
        let mut out = vec![0u8; input.len()];
        for element in 0..n {
            for bit in 0..itemsize * 8 {
                let byte = input[element * itemsize + bit / 8];
                out[bit * n / 8 + element / 8] |= ((byte >> (bit % 8)) & 1) << (element % 8);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn there_and_back(
            bytes in prop::collection::vec(any::<u8>(), 0..5000),
            itemsize in prop::sample::select(vec![1usize, 2, 3, 4, 8, 16]),
        ) {
            let input = &bytes[..bytes.len() - bytes.len() % (8 * itemsize)];
            let mut scratch = Vec::new();
            let mut rows = vec![0xaa; input.len()];
            transpose(input, &mut rows, itemsize, &mut scratch).unwrap();
            prop_assert_eq!(&rows, &slow(input, itemsize));
            let mut back = vec![0x55; input.len()];
            untranspose(&rows, &mut back, itemsize, &mut scratch).unwrap();
            prop_assert_eq!(back, input);
        }

        #[test]
        fn the_twins_agree(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let rows = &bytes[..bytes.len() / 8 * 8];
            let (mut fast, mut plain) = (vec![0; rows.len()], vec![0; rows.len()]);
            turn(rows, &mut fast);
            turn_portable(rows, &mut plain);
            prop_assert_eq!(fast, plain);
        }
    }

    #[test]
    fn wrong_lengths_are_errors() {
        let mut scratch = Vec::new();
        for (input, out, itemsize) in [(16, 8, 1), (7, 7, 1), (16, 16, 0), (24, 24, 2), (17, 17, 2)]
        {
            let (input, mut out) = (vec![0; input], vec![0; out]);
            assert!(untranspose(&input, &mut out, itemsize, &mut scratch).is_err());
            assert!(transpose(&input, &mut out, itemsize, &mut scratch).is_err());
        }
    }
}
