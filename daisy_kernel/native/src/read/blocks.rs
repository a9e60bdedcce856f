//! Bitshuffle chunks: decode only the blocks that are wanted, and read only those
//! once their places are known.
use super::error::Cause;
use super::fetch::Open;
use super::place::{Elements, Runs};
use super::scratch::{grow, Codecs, Scratch};
use super::table::{Blocks, Row, Table};
use crate::decode::bitshuffle::{self, Codec, Layout};
use crate::decode::DecodeError;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// How an index that does not fit is called.
const STALE: &str = "block index";
/// Blocks in between that are read over rather than left out by another call.
const GAP_BLOCKS: usize = 4;
/// Blocks that one thread takes when a single chunk is shared out.
const SHARE: usize = 32;

/// Everything about one chunk that its blocks need.
pub struct Chunk<'a> {
    pub table: &'a Table,
    pub row: usize,
    pub at: Row,
    pub itemsize: usize,
    pub codec: Codec,
    pub nbytes: usize,
    /// a checksum behind the chunk asks for the whole of it
    pub checked: bool,
}

/// Bytes read and bytes decoded.
pub type Cost = (u64, u64);

impl Chunk<'_> {
    /// Read the runs of a chunk.
    pub fn read(
        &self,
        file: &Open,
        runs: &Runs<'_>,
        scratch: &mut Scratch,
        parallel: bool,
    ) -> Result<Cost, Cause> {
        if let (false, Some(known)) = (self.checked, self.table.blocks(self.row)) {
            match self.read_known(file, runs, &known, scratch, parallel) {
                // the chunk is not what the index says: forget it, look for oneself
                Err(Cause::Decode(_)) => self.table.set_blocks(self.row, None),
                other => return other,
            }
        }
        let mut input = std::mem::take(&mut scratch.input);
        let result = self.read_whole(file, runs, &mut input, scratch, parallel);
        scratch.input = input;
        result
    }

    fn read_whole(
        &self,
        file: &Open,
        runs: &Runs<'_>,
        input: &mut Vec<u8>,
        scratch: &mut Scratch,
        parallel: bool,
    ) -> Result<Cost, Cause> {
        let mut chunk = super::chunk::fetch(file, self.at, input)?;
        if self.checked {
            chunk = crate::decode::fletcher32::check(chunk)?;
        }
        let layout = bitshuffle::header(chunk, self.itemsize, self.nbytes)?;
        let starts = bitshuffle::walk(chunk, &layout)?;
        let wanted = wanted(runs, &layout, self.table.itemsize);
        let source = Stored {
            bytes: chunk,
            at: 0,
            starts: &starts,
        };
        let decoded = self.decode(&source, &layout, &wanted, runs, scratch, parallel)?;
        let bytes = layout.block as u32;
        self.table
            .set_blocks(self.row, Some(Arc::new(Blocks { bytes, starts })));
        Ok((self.at.size, decoded))
    }

    /// What `read` would take as it stands. `usual` is the size of a block in chunks
    /// whose own is not known.
    pub fn expected(&self, runs: &Runs<'_>, usual: usize) -> Expected {
        let known = self.table.blocks(self.row);
        let fits = known
            .as_deref()
            .and_then(|known| self.layout_of(known).ok());
        let layout = fits.or_else(|| Layout::new(self.nbytes, usual, self.itemsize));
        let Some(layout) = layout else {
            return Expected::of((self.at.size, self.nbytes as u64));
        };
        let wanted = wanted(runs, &layout, self.table.itemsize);
        let length = |group: &Group| group.bytes.len() as u64;
        let groups = known.filter(|_| !self.checked);
        let groups = groups.and_then(|known| self.groups(&known, &layout, &wanted).ok());
        Expected {
            by_index: groups.is_some(),
            cost: (
                groups.map_or(self.at.size, |all| all.iter().map(length).sum()),
                decoded_bytes(&layout, &wanted),
            ),
            is_shared: wanted.len() > SHARE,
        }
    }

    /// The size of the blocks of this chunk, asked from the file if need be.
    pub fn block_bytes(&self) -> Option<usize> {
        if let Some(known) = self.table.blocks(self.row) {
            return Some(known.bytes as usize);
        }
        let file = self.table.files[self.at.file as usize].open().ok()?;
        let mut start = [0; bitshuffle::HEADER];
        file.read(self.at.offset, &mut start).ok()?;
        let layout = bitshuffle::header(&start, self.itemsize, self.nbytes).ok()?;
        Some(layout.block)
    }

    fn layout_of(&self, known: &Blocks) -> Result<Layout, DecodeError> {
        Layout::new(self.nbytes, known.bytes as usize, self.itemsize)
            .filter(|layout| known.starts.len() == layout.blocks() + 1)
            .ok_or(DecodeError::Corrupt(STALE))
    }

    /// What is read by one call each.
    fn groups(
        &self,
        known: &Blocks,
        layout: &Layout,
        wanted: &[usize],
    ) -> Result<Vec<Group>, DecodeError> {
        let size = self.at.size as usize;
        let with_bytes = |blocks: Range<usize>| {
            let low = known.starts[blocks.start.min(layout.blocks())] as usize;
            let high = if blocks.end > layout.blocks() {
                size
            } else {
                known.starts[blocks.end] as usize
            };
            let bytes = low..high;
            (low <= high && high <= size)
                .then_some(Group { blocks, bytes })
                .ok_or(DecodeError::Corrupt(STALE))
        };
        groups(wanted).into_iter().map(with_bytes).collect()
    }

    fn read_known(
        &self,
        file: &Open,
        runs: &Runs<'_>,
        known: &Blocks,
        scratch: &mut Scratch,
        parallel: bool,
    ) -> Result<Cost, Cause> {
        let layout = self.layout_of(known)?;
        let wanted = wanted(runs, &layout, self.table.itemsize);
        let starts = &known.starts;
        let (mut read, mut decoded) = (0, 0);
        let mut input = std::mem::take(&mut scratch.input);
        let result = (|| {
            for Group { blocks, bytes } in self.groups(known, &layout, &wanted)? {
                let (low, length) = (bytes.start, bytes.len());
                grow(&mut input, length);
                file.read(self.at.offset + low as u64, &mut input[..length])?;
                read += length as u64;
                let source = Stored {
                    bytes: &input[..length],
                    at: low,
                    starts,
                };
                source.check(&blocks, &layout)?;
                let part: Vec<usize> = wanted
                    .iter()
                    .copied()
                    .filter(|k| blocks.contains(k))
                    .collect();
                decoded += self.decode_blocks(&source, &layout, &part, runs, scratch, parallel)?;
            }
            Ok(())
        })();
        scratch.input = input;
        result.map(|()| {
            self.finish(runs, scratch);
            (read, decoded)
        })
    }

    fn decode(
        &self,
        source: &Stored<'_>,
        layout: &Layout,
        wanted: &[usize],
        runs: &Runs<'_>,
        scratch: &mut Scratch,
        parallel: bool,
    ) -> Result<u64, Cause> {
        let decoded = self.decode_blocks(source, layout, wanted, runs, scratch, parallel)?;
        self.finish(runs, scratch);
        Ok(decoded)
    }

    /// Blocks that went through the scratch chunk are placed once all are there.
    fn finish(&self, runs: &Runs<'_>, scratch: &mut Scratch) {
        if !runs.is_one() {
            runs.copy_all(Elements::Plain(&scratch.chunk), &mut scratch.row);
        }
    }

    /// Decode blocks to the array where that is one run, else to the scratch chunk.
    fn decode_blocks(
        &self,
        source: &Stored<'_>,
        layout: &Layout,
        wanted: &[usize],
        runs: &Runs<'_>,
        scratch: &mut Scratch,
        parallel: bool,
    ) -> Result<u64, Cause> {
        let one = runs.one();
        let (low, out): (usize, &mut [u8]) = match one {
            Some((run, out)) => (run.from * self.table.itemsize, out),
            None => {
                grow(&mut scratch.chunk, layout.total);
                (0, &mut scratch.chunk[..layout.total])
            }
        };
        let array = runs.is_one().then_some(runs);
        let shares = split(layout, wanted, low, out);
        let decoded = decoded_bytes(layout, wanted);
        let codecs = &mut scratch.codecs;
        if parallel && wanted.len() > SHARE {
            shares
                .into_par_iter()
                .with_min_len(SHARE)
                .map_init(Codecs::default, |codecs, share| {
                    let done = self.decode_block(source, layout, share, codecs, array);
                    runs.finish();
                    done
                })
                .collect::<Result<(), Cause>>()?;
        } else {
            for share in shares {
                self.decode_block(source, layout, share, codecs, array)?;
            }
        }
        Ok(decoded)
    }

    /// `array`: the runs, if the share goes straight to the array.
    fn decode_block(
        &self,
        source: &Stored<'_>,
        layout: &Layout,
        share: Share<'_>,
        codecs: &mut Codecs,
        array: Option<&Runs<'_>>,
    ) -> Result<(), Cause> {
        let Share { block, skip, out } = share;
        if block == layout.blocks() {
            let tail = source.tail(layout)?;
            out.copy_from_slice(&tail[skip..skip + out.len()]);
            return Ok(());
        }
        let payload = source.payload(block)?;
        let length = layout.block_bytes(block);
        if out.len() == length && !array.is_some_and(Runs::is_large) {
            bitshuffle::decode_block(self.codec, payload, out, self.itemsize, &mut codecs.blocks)?;
        } else {
            let mut whole = std::mem::take(&mut codecs.whole);
            grow(&mut whole, length);
            let done = bitshuffle::decode_block(
                self.codec,
                payload,
                &mut whole[..length],
                self.itemsize,
                &mut codecs.blocks,
            );
            if done.is_ok() {
                let bytes = &whole[skip..skip + out.len()];
                match array {
                    Some(runs) => runs.put(bytes, out),
                    None => out.copy_from_slice(bytes),
                }
            }
            codecs.whole = whole;
            done?;
        }
        Ok(())
    }
}

/// What a read of one chunk would take.
pub struct Expected {
    pub cost: Cost,
    /// whether the block index lets it leave out the rest of the chunk
    pub by_index: bool,
    /// whether its blocks are enough to share them out
    pub is_shared: bool,
}

impl Expected {
    /// By no index, and by one worker.
    pub fn of(cost: Cost) -> Self {
        Self {
            cost,
            by_index: false,
            is_shared: false,
        }
    }
}

/// Neighbouring blocks, and their bytes in the stored chunk.
struct Group {
    blocks: Range<usize>,
    bytes: Range<usize>,
}

fn decoded_bytes(layout: &Layout, blocks: &[usize]) -> u64 {
    blocks.iter().map(|&k| range(layout, k).len() as u64).sum()
}

/// A block, and the part of it that belongs in `out`.
struct Share<'a> {
    block: usize,
    skip: usize,
    out: &'a mut [u8],
}

/// Cut the destination, which begins at decoded byte `low`, into its blocks.
fn split<'a>(
    layout: &Layout,
    wanted: &[usize],
    low: usize,
    mut out: &'a mut [u8],
) -> Vec<Share<'a>> {
    let mut shares = Vec::with_capacity(wanted.len());
    let mut at = low;
    for &block in wanted {
        let bytes = range(layout, block);
        let from = bytes.start.max(at);
        let to = bytes.end.min(at + out.len());
        if from >= to {
            continue;
        }
        let (_, rest) = out.split_at_mut(from - at);
        let (here, rest) = rest.split_at_mut(to - from);
        shares.push(Share {
            block,
            skip: from - bytes.start,
            out: here,
        });
        (out, at) = (rest, to);
    }
    shares
}

/// Decoded bytes of a block; the raw tail counts as one block more.
fn range(layout: &Layout, block: usize) -> Range<usize> {
    if block == layout.blocks() {
        return layout.total - layout.tail..layout.total;
    }
    let start = block * layout.block;
    start..start + layout.block_bytes(block)
}

/// Numbers of the blocks that runs touch, rising.
fn wanted(runs: &Runs<'_>, layout: &Layout, itemsize: usize) -> Vec<usize> {
    let body = layout.total - layout.tail;
    let block_of = |byte: usize| {
        if byte >= body {
            layout.blocks()
        } else {
            byte / layout.block
        }
    };
    let span = runs.span() * itemsize;
    let mut found: Vec<usize> = Vec::new();
    let _ = runs.try_for_each::<()>(|run| {
        let first = block_of(run.from * itemsize);
        let last = block_of(run.from * itemsize + span - 1);
        let next = found.last().map_or(first, |seen| first.max(seen + 1));
        found.extend(next..=last);
        Ok(())
    });
    found
}

/// Ranges of blocks that are read by one call each.
fn groups(wanted: &[usize]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for &block in wanted {
        match groups.last_mut() {
            Some(group) if block <= group.end + GAP_BLOCKS => group.end = block + 1,
            _ => groups.push(block..block + 1),
        }
    }
    groups
}

/// Stored bytes of a chunk from offset `at` on.
struct Stored<'a> {
    bytes: &'a [u8],
    at: usize,
    starts: &'a [u32],
}

impl<'a> Stored<'a> {
    /// The length words must be those of the index, else it is stale.
    fn check(&self, group: &Range<usize>, layout: &Layout) -> Result<(), DecodeError> {
        let stale = DecodeError::Corrupt(STALE);
        for block in group.start..group.end.min(layout.blocks()) {
            let from = (self.starts[block] as usize).checked_sub(self.at);
            let word = from.and_then(|from| self.bytes.get(from..from.checked_add(4)?));
            let length = self.starts[block + 1].checked_sub(self.starts[block]);
            let length = length.and_then(|length| length.checked_sub(4));
            let same = match (word, length) {
                (Some(word), Some(length)) => word == length.to_be_bytes(),
                _ => false,
            };
            if !same {
                return Err(stale);
            }
        }
        Ok(())
    }

    fn payload(&self, block: usize) -> Result<&'a [u8], DecodeError> {
        let from = (self.starts[block] as usize)
            .checked_sub(self.at)
            .map(|at| at + 4);
        let to = (self.starts[block + 1] as usize).checked_sub(self.at);
        from.zip(to)
            .and_then(|(from, to)| self.bytes.get(from..to))
            .ok_or(DecodeError::Corrupt(STALE))
    }

    fn tail(&self, layout: &Layout) -> Result<&'a [u8], DecodeError> {
        let from = (self.starts[layout.blocks()] as usize).checked_sub(self.at);
        from.and_then(|from| self.bytes.get(from..from.checked_add(layout.tail)?))
            .ok_or(DecodeError::Corrupt(STALE))
    }
}
