//! A signature made of two: the left part of one and the right part of another.
//!
//! A writer of a batch and a second one of the same set, cut at the same place in every signature, are a writer whom
//! nobody has seen; n writers make n (n - 1) such couples, and a network cannot know them by heart. What is cut off at
//! the seam is cut off in genuine signatures and forgeries alike. After CutMix (Yun et al. 2019, arXiv 1905.04899),
//! but of whole writers: labels are not mixed.

use crate::ink::Frame;

/// The density from which a pixel counts as ink; a stroke drawn lightly is pale.
const INK: u8 = 48;

/// `left` up to the share `cut` of the width of its ink, then `right` from the same share of its own on, centred in a
/// frame of the same size. A blank one of the two leaves the other as it is.
pub fn splice(left: &Frame, right: &Frame, cut: f32) -> Frame {
    let [Some(first), Some(second)] = [left, right].map(columns) else {
        return if columns(left).is_none() { right.clone() } else { left.clone() };
    };
    let at = |[from, to]: [usize; 2]| from + ((to - from) as f32 * cut).round() as usize;
    let (until, from) = (at(first), at(second));
    let (kept, added) = (until - first[0], second[1] - from);
    let width = left.width as usize;
    // no wider than the wider of the two
    let start = (width - kept - added) / 2;
    let mut density = vec![0; left.density.len()];
    let rows = left.density.chunks_exact(width).zip(right.density.chunks_exact(width));
    for (row, (ours, theirs)) in density.chunks_exact_mut(width).zip(rows) {
        row[start..start + kept].copy_from_slice(&ours[first[0]..until]);
        row[start + kept..start + kept + added].copy_from_slice(&theirs[from..second[1]]);
    }
    Frame { density, ..*left }
}

/// The first column with ink, and the first after the last one.
fn columns(frame: &Frame) -> Option<[usize; 2]> {
    let width = frame.width as usize;
    let inked = |column: &usize| frame.density.iter().skip(*column).step_by(width).any(|ink| *ink >= INK);
    let first = (0..width).find(inked)?;
    Some([first, (0..width).rev().find(inked)? + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bar of ink from one column to another.
    fn bar(from: usize, to: usize, row: usize) -> Frame {
        let mut density = vec![0; 40 * 20];
        density[row * 40 + from..row * 40 + to].fill(200);
        Frame { width: 40, height: 20, density }
    }

    #[test]
    fn the_left_of_one_and_the_right_of_the_other() {
        let spliced = splice(&bar(10, 30, 5), &bar(2, 38, 15), 0.25);
        let row = |row: usize| &spliced.density[row * 40..(row + 1) * 40];
        // 5 and 27 columns, in the middle of 40
        let inked = |row: usize| {
            let inked: Vec<usize> = (0..40).filter(|at| spliced.density[row * 40 + at] > 0).collect();
            (inked[0], inked[inked.len() - 1], inked.len())
        };
        assert_eq!(inked(5), (4, 8, 5));
        assert_eq!(inked(15), (9, 35, 27));
        assert_eq!(row(5).iter().map(|ink| usize::from(*ink)).sum::<usize>(), 5 * 200);
    }

    #[test]
    fn with_itself_it_is_the_same_but_centred() {
        assert_eq!(splice(&bar(10, 30, 5), &bar(10, 30, 5), 0.4), bar(10, 30, 5));
        assert_eq!(splice(&bar(0, 20, 5), &bar(0, 20, 5), 0.4), bar(10, 30, 5));
    }

    #[test]
    fn a_blank_one_leaves_the_other() {
        let blank = Frame { width: 40, height: 20, density: vec![0; 800] };
        assert_eq!(splice(&blank, &bar(3, 9, 1), 0.5), bar(3, 9, 1));
        assert_eq!(splice(&bar(3, 9, 1), &blank, 0.5), bar(3, 9, 1));
        assert_eq!(splice(&blank, &blank, 0.5), blank);
    }
}
