//! Pieces of ink that hang together.

/// A connected piece of a mask (8 neighbours). Bounds are inclusive pixel positions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component {
    pub(super) area: u32,
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
}

impl Component {
    pub(super) fn longer_side(&self) -> u32 {
        (self.right - self.left).max(self.bottom - self.top) + 1
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self {
            area: self.area + other.area,
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(super) fn shorter_side(&self) -> u32 {
        (self.right - self.left).min(self.bottom - self.top) + 1
    }

    /// Between the bounds of two pieces, in pixels; 0 where they overlap.
    pub(super) fn distance(&self, other: &Self) -> f32 {
        let gap = |low: u32, high: u32, other_low: u32, other_high: u32| {
            other_low.saturating_sub(high).max(low.saturating_sub(other_high)) as f32
        };
        gap(self.left, self.right, other.left, other.right).hypot(gap(
            self.top,
            self.bottom,
            other.top,
            other.bottom,
        ))
    }
}

/// Ink pixels side by side in one row: from `left` to before `end`.
struct Run {
    row: usize,
    left: usize,
    end: usize,
}

/// For each pixel the number of its piece (0 = none, 1 = the first), and the pieces. A pixel belongs
/// to a piece where its value is at least `least`.
pub(super) fn label(values: &[u8], width: usize, least: u8) -> (Vec<u32>, Vec<Component>) {
    let (runs, mut parents) = joined_runs(values, width, least);
    let mut labels = vec![0; values.len()];
    let mut found: Vec<Component> = Vec::new();
    let mut numbers = vec![0_u32; runs.len()];
    for (index, run) in runs.iter().enumerate() {
        let here = Component {
            area: (run.end - run.left) as u32,
            left: run.left as u32,
            top: run.row as u32,
            right: run.end as u32 - 1,
            bottom: run.row as u32,
        };
        // the first run of a piece is its root, so it has a number before any other run asks for it
        let root = root(&mut parents, index);
        if root == index {
            found.push(here);
            numbers[root] = found.len() as u32;
        } else {
            let piece = &mut found[numbers[root] as usize - 1];
            *piece = piece.union(here);
        }
        labels[run.row * width + run.left..run.row * width + run.end].fill(numbers[root]);
    }
    (labels, found)
}

/// All runs, row by row, and for each a run of the same piece that comes no later (union-find).
fn joined_runs(values: &[u8], width: usize, least: u8) -> (Vec<Run>, Vec<usize>) {
    let mut runs: Vec<Run> = Vec::new();
    let mut parents = Vec::new();
    let mut above = 0..0;
    for (row, line) in values.chunks_exact(width).enumerate() {
        let first = runs.len();
        let mut from = 0;
        while let Some(gap) = line[from..].iter().position(|v| *v >= least) {
            let left = from + gap;
            let end = line[left..].iter().position(|v| *v < least).map_or(width, |n| left + n);
            let index = runs.len();
            parents.push(index);
            // touching at a corner is enough
            while above.start < above.end && runs[above.start].end < left {
                above.start += 1;
            }
            for other in above.clone().take_while(|i| runs[*i].left <= end) {
                let (a, b) = (root(&mut parents, other), root(&mut parents, index));
                parents[a.max(b)] = a.min(b);
            }
            runs.push(Run { row, left, end });
            from = end;
        }
        above = first..runs.len();
    }
    (runs, parents)
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn pieces_meet_at_corners_and_later_rows() {
        #[rustfmt::skip]
        let values = [
            9, 0, 9, 0, 0, 9,
            9, 0, 9, 0, 0, 0,
            0, 9, 0, 0, 0, 0,
            0, 0, 0, 0, 9, 9,
        ];
        let (labels, found) = label(&values, 6, 5);
        #[rustfmt::skip]
        assert_eq!(labels, [
            1, 0, 1, 0, 0, 2,
            1, 0, 1, 0, 0, 0,
            0, 1, 0, 0, 0, 0,
            0, 0, 0, 0, 3, 3,
        ]);
        let bounds = |c: &Component| (c.area, c.left, c.top, c.right, c.bottom);
        assert_eq!(
            found.iter().map(bounds).collect::<Vec<_>>(),
            [(5, 0, 0, 2, 2), (1, 5, 0, 5, 0), (2, 4, 3, 5, 3)]
        );
        assert_eq!((found[0].longer_side(), found[2].shorter_side()), (3, 1));
        assert_eq!(found[0].distance(&found[1]), 3.0);
    }
}
