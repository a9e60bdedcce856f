//! Bits of variable length, the lowest first, as deflate packs them.

/// Room that a flush may write beyond the last byte that counts.
pub const SLACK: usize = 8;

/// Writes into a vector that was made long enough.
pub struct BitWriter {
    out: Vec<u8>,
    at: usize,
    held: u64,
    count: u32,
}

impl BitWriter {
    pub fn new(bytes: usize) -> Self {
        Self {
            out: vec![0; bytes + SLACK],
            at: 0,
            held: 0,
            count: 0,
        }
    }

    /// Hold bits back: at most 56 between two flushes.
    #[inline(always)]
    pub fn push(&mut self, bits: u64, count: u32) {
        self.held |= bits << self.count;
        self.count += count;
    }

    #[inline(always)]
    pub fn flush(&mut self) {
        self.out[self.at..][..8].copy_from_slice(&self.held.to_le_bytes());
        self.at += (self.count / 8) as usize;
        self.held >>= self.count & !7;
        self.count &= 7;
    }

    /// Fill the last byte with zeros.
    pub fn align(&mut self) {
        self.count = self.count.next_multiple_of(8);
        self.flush();
    }

    /// Whole bytes; the bits before must end at one.
    pub fn bytes(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.out[self.at..][..bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.align();
        self.out.truncate(self.at);
        self.out
    }
}
