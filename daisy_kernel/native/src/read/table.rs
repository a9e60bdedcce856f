//! Where the chunks of a dataset are: made once, then used by every read.
use super::axis::{Axis, Cut};
use super::fetch::Source;
use crate::decode::bitshuffle::Codec;
use std::sync::{Arc, RwLock};

/// One filter, in the order of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Size of an element.
    Shuffle(usize),
    Deflate,
    Fletcher32,
    Lzf,
    Lz4,
    Zstd,
    Bitshuffle {
        itemsize: usize,
        codec: Codec,
    },
    Tiff(Strip),
}

/// How a TIFF strip or tile is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    pub packing: Packing,
    /// 1 none, 2 horizontal differences, 3 floating point
    pub predictor: u8,
    /// samples of a pixel that lie side by side
    pub samples: usize,
    pub swap: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    None,
    Lzw,
    Deflate,
    Zstd,
    PackBits,
}

/// One stored chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub offset: u64,
    pub size: u64,
    pub file: u32,
    /// bit i set: filter i was not applied
    pub mask: u32,
}

/// Where the blocks of one bitshuffle chunk begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    /// decoded bytes of a block
    pub bytes: u32,
    /// see `bitshuffle::walk`
    pub starts: Vec<u32>,
}

/// The chunks of one dataset.
pub struct Table {
    pub files: Vec<Source>,
    pub shape: Vec<u64>,
    pub chunk: Vec<u64>,
    pub itemsize: usize,
    /// whether chunks at the edges are stored in full size
    pub padded: bool,
    pub filters: Vec<Filter>,
    /// one element, for what was never written
    pub fill: Vec<u8>,
    /// numbers of the cells of the chunk grid that are stored, rising
    cells: Vec<u64>,
    rows: Vec<Row>,
    blocks: RwLock<Vec<Option<Arc<Blocks>>>>,
}

/// A part of a selection: the cell of the grid, and where it is stored, if it is.
pub struct Piece {
    pub cell: Vec<u32>,
    pub row: Option<usize>,
}

/// A selection on a table: cuts per axis, and the pieces that they make.
pub struct Pieces {
    pub cuts: Vec<Vec<(u64, Cut)>>,
    pub pieces: Vec<Piece>,
}

impl Table {
    /// # Errors
    /// What does not fit together, as a sentence.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        files: Vec<Source>,
        shape: Vec<u64>,
        chunk: Vec<u64>,
        itemsize: usize,
        padded: bool,
        filters: Vec<Filter>,
        fill: Vec<u8>,
        mut stored: Vec<(u64, Row)>,
    ) -> Result<Table, String> {
        if shape.is_empty() || shape.len() != chunk.len() || chunk.contains(&0) || itemsize == 0 {
            return Err(format!("chunks of {chunk:?} for a shape of {shape:?}"));
        }
        if fill.len() != itemsize {
            return Err("the fill value has another size than an element".into());
        }
        let bytes = chunk
            .iter()
            .try_fold(itemsize as u64, |n, c| n.checked_mul(*c));
        if bytes.is_none_or(|n| n > isize::MAX as u64 / 2) {
            return Err(format!("chunks of {chunk:?} are too large"));
        }
        stored.sort_unstable_by_key(|(cell, _)| *cell);
        stored.dedup_by_key(|(cell, _)| *cell);
        if stored
            .iter()
            .any(|(_, row)| row.file as usize >= files.len())
        {
            return Err("a chunk lies in a file that is not listed".into());
        }
        let along = shape.iter().zip(&chunk);
        let grid: Option<u64> = along
            .map(|(size, chunk)| size.div_ceil(*chunk))
            .try_fold(1u64, |n, count| n.checked_mul(count));
        let Some(grid) = grid else {
            return Err(format!(
                "{shape:?} in chunks of {chunk:?} is too much to count"
            ));
        };
        if stored.last().is_some_and(|(cell, _)| *cell >= grid) {
            return Err("a chunk lies outside the dataset".into());
        }
        let (cells, rows): (Vec<u64>, Vec<Row>) = stored.into_iter().unzip();
        let blocks = RwLock::new(vec![None; rows.len()]);
        Ok(Table {
            files,
            shape,
            chunk,
            itemsize,
            padded,
            filters,
            fill,
            cells,
            rows,
            blocks,
        })
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn row(&self, row: usize) -> Row {
        self.rows[row]
    }

    /// Chunks along each axis.
    pub fn grid(&self) -> Vec<u64> {
        let along = self.shape.iter().zip(&self.chunk);
        along.map(|(size, chunk)| size.div_ceil(*chunk)).collect()
    }

    /// The cell of the grid that a stored chunk fills.
    pub fn cell(&self, row: usize) -> Vec<u64> {
        let grid = self.grid();
        let mut number = self.cells[row];
        let mut cell = vec![0; grid.len()];
        for axis in (0..grid.len()).rev() {
            cell[axis] = number % grid[axis].max(1);
            number /= grid[axis].max(1);
        }
        cell
    }

    /// First element of a cell of the grid.
    pub fn origin(&self, cell: &[u64]) -> Vec<u64> {
        cell.iter()
            .zip(&self.chunk)
            .map(|(n, chunk)| n * chunk)
            .collect()
    }

    /// Bytes of a chunk once it is decoded.
    pub fn decoded_bytes(&self, origin: &[u64]) -> usize {
        let mut count = self.itemsize;
        for ((chunk, size), at) in self.chunk.iter().zip(&self.shape).zip(origin) {
            let length = if self.padded {
                *chunk
            } else {
                (*chunk).min(size - at)
            };
            count *= length as usize;
        }
        count
    }

    /// Find the chunks that a selection touches.
    pub fn pieces(&self, axes: &[Axis]) -> Pieces {
        let cuts: Vec<Vec<(u64, Cut)>> = axes
            .iter()
            .zip(&self.chunk)
            .map(|(axis, &chunk)| {
                let numbers = axis.chunks(chunk);
                let cut = |number: u64| (number, axis.cut(number * chunk, chunk));
                numbers.into_iter().map(cut).collect()
            })
            .collect();
        let grid = self.grid();
        let count: usize = cuts.iter().map(Vec::len).product();
        let mut pieces = Vec::with_capacity(count);
        let mut cell = vec![0u32; cuts.len()];
        for _ in 0..count {
            let number = cell.iter().zip(&cuts).zip(&grid);
            let number = number.fold(0, |n, ((&i, cuts), size)| n * size + cuts[i as usize].0);
            let row = self.cells.binary_search(&number).ok();
            pieces.push(Piece {
                cell: cell.clone(),
                row,
            });
            for axis in (0..cell.len()).rev() {
                cell[axis] += 1;
                if (cell[axis] as usize) < cuts[axis].len() {
                    break;
                }
                cell[axis] = 0;
            }
        }
        Pieces { cuts, pieces }
    }

    /// Whether all chunks of another table are here, as far as the dataset reaches.
    pub fn covers(&self, other: &Table) -> bool {
        let grid = self.grid();
        let same = self.chunk == other.chunk && grid[1..] == other.grid()[1..];
        // numbers of cells do not depend on the length of the first axis
        let all: u64 = grid.iter().product();
        let mut kept = other.cells.iter().filter(|cell| **cell < all);
        same && kept.all(|cell| self.cells.binary_search(cell).is_ok())
    }

    /// Where the chunks of a selection are, in the order of the grid.
    pub fn places(&self, axes: &[Axis]) -> Vec<Option<Row>> {
        let pieces = self.pieces(axes).pieces;
        pieces
            .iter()
            .map(|piece| piece.row.map(|row| self.rows[row]))
            .collect()
    }

    /// All stored chunks, in the order of the grid, 32 bytes each: number of the
    /// cell, offset, size, number of the file and mask, the lowest byte first.
    pub fn export(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.rows.len() * 32);
        for (cell, row) in self.cells.iter().zip(&self.rows) {
            for long in [*cell, row.offset, row.size] {
                bytes.extend_from_slice(&long.to_le_bytes());
            }
            bytes.extend_from_slice(&row.file.to_le_bytes());
            bytes.extend_from_slice(&row.mask.to_le_bytes());
        }
        bytes
    }

    /// The blocks of a chunk, if they are known.
    pub fn blocks(&self, row: usize) -> Option<Arc<Blocks>> {
        self.blocks.read().ok()?.get(row)?.clone()
    }

    /// Keep, or with None forget, the blocks of a chunk.
    pub fn set_blocks(&self, row: usize, blocks: Option<Arc<Blocks>>) {
        if let Ok(mut all) = self.blocks.write() {
            if let Some(slot) = all.get_mut(row) {
                *slot = blocks;
            }
        }
    }

    /// Number of chunks whose blocks are known.
    pub fn indexed(&self) -> usize {
        let all = self.blocks.read();
        all.map_or(0, |all| all.iter().filter(|slot| slot.is_some()).count())
    }
}

impl Pieces {
    /// The cuts of one piece, axis by axis.
    pub fn of(&self, piece: &Piece) -> Vec<&Cut> {
        let axes = piece.cell.iter().zip(&self.cuts);
        axes.map(|(&i, cuts)| &cuts[i as usize].1).collect()
    }

    /// The cell of the grid of one piece.
    pub fn cell(&self, piece: &Piece) -> Vec<u64> {
        let axes = piece.cell.iter().zip(&self.cuts);
        axes.map(|(&i, cuts)| cuts[i as usize].0).collect()
    }
}
