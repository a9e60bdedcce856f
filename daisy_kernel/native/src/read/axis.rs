//! Which positions of an axis are wanted, and which of them lie in one chunk.

/// Wanted positions along one axis of a dataset, always rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axis {
    /// `start`, `start + step`, ... (`count` of them)
    Run { start: u64, count: usize, step: u64 },
    /// Any positions, each once.
    List(Vec<u64>),
}

/// The part of an axis that lies in one chunk.
///
/// `first` is the place of its first element in the result; positions count from
/// the chunk's own border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    pub first: usize,
    pub count: usize,
    positions: Positions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Positions {
    Run { start: usize, step: usize },
    List(Vec<usize>),
}

impl Axis {
    /// Check against the length of the axis: nothing may lie outside.
    pub fn new(axis: Axis, size: u64) -> Option<Axis> {
        let inside = match &axis {
            Axis::Run { count: 0, .. } => true,
            Axis::Run { start, count, step } => {
                *step > 0
                    && (*count as u64 - 1)
                        .checked_mul(*step)
                        .and_then(|span| span.checked_add(*start))
                        .is_some_and(|last| last < size)
            }
            Axis::List(positions) => {
                positions.windows(2).all(|pair| pair[0] < pair[1])
                    && positions.last().is_none_or(|last| *last < size)
            }
        };
        inside.then_some(axis)
    }

    pub fn len(&self) -> usize {
        match self {
            Axis::Run { count, .. } => *count,
            Axis::List(positions) => positions.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers of the chunks, of length `chunk`, that hold wanted positions.
    pub fn chunks(&self, chunk: u64) -> Vec<u64> {
        match self {
            Axis::Run { count: 0, .. } => Vec::new(),
            Axis::Run { start, count, step } if *step <= chunk => {
                let last = start + (*count as u64 - 1) * step;
                (start / chunk..=last / chunk).collect()
            }
            Axis::Run { start, count, step } => (0..*count as u64)
                .map(|i| (start + i * step) / chunk)
                .collect(),
            Axis::List(positions) => {
                let mut numbers: Vec<u64> = positions.iter().map(|p| p / chunk).collect();
                numbers.dedup();
                numbers
            }
        }
    }

    /// The wanted positions in `[low, low + length)`.
    pub fn cut(&self, low: u64, length: u64) -> Cut {
        let high = low + length;
        match self {
            Axis::Run { start, count, step } => {
                let below = |border: u64| -> usize {
                    let steps = border.saturating_sub(*start).div_ceil(*step);
                    (steps.min(*count as u64)) as usize
                };
                let (first, end) = (below(low), below(high));
                let at = start + first as u64 * step;
                Cut {
                    first,
                    count: end - first,
                    positions: Positions::Run {
                        start: at.saturating_sub(low) as usize,
                        step: *step as usize,
                    },
                }
            }
            Axis::List(all) => {
                let first = all.partition_point(|p| *p < low);
                let end = all.partition_point(|p| *p < high);
                Cut {
                    first,
                    count: end - first,
                    positions: Positions::List(
                        all[first..end].iter().map(|p| (p - low) as usize).collect(),
                    ),
                }
            }
        }
    }
}

impl Cut {
    /// Position in the chunk of the i-th element.
    pub fn position(&self, i: usize) -> usize {
        match &self.positions {
            Positions::Run { start, step } => start + i * step,
            Positions::List(positions) => positions[i],
        }
    }

    /// Whether the positions are neighbours.
    pub fn is_dense(&self) -> bool {
        match &self.positions {
            Positions::Run { step, .. } => self.count < 2 || *step == 1,
            Positions::List(positions) => {
                self.count < 2 || positions[self.count - 1] - positions[0] + 1 == self.count
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(axis: &Axis) -> Vec<u64> {
        match axis {
            Axis::Run { start, count, step } => {
                (0..*count as u64).map(|i| start + i * step).collect()
            }
            Axis::List(all) => all.clone(),
        }
    }

    #[test]
    fn the_cuts_of_all_chunks_are_the_axis() {
        let axes = [
            Axis::Run {
                start: 3,
                count: 5,
                step: 4,
            },
            Axis::Run {
                start: 0,
                count: 20,
                step: 1,
            },
            Axis::Run {
                start: 7,
                count: 2,
                step: 9,
            },
            Axis::List(vec![0, 4, 5, 6, 19]),
        ];
        for axis in axes {
            for chunk in [1, 2, 3, 7, 20, 64] {
                let mut found = Vec::new();
                for number in axis.chunks(chunk) {
                    let cut = axis.cut(number * chunk, chunk);
                    assert_eq!(cut.first, found.len());
                    assert!(cut.count > 0, "{axis:?} {chunk}");
                    found.extend((0..cut.count).map(|i| number * chunk + cut.position(i) as u64));
                }
                assert_eq!(found, positions(&axis), "{axis:?} {chunk}");
            }
        }
    }

    #[test]
    fn positions_outside_are_refused() {
        assert!(Axis::new(
            Axis::Run {
                start: 3,
                count: 3,
                step: 2
            },
            8
        )
        .is_some());
        assert!(Axis::new(
            Axis::Run {
                start: 3,
                count: 3,
                step: 2
            },
            7
        )
        .is_none());
        assert!(Axis::new(
            Axis::Run {
                start: 1,
                count: 2,
                step: u64::MAX
            },
            7
        )
        .is_none());
        assert!(Axis::new(Axis::List(vec![1, 1]), 8).is_none());
        assert!(Axis::new(Axis::List(vec![1, 8]), 8).is_none());
    }
}
