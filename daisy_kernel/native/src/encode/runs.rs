//! Deflate blocks of literals and runs of one byte.
//!
//! Photon noise has no longer repetitions. Not looking for them is several times as
//! fast as zlib, and the file is no larger: matches that chance makes cost more than
//! the literals that they stand for.
use super::bits::BitWriter;
use super::huffman::Codes;

/// Bytes per block: adapts to the image, and its table of codes stays small beside it.
const BLOCK: usize = 48 << 10;
const END: usize = 256;
const LONGEST: usize = 258;
const SHORTEST: usize = 3;
/// A literal and as short a match cost about as much as the literals.
const WORTH: usize = 6;
/// In which order the lengths of the codes for code lengths are stored.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Blocks of an input; none of them is the last of the stream.
pub fn append(input: &[u8], out: &mut BitWriter<'_>) {
    for part in input.chunks(BLOCK) {
        append_block(part, out);
    }
}

/// End on a whole byte, so that another encoder can go on.
pub fn align(out: &mut BitWriter<'_>) {
    stored(&[], false, out);
}

/// End of the stream.
pub fn end(out: &mut BitWriter<'_>) {
    stored(&[], true, out);
}

/// Bits that one block of an input takes.
pub fn cost(input: &[u8]) -> usize {
    let runs = runs(input);
    let counts = count(input, &runs);
    let codes = Codes::new(&counts, 15);
    codes.cost(&counts) + extra_bits(&counts) + counts[END + 1..].iter().sum::<u32>() as usize
}

/// Where a byte is repeated, without its first occurrence: start and length.
type Runs = Vec<(usize, usize)>;

fn append_block(input: &[u8], out: &mut BitWriter<'_>) {
    let runs = runs(input);
    let counts = count(input, &runs);
    let codes = Codes::new(&counts, 15);
    let table = Table::new(&codes);
    let matches: u32 = counts[END + 1..].iter().sum();
    let bits = 3 + table.cost() + codes.cost(&counts) + extra_bits(&counts) + matches as usize;
    if bits / 8 >= input.len() {
        return stored(input, false, out);
    }
    out.push(0b100, 3);
    table.append(out);
    let mut at = 0;
    for &(start, length) in &runs {
        literals(&input[at..start], &codes, out);
        at = start;
        for (piece, symbol) in pieces(length) {
            append_match(piece, symbol, &codes, out);
            at += piece;
        }
    }
    literals(&input[at..], &codes, out);
    out.push(codes.bits[END].into(), codes.lengths[END].into());
    out.flush();
}

/// A block as it is; of at most 65535 bytes.
fn stored(input: &[u8], last: bool, out: &mut BitWriter<'_>) {
    out.push(last.into(), 3);
    out.align();
    let size = input.len() as u16;
    out.bytes(&size.to_le_bytes());
    out.bytes(&(!size).to_le_bytes());
    out.bytes(input);
}

fn runs(input: &[u8]) -> Runs {
    let mut found = Vec::new();
    let mut at = 0;
    while at + WORTH < input.len() {
        let byte = input[at];
        if input[at + 1] != byte || input[at + 2] != byte {
            at += 1;
            continue;
        }
        let same = input[at + 1..].iter().take_while(|&&b| b == byte).count();
        if same >= WORTH {
            found.push((at + 1, same));
        }
        at += same + 1;
    }
    found
}

/// A run in matches: their lengths and symbols. One or two bytes may be left over.
fn pieces(length: usize) -> impl Iterator<Item = (usize, usize)> {
    let whole = length / LONGEST;
    let rest = length % LONGEST;
    (0..whole)
        .map(|_| LONGEST)
        .chain((rest >= SHORTEST).then_some(rest))
        .map(|piece| (piece, symbol(piece)))
}

/// Symbol of a match length.
fn symbol(length: usize) -> usize {
    let above = length - SHORTEST;
    match length {
        LONGEST => 285,
        _ if above < 8 => 257 + above,
        _ => {
            let extra = above.ilog2() as usize - 2;
            257 + 4 * extra + (above >> extra)
        }
    }
}

/// Bits that follow the symbol of a match length.
fn extra(symbol: usize) -> usize {
    match symbol {
        285 => 0,
        _ => (symbol.saturating_sub(261)) / 4,
    }
}

fn extra_bits(counts: &[u32]) -> usize {
    let symbols = counts.iter().enumerate().skip(END + 1);
    symbols.map(|(s, &n)| extra(s) * n as usize).sum()
}

fn count(input: &[u8], runs: &Runs) -> Vec<u32> {
    // four tables: equal neighbours do not wait for each other
    let mut tables = [[0u32; 256]; 4];
    let mut add = |bytes: &[u8]| {
        let quads = bytes.chunks_exact(4);
        for &byte in quads.remainder() {
            tables[0][byte as usize] += 1;
        }
        for quad in quads {
            for (table, &byte) in tables.iter_mut().zip(quad) {
                table[byte as usize] += 1;
            }
        }
    };
    let mut matches = vec![0u32; 286 - 256];
    let mut at = 0;
    for &(start, length) in runs {
        add(&input[at..start]);
        at = start;
        for (piece, symbol) in pieces(length) {
            matches[symbol - 256] += 1;
            at += piece;
        }
    }
    add(&input[at..]);
    matches[0] = 1;
    let literals = (0..256).map(|byte| tables.iter().map(|table| table[byte]).sum());
    literals.chain(matches).collect()
}

fn literals(bytes: &[u8], codes: &Codes, out: &mut BitWriter<'_>) {
    let (bits, lengths) = (&codes.bits[..256], &codes.lengths[..256]);
    // three codes of 15 bits beside the 7 that can be left
    let triples = bytes.chunks_exact(3);
    let rest = triples.remainder();
    for triple in triples.chain([rest]) {
        for &byte in triple {
            let byte = byte as usize;
            out.push(bits[byte].into(), lengths[byte].into());
        }
        out.flush();
    }
}

fn append_match(length: usize, symbol: usize, codes: &Codes, out: &mut BitWriter<'_>) {
    out.push(codes.bits[symbol].into(), codes.lengths[symbol].into());
    let extra = extra(symbol) as u32;
    let above = (length - SHORTEST) as u64;
    out.push(above & ((1 << extra) - 1), extra);
    // the distance, 1: the only code there is
    out.push(0, 1);
    out.flush();
}

/// The lengths of the codes, as a block begins with them.
struct Table {
    /// symbols 0 to 18, and the bits that follow 16, 17 and 18
    steps: Vec<(usize, u64)>,
    codes: Codes,
    counts: Vec<u32>,
    literals: usize,
}

impl Table {
    fn new(codes: &Codes) -> Self {
        let used = codes.lengths.iter().rposition(|&l| l > 0).unwrap_or(END);
        let literals = used.max(END) + 1;
        // one code for distances, of one bit
        let lengths = [&codes.lengths[..literals], &[1]].concat();
        let steps = steps(&lengths);
        let mut counts = vec![0; 19];
        for &(symbol, _) in &steps {
            counts[symbol] += 1;
        }
        let codes = Codes::new(&counts, 7);
        Self {
            steps,
            codes,
            counts,
            literals,
        }
    }

    fn shown(&self) -> usize {
        let last = ORDER.iter().rposition(|&s| self.codes.lengths[s] > 0);
        last.map_or(4, |last| (last + 1).max(4))
    }

    fn cost(&self) -> usize {
        let follow: usize = self.steps.iter().map(|&(s, _)| follow(s) as usize).sum();
        14 + 3 * self.shown() + self.codes.cost(&self.counts) + follow
    }

    fn append(&self, out: &mut BitWriter<'_>) {
        out.push(self.literals as u64 - 257, 5);
        out.push(0, 5);
        out.push(self.shown() as u64 - 4, 4);
        out.flush();
        for &symbol in &ORDER[..self.shown()] {
            out.push(self.codes.lengths[symbol].into(), 3);
            out.flush();
        }
        for &(symbol, more) in &self.steps {
            let (bits, length) = (self.codes.bits[symbol], self.codes.lengths[symbol]);
            out.push(bits.into(), length.into());
            out.push(more, follow(symbol));
            out.flush();
        }
    }
}

/// Bits that follow a symbol of the table.
fn follow(symbol: usize) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Code lengths with their repetitions: 16 repeats the last, 17 and 18 are zeros.
fn steps(lengths: &[u8]) -> Vec<(usize, u64)> {
    let mut steps = Vec::new();
    for same in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (same[0] as usize, same.len());
        if length > 0 {
            steps.push((length, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, least, most) = match (length, left) {
                (0, 11..) => (18, 11, 138),
                (0, 3..) => (17, 3, 10),
                (1.., 3..) => (16, 3, 6),
                _ => (length, 1, 1),
            };
            let taken = left.min(most);
            steps.push((symbol, (taken - least) as u64));
            left -= taken;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::deflate::Inflater;
    use crate::encode::bitshuffle::bound;
    use crate::encode::deflate::{checksum, HEADER};
    use proptest::prelude::*;

    fn back(input: &[u8]) -> Vec<u8> {
        let mut blocks = vec![0; bound(input.len())];
        let mut out = BitWriter::new(&mut blocks);
        append(input, &mut out);
        end(&mut out);
        let size = out.finish();
        let stream = [&HEADER[..], &blocks[..size], &checksum(input)].concat();
        let mut back = vec![0xaa; input.len()];
        Inflater::new().inflate(&stream, &mut back).unwrap();
        back
    }

    proptest! {
        #[test]
        fn there_and_back(
            parts in prop::collection::vec((any::<u8>(), 1usize..700, any::<bool>()), 0..200),
        ) {
            let noise = |byte: u8, i: usize| byte.wrapping_mul(i as u8 | 1).wrapping_add(i as u8);
            let input: Vec<u8> = parts
                .iter()
                .flat_map(|&(b, n, run)| (0..n).map(move |i| if run { b } else { noise(b, i) }))
                .collect();
            prop_assert_eq!(back(&input), input);
        }
    }

    #[test]
    fn every_length_of_a_run() {
        for length in 1..600 {
            let input = [vec![1, 2, 3], vec![7; length], vec![4]].concat();
            assert_eq!(back(&input), input, "{length}");
        }
    }

    #[test]
    fn noise_does_not_grow() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let input: Vec<u8> = (0..200_000).map(|_| next()).collect();
        let mut blocks = vec![0; bound(input.len())];
        let mut out = BitWriter::new(&mut blocks);
        append(&input, &mut out);
        assert!(out.finish() <= input.len() + 5 * (input.len() / BLOCK + 1));
        assert_eq!(back(&input), input);
    }
}
