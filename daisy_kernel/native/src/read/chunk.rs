//! One chunk: fetch it, undo its filters, place what is wanted.
use super::axis::Axis;
use super::blocks::{Chunk, Cost, Expected};
use super::error::Cause;
use super::fetch::Open;
use super::place::{Elements, Runs, Target};
use super::raw;
use super::scratch::{grow, Codecs, Scratch};
use super::table::{Filter, Packing, Row, Strip, Table};
use crate::decode::{self, DecodeError};

/// How a stored chunk is read.
enum Way<'a> {
    /// Its bytes are the elements, perhaps in the order of another machine.
    Raw { swap: bool },
    /// Block by block.
    Blocks(Chunk<'a>),
    /// All of it, these filters undone.
    Whole { filters: Vec<Filter>, nbytes: usize },
}

fn way<'a>(table: &'a Table, row: usize, origin: &[u64]) -> Way<'a> {
    let at = table.row(row);
    let nbytes = table.decoded_bytes(origin);
    let filters = applied(&table.filters, at.mask);
    match filters.as_slice() {
        [] => Way::Raw { swap: false },
        // TIFF of the other byte order
        &[Filter::Tiff(Strip {
            packing: Packing::None,
            predictor: 0 | 1,
            swap,
            ..
        })] => Way::Raw { swap },
        &[Filter::Bitshuffle { itemsize, codec }]
        | &[Filter::Bitshuffle { itemsize, codec }, Filter::Fletcher32] => Way::Blocks(Chunk {
            table,
            row,
            at,
            itemsize,
            codec,
            nbytes,
            checked: filters.len() > 1,
        }),
        _ => Way::Whole { filters, nbytes },
    }
}

/// Read the runs of one stored chunk.
pub fn read(
    table: &Table,
    row: usize,
    origin: &[u64],
    file: &Open,
    runs: &Runs<'_>,
    scratch: &mut Scratch,
    parallel: bool,
) -> Result<Cost, Cause> {
    let at = table.row(row);
    match way(table, row, origin) {
        Way::Raw { swap } => {
            let stored = raw::Stored {
                file,
                at,
                itemsize: table.itemsize,
                swap,
            };
            Ok((stored.read(runs, &mut scratch.input)?, 0))
        }
        Way::Blocks(chunk) => chunk.read(file, runs, scratch, parallel),
        Way::Whole { filters, nbytes } => {
            whole(table, at, nbytes, &filters, file, runs, scratch)?;
            Ok((at.size, nbytes as u64))
        }
    }
}

/// What a read of a selection would take as things stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expense {
    /// cells of the grid, and how many of them are stored
    pub chunks: u64,
    pub stored: u64,
    /// stored chunks that consist of blocks, and those read by the block index
    pub blocks: u64,
    pub indexed: u64,
    /// chunks of which all is decoded
    pub whole: u64,
    /// stored bytes of these chunks
    pub size: u64,
    pub read: u64,
    pub decoded: u64,
    /// whether a chunk has blocks enough to share them out
    pub is_shared: bool,
}

/// Count what a read would take. `strides` are those of the array that it fills.
pub fn expense(table: &Table, axes: &[Axis], strides: &[isize]) -> Expense {
    // SAFETY: nothing is written, the runs are only counted
    let nowhere = unsafe { Target::new(std::ptr::null_mut(), strides) };
    let pieces = table.pieces(axes);
    let mut total = Expense {
        chunks: pieces.pieces.len() as u64,
        ..Expense::default()
    };
    // filters pack all chunks in blocks of one size
    let mut usual = None;
    for piece in &pieces.pieces {
        let Some(row) = piece.row else { continue };
        let cuts = pieces.of(piece);
        let runs = Runs::new(&cuts, &table.chunk, table.itemsize, nowhere);
        let size = table.row(row).size;
        total.stored += 1;
        total.size += size;
        let expected = match way(table, row, &table.origin(&pieces.cell(piece))) {
            Way::Raw { .. } => Expected::of((raw::bytes_read(&runs, table.itemsize), 0)),
            Way::Blocks(chunk) => {
                total.blocks += 1;
                let usual = *usual.get_or_insert_with(|| chunk.block_bytes().unwrap_or(0));
                chunk.expected(&runs, usual)
            }
            Way::Whole { nbytes, .. } => {
                total.whole += 1;
                Expected::of((size, nbytes as u64))
            }
        };
        total.read += expected.cost.0;
        total.decoded += expected.cost.1;
        total.indexed += u64::from(expected.by_index);
        total.is_shared |= expected.is_shared;
    }
    total
}

/// The filters that were applied to a chunk: those whose bit is not set.
pub fn applied(filters: &[Filter], mask: u32) -> Vec<Filter> {
    let every = filters.iter().enumerate();
    every
        .filter(|(i, _)| mask.checked_shr(*i as u32).unwrap_or(0) & 1 == 0)
        .map(|(_, filter)| *filter)
        .collect()
}

/// The stored bytes of a chunk.
pub fn fetch<'a>(file: &Open, at: Row, input: &'a mut Vec<u8>) -> Result<&'a [u8], Cause> {
    // a table that lies must not make us ask for memory
    file.holds(at.offset, at.size)?;
    grow(input, at.size as usize);
    let bytes = &mut input[..at.size as usize];
    file.read(at.offset, bytes)?;
    Ok(bytes)
}

fn whole(
    table: &Table,
    at: Row,
    nbytes: usize,
    filters: &[Filter],
    file: &Open,
    runs: &Runs<'_>,
    scratch: &mut Scratch,
) -> Result<(), Cause> {
    fetch(file, at, &mut scratch.input)?;
    let mut range = 0..at.size as usize;
    for (i, filter) in filters.iter().enumerate().rev() {
        let sums = filters[..i]
            .iter()
            .filter(|f| **f == Filter::Fletcher32)
            .count();
        let entering = nbytes + 4 * sums;
        let stored = &scratch.input[range.clone()];
        match *filter {
            Filter::Fletcher32 => {
                let inside = decode::fletcher32::check(stored)?.len();
                range.end = range.start + inside;
                continue;
            }
            // the last filter to undo is undone while placing
            Filter::Shuffle(size) if i == 0 && size == table.itemsize => {
                expect(stored.len(), nbytes)?;
                runs.copy_all(Elements::Shuffled(stored), &mut scratch.row);
                return Ok(());
            }
            Filter::Shuffle(size) => {
                expect(stored.len(), entering)?;
                grow(&mut scratch.chunk, entering);
                decode::shuffle::unshuffle(stored, &mut scratch.chunk[..entering], size)?;
            }
            packed => {
                // straight to its place, if all of it belongs there
                if i == 0 {
                    if let Some((_, out)) = runs.one().filter(|(_, out)| out.len() == nbytes) {
                        return unpack(packed, stored, out, table, &mut scratch.codecs);
                    }
                }
                grow(&mut scratch.chunk, entering);
                let out = &mut scratch.chunk[..entering];
                unpack(packed, stored, out, table, &mut scratch.codecs)?;
            }
        }
        std::mem::swap(&mut scratch.input, &mut scratch.chunk);
        range = 0..entering;
    }
    expect(range.len(), nbytes)?;
    runs.copy_all(Elements::Plain(&scratch.input[range]), &mut scratch.row);
    Ok(())
}

fn expect(got: usize, expected: usize) -> Result<(), Cause> {
    if got != expected {
        let got = got as u64;
        return Err(DecodeError::WrongSize {
            codec: "chunk",
            expected,
            got,
        }
        .into());
    }
    Ok(())
}

fn unpack(
    filter: Filter,
    stored: &[u8],
    out: &mut [u8],
    table: &Table,
    codecs: &mut Codecs,
) -> Result<(), Cause> {
    match filter {
        Filter::Deflate => codecs.inflater.inflate(stored, out)?,
        Filter::Lzf => decode::lzf::decode(stored, out)?,
        Filter::Lz4 => decode::lz4::container(stored, out)?,
        Filter::Zstd => codecs.unzstd(stored, out)?,
        Filter::Bitshuffle { itemsize, codec } => {
            decode::bitshuffle::decode(codec, stored, out, itemsize, &mut codecs.blocks)?;
        }
        Filter::Tiff(strip) => unpack_strip(strip, stored, out, table, codecs)?,
        Filter::Shuffle(size) => decode::shuffle::unshuffle(stored, out, size)?,
        Filter::Fletcher32 => unreachable!("a checksum does not pack"),
    }
    Ok(())
}

/// A strip or tile: unpacked, in this machine's byte order, differences summed up.
fn unpack_strip(
    strip: Strip,
    stored: &[u8],
    out: &mut [u8],
    table: &Table,
    codecs: &mut Codecs,
) -> Result<(), DecodeError> {
    match strip.packing {
        Packing::None if stored.len() < out.len() => {
            return Err(DecodeError::WrongSize {
                codec: "strip",
                expected: out.len(),
                got: stored.len() as u64,
            })
        }
        Packing::None => out.copy_from_slice(&stored[..out.len()]),
        Packing::Lzw => decode::lzw::decode(stored, out)?,
        Packing::Deflate => codecs.inflater.inflate(stored, out)?,
        Packing::Zstd => codecs.unzstd(stored, out)?,
        Packing::PackBits => decode::packbits::decode(stored, out)?,
    }
    let size = table.itemsize;
    if strip.swap && strip.predictor != 3 {
        decode::byteorder::swap(out, size);
    }
    let width = table.chunk[table.chunk.len() - 1] as usize;
    let row = if strip.samples > 1 {
        width * table.chunk[table.chunk.len() - 2] as usize
    } else {
        width
    };
    match strip.predictor {
        2 => decode::predictor::horizontal(out, row, strip.samples, size),
        3 => decode::predictor::floating(out, row, strip.samples, size),
        _ => Ok(()),
    }
}
