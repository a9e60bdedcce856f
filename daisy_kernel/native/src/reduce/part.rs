//! Which elements of a dataset belong to which part of the result.
use crate::read::axis::Axis;
use crate::read::table::Table;
use std::ops::Range;

/// Cells of a stripe: what a worker adds to stays in its cache.
const STRIPE: usize = 1 << 15;
const SMALLEST: usize = 1 << 12;
const STRIPES: usize = 16;

/// A selection of one table, and the cells that it goes to: the first one, and how
/// far, in cells, the neighbours along each axis are apart, 0 if they are reduced.
pub struct Part<'a> {
    pub table: &'a Table,
    pub axes: Vec<Axis>,
    pub start: usize,
    pub strides: Vec<isize>,
}

/// The result: its shape, slow to fast, in C order.
pub struct Grid {
    shape: Vec<usize>,
    strides: Vec<usize>,
}

/// A box of the result whose cells follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripe {
    bounds: Vec<Range<usize>>,
    pub cells: Range<usize>,
}

/// How the axes of a part follow those of the result.
pub struct Link {
    first: Vec<usize>,
    /// per axis of the part: axis of the result, and step along it
    steps: Vec<Option<(usize, isize)>>,
    counts: Vec<usize>,
}

impl Grid {
    pub fn new(shape: &[usize]) -> Self {
        let mut strides = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis] * shape[axis];
        }
        Self {
            shape: shape.to_vec(),
            strides,
        }
    }

    pub fn cells(&self) -> usize {
        self.shape.iter().product()
    }

    /// Cut the result; the last axes stay whole.
    pub fn stripes(&self) -> Vec<Stripe> {
        let most = (self.cells() / STRIPES).clamp(SMALLEST, STRIPE);
        let cut = self.strides.iter().position(|&stride| stride <= most);
        let cut = cut.unwrap_or(self.shape.len());
        if cut == self.shape.len() {
            return vec![self.stripe(Vec::new())];
        }
        let rows = (most / self.strides[cut]).max(1);
        let outer: usize = self.shape[..cut].iter().product();
        let mut stripes = Vec::new();
        for number in 0..outer {
            let mut fixed = self.place(number * self.strides[cut] * self.shape[cut]);
            fixed.truncate(cut);
            for low in (0..self.shape[cut]).step_by(rows) {
                let high = (low + rows).min(self.shape[cut]);
                let mut bounds: Vec<_> = fixed.iter().map(|&at| at..at + 1).collect();
                bounds.push(low..high);
                stripes.push(self.stripe(bounds));
            }
        }
        stripes
    }

    fn stripe(&self, mut bounds: Vec<Range<usize>>) -> Stripe {
        bounds.extend(self.shape[bounds.len()..].iter().map(|&size| 0..size));
        let along = bounds.iter().zip(&self.strides);
        let low: usize = along.map(|(bounds, stride)| bounds.start * stride).sum();
        let count: usize = bounds.iter().map(|bounds| bounds.len()).product();
        Stripe {
            bounds,
            cells: low..low + count,
        }
    }

    fn place(&self, cell: usize) -> Vec<usize> {
        let along = self.strides.iter().zip(&self.shape);
        along.map(|(stride, size)| cell / stride % size).collect()
    }

    /// See how a part lies in the result. None if it does not.
    pub fn link(&self, part: &Part<'_>) -> Option<Link> {
        if part.start >= self.cells() || part.strides.len() != part.axes.len() {
            return None;
        }
        let first = self.place(part.start);
        let counts: Vec<usize> = part.axes.iter().map(Axis::len).collect();
        let mut taken = vec![false; self.shape.len()];
        let mut steps = Vec::with_capacity(counts.len());
        for (&stride, &count) in part.strides.iter().zip(&counts) {
            if stride == 0 || count < 2 {
                steps.push(None);
                continue;
            }
            let size = stride.unsigned_abs();
            let fits = |axis: &usize| self.shape[*axis] > 1 && self.strides[*axis] <= size;
            let axis = (0..self.shape.len()).find(fits)?;
            let step = stride / self.strides[axis] as isize;
            let last = (count as isize - 1)
                .checked_mul(step)
                .and_then(|span| span.checked_add(first[axis] as isize));
            let inside = last.is_some_and(|last| (0..self.shape[axis] as isize).contains(&last));
            if size % self.strides[axis] != 0 || !inside || taken[axis] {
                return None;
            }
            taken[axis] = true;
            steps.push(Some((axis, step)));
        }
        Some(Link {
            first,
            steps,
            counts,
        })
    }
}

impl Link {
    /// What a part has of a stripe: indices into its selection, axis by axis.
    pub fn within(&self, stripe: &Stripe) -> Option<Vec<Range<usize>>> {
        let followed = |axis| {
            self.steps
                .iter()
                .any(|step| step.is_some_and(|(a, _)| a == axis))
        };
        for (axis, bounds) in stripe.bounds.iter().enumerate() {
            if !followed(axis) && !bounds.contains(&self.first[axis]) {
                return None;
            }
        }
        let along = self.steps.iter().zip(&self.counts);
        let ranges: Vec<_> = along
            .map(|(step, &count)| match *step {
                None => 0..count,
                Some((axis, step)) => indices(self.first[axis], step, count, &stripe.bounds[axis]),
            })
            .collect();
        ranges
            .iter()
            .all(|range| !range.is_empty())
            .then_some(ranges)
    }
}

/// The indices i below `count` whose `first + i * step` lie in bounds.
fn indices(first: usize, step: isize, count: usize, bounds: &Range<usize>) -> Range<usize> {
    let size = step.unsigned_abs();
    let below = |distance: isize| (distance.max(0) as usize).div_ceil(size).min(count);
    let first = first as isize;
    let (low, high) = (bounds.start as isize, bounds.end as isize);
    if step > 0 {
        below(low - first)..below(high - first)
    } else {
        below(first - high + 1)..below(first - low + 1)
    }
}

/// Some of the positions of an axis, by their indices.
pub fn some(axis: &Axis, of: &Range<usize>) -> Axis {
    match axis {
        Axis::Run { start, step, .. } => Axis::Run {
            start: start + of.start as u64 * step,
            count: of.len(),
            step: *step,
        },
        Axis::List(positions) => Axis::List(positions[of.clone()].to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_are_the_whole_result_in_order() {
        for shape in [
            vec![1],
            vec![100_000],
            vec![700, 300],
            vec![3, 400, 500],
            vec![50, 2, 3, 1000],
        ] {
            let grid = Grid::new(&shape);
            let mut next = 0;
            for stripe in grid.stripes() {
                assert_eq!(stripe.cells.start, next);
                next = stripe.cells.end;
            }
            assert_eq!(next, grid.cells(), "{shape:?}");
        }
    }

    #[test]
    fn indices_are_those_whose_places_are_inside() {
        for (first, step, count) in [(0, 1, 10), (3, 2, 4), (9, -1, 10), (8, -3, 3)] {
            for low in 0..10 {
                for high in low + 1..=10 {
                    let found = indices(first, step, count, &(low..high));
                    let inside = |i: &usize| {
                        let place = first as isize + *i as isize * step;
                        (low as isize..high as isize).contains(&place)
                    };
                    let expected: Vec<usize> = (0..count).filter(inside).collect();
                    assert_eq!(found.collect::<Vec<_>>(), expected);
                }
            }
        }
    }
}
