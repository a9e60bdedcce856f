//! The block index: where the blocks of every bitshuffle chunk begin.
use super::chunk::{applied, fetch};
use super::engine::each;
use super::error::{Cause, ReadError};
use super::scratch::Scratch;
use super::table::{Blocks, Filter, Table};
use crate::decode::bitshuffle;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;

/// Walk through all chunks whose blocks are not known yet. Gives the bytes read.
pub fn build(table: &Table, go_on: impl FnMut() -> bool) -> Result<u64, ReadError> {
    let rows: Vec<usize> = (0..table.len())
        .filter(|&row| has_blocks(table, row).is_some() && table.blocks(row).is_none())
        .collect();
    let read = AtomicU64::new(0);
    each(rows.len(), go_on, |i, scratch| {
        let row = rows[i];
        let at = table.row(row);
        let origin = table.origin(&table.cell(row));
        let walked = look(table, row, scratch);
        read.fetch_add(at.size, Relaxed);
        walked.map_err(|cause| ReadError {
            path: table.files[at.file as usize].path().display().to_string(),
            part: 0,
            origin,
            cause,
        })
    })?;
    Ok(read.into_inner())
}

/// Walk through one chunk.
pub(crate) fn look(table: &Table, row: usize, scratch: &mut Scratch) -> Result<(), Cause> {
    let at = table.row(row);
    let nbytes = table.decoded_bytes(&table.origin(&table.cell(row)));
    let itemsize = has_blocks(table, row).unwrap_or(1);
    let file = table.files[at.file as usize].open()?;
    let mut chunk = fetch(&file, at, &mut scratch.input)?;
    if applied(&table.filters, at.mask).len() > 1 {
        chunk = crate::decode::fletcher32::check(chunk)?;
    }
    let layout = bitshuffle::header(chunk, itemsize, nbytes)?;
    let starts = bitshuffle::walk(chunk, &layout)?;
    let bytes = layout.block as u32;
    table.set_blocks(row, Some(Arc::new(Blocks { bytes, starts })));
    Ok(())
}

/// The element size of the bitshuffle filter of a chunk, if it is its first.
fn has_blocks(table: &Table, row: usize) -> Option<usize> {
    match applied(&table.filters, table.row(row).mask).first() {
        Some(Filter::Bitshuffle { itemsize, .. }) => Some(*itemsize),
        _ => None,
    }
}

/// Number of starts and bytes of a block per chunk (0: not known), and all starts.
pub fn export(table: &Table) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let (mut counts, mut bytes, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..table.len() {
        let known = table.blocks(row);
        counts.push(
            known
                .as_ref()
                .map_or(0, |blocks| blocks.starts.len() as u32),
        );
        bytes.push(known.as_ref().map_or(0, |blocks| blocks.bytes));
        starts.extend(
            known
                .iter()
                .flat_map(|blocks| blocks.starts.iter().copied()),
        );
    }
    (counts, bytes, starts)
}

/// Take what `export` gave. False, and nothing is taken, if it does not fit.
pub fn import(table: &Table, counts: &[u32], bytes: &[u32], starts: &[u32]) -> bool {
    let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    if counts.len() != table.len() || bytes.len() != table.len() || total != starts.len() as u64 {
        return false;
    }
    let mut rest = starts;
    let mut found = Vec::new();
    for (row, (&count, &bytes)) in counts.iter().zip(bytes).enumerate() {
        let (here, behind) = rest.split_at(count as usize);
        rest = behind;
        let Some(&last) = here.last() else { continue };
        let rising = here.windows(2).all(|pair| pair[0] < pair[1]);
        if bytes == 0 || !rising || u64::from(last) > table.row(row).size {
            return false;
        }
        found.push((
            row,
            Arc::new(Blocks {
                bytes,
                starts: here.to_vec(),
            }),
        ));
    }
    for (row, blocks) in found {
        table.set_blocks(row, Some(blocks));
    }
    true
}
