//! Add a box of decoded numbers to the cells that they belong to.
use super::cells::Cells;
use super::number::Number;

/// One axis of a box: how many numbers, how far they are apart in memory, and how far
/// their cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimension {
    pub count: usize,
    pub from: usize,
    pub to: isize,
}

/// Add the box that begins with the first number, whose cell is number `at`.
pub fn add<T: Number>(
    numbers: &[T],
    at: usize,
    dimensions: &[Dimension],
    cells: &mut Cells<'_, T>,
) {
    if dimensions.iter().any(|d| d.count == 0) {
        return;
    }
    let mut outer = merged(dimensions);
    // the innermost axis is a run if its numbers are neighbours, and so are its cells
    let run = match outer.last() {
        Some(&d) if d.from == 1 && (d.to == 0 || d.to == 1) => {
            outer.pop();
            d
        }
        _ => Dimension {
            count: 1,
            from: 1,
            to: 1,
        },
    };
    let mut index = vec![0usize; outer.len()];
    let (mut from, mut to) = (0usize, at as isize);
    loop {
        let here = &numbers[from..from + run.count];
        if run.to == 1 {
            cells.across(to as usize, here);
        } else {
            cells.along(to as usize, here);
        }
        let mut axis = outer.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            let d = outer[axis];
            index[axis] += 1;
            if index[axis] < d.count {
                (from, to) = (from + d.from, to + d.to);
                break;
            }
            index[axis] = 0;
            from -= (d.count - 1) * d.from;
            to -= (d.count - 1) as isize * d.to;
        }
    }
}

/// Axes that follow each other both in memory and in the result become one.
fn merged(dimensions: &[Dimension]) -> Vec<Dimension> {
    let mut found: Vec<Dimension> = Vec::with_capacity(dimensions.len());
    for &d in dimensions.iter().filter(|d| d.count > 1) {
        match found.last_mut() {
            Some(last) if last.from == d.from * d.count && last.to == d.to * d.count as isize => {
                *last = Dimension {
                    count: last.count * d.count,
                    ..d
                };
            }
            _ => found.push(d),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_that_follow_each_other_are_one() {
        let axis = |count, from, to| Dimension { count, from, to };
        let whole = [axis(3, 20, 20), axis(4, 5, 5), axis(5, 1, 1)];
        assert_eq!(merged(&whole), [axis(60, 1, 1)]);
        let reduced = [axis(3, 20, 0), axis(4, 5, 5), axis(5, 1, 1)];
        assert_eq!(merged(&reduced), [axis(3, 20, 0), axis(20, 1, 1)]);
        let all = [axis(3, 20, 0), axis(1, 7, 9), axis(20, 1, 0)];
        assert_eq!(merged(&all), [axis(60, 1, 0)]);
        let apart = [axis(3, 20, 7), axis(4, 5, 0), axis(2, 1, 1)];
        assert_eq!(merged(&apart), apart);
    }
}
