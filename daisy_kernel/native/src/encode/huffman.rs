//! Huffman codes of limited length, in the canonical order of deflate.

/// A code per symbol: its bits, the first one lowest, and their number.
pub struct Codes {
    pub lengths: Vec<u8>,
    pub bits: Vec<u16>,
}

impl Codes {
    /// The best codes for symbols that occur so often; those that do not have none.
    pub fn new(counts: &[u32], limit: usize) -> Self {
        let lengths = lengths(counts, limit);
        let bits = canonical(&lengths, limit);
        Self { lengths, bits }
    }

    /// Bits of all the symbols together.
    pub fn cost(&self, counts: &[u32]) -> usize {
        let pairs = counts.iter().zip(&self.lengths);
        pairs.map(|(&n, &bits)| n as usize * bits as usize).sum()
    }
}

fn lengths(counts: &[u32], limit: usize) -> Vec<u8> {
    let mut order: Vec<usize> = (0..counts.len()).filter(|&s| counts[s] > 0).collect();
    order.sort_by_key(|&symbol| counts[symbol]);
    let mut lengths = vec![0; counts.len()];
    if let [only] = order[..] {
        // some decoders refuse a code of one symbol
        lengths[only] = 1;
        lengths[usize::from(only == 0)] = 1;
        return lengths;
    }
    let weights: Vec<u64> = order.iter().map(|&s| counts[s].into()).collect();
    let mut rarest_first = order.into_iter();
    let per_length = limited(&depths(&weights), limit);
    for length in (1..=limit).rev() {
        for symbol in rarest_first.by_ref().take(per_length[length]) {
            lengths[symbol] = length as u8;
        }
    }
    lengths
}

/// Depth of each leaf of the Huffman tree; the weights rise.
fn depths(weights: &[u64]) -> Vec<usize> {
    let leaves = weights.len();
    let mut made: Vec<u64> = Vec::with_capacity(leaves);
    let mut parent = vec![0; 2 * leaves];
    let (mut leaf, mut inner) = (0, 0);
    while made.len() + 1 < leaves {
        let mut sum = 0;
        for _ in 0..2 {
            let take_leaf = leaf < leaves && made.get(inner).is_none_or(|&m| weights[leaf] <= m);
            let node = if take_leaf {
                leaf += 1;
                sum += weights[leaf - 1];
                leaf - 1
            } else {
                inner += 1;
                sum += made[inner - 1];
                leaves + inner - 1
            };
            parent[node] = leaves + made.len();
        }
        made.push(sum);
    }
    let mut depth = vec![0; leaves + made.len()];
    // the last node is the root, and parents come after their children
    for node in (0..depth.len().saturating_sub(1)).rev() {
        depth[node] = depth[parent[node]] + 1;
    }
    depth.truncate(leaves);
    depth
}

/// Number of codes per length, none longer than the limit, all bits in use.
fn limited(depths: &[usize], limit: usize) -> Vec<usize> {
    let mut per_length = vec![0; limit + 1];
    for &depth in depths {
        per_length[depth.min(limit)] += 1;
    }
    let room = 1usize << limit;
    let mut used: usize = (1..=limit).map(|l| per_length[l] << (limit - l)).sum();
    while used > room {
        // a shorter code becomes two, one of them for a symbol that was too deep
        let longest = (1..limit).rev().find(|&l| per_length[l] > 0);
        let Some(length) = longest else { break };
        per_length[limit] -= 1;
        per_length[length] -= 1;
        per_length[length + 1] += 2;
        used -= 1;
    }
    per_length
}

fn canonical(lengths: &[u8], limit: usize) -> Vec<u16> {
    let mut next = vec![0u16; limit + 2];
    for &length in lengths.iter().filter(|&&l| l > 0) {
        next[length as usize + 1] += 1;
    }
    for length in 1..=limit {
        next[length + 1] = (next[length + 1] + next[length]) << 1;
    }
    let code = |&length: &u8| {
        if length == 0 {
            return 0;
        }
        let code = next[length as usize];
        next[length as usize] += 1;
        code.reverse_bits() >> (16 - length)
    };
    lengths.iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_fill_their_space(
            counts in prop::collection::vec(prop_oneof![Just(0u32), 1u32..9, 1u32..60_000], 2..286),
        ) {
            prop_assume!(counts.iter().any(|&n| n > 0));
            let codes = Codes::new(&counts, 15);
            let used = codes.lengths.iter().filter(|&&l| l > 0);
            let space: usize = used.map(|&l| 1 << (15 - l)).sum();
            prop_assert_eq!(space, 1 << 15);
            for (count, length) in counts.iter().zip(&codes.lengths) {
                prop_assert!(*count == 0 || *length > 0);
            }
        }
    }

    #[test]
    fn a_deep_tree_is_cut() {
        let fibonacci = (0..24).scan((1u32, 1u32), |(a, b), _| {
            (*a, *b) = (*b, *a + *b);
            Some(*a)
        });
        let codes = Codes::new(&fibonacci.collect::<Vec<_>>(), 15);
        assert_eq!(codes.lengths.iter().max(), Some(&15));
    }
}
