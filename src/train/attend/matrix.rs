//! Small matrices of the attention: products, transposition, sums by row.

/// A matrix that is read: numbers and the distance between its rows and columns.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    data: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Row-major, without gaps.
    pub(super) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns);
        Self { data, shape: [rows, columns], strides: [columns, 1] }
    }

    pub(super) fn transposed(self) -> Self {
        let ([rows, columns], [down, right]) = (self.shape, self.strides);
        Self { shape: [columns, rows], strides: [right, down], ..self }
    }
}

/// `out = left * right`, or `out += left * right` with `add`; `out` is row-major without gaps.
pub(super) fn product(out: &mut [f32], add: bool, left: Matrix, right: Matrix) {
    let ([rows, inner], [right_rows, columns]) = (left.shape, right.shape);
    assert_eq!(inner, right_rows);
    assert_eq!(out.len(), rows * columns);
    // SAFETY: `Matrix::new` and the assertions above keep every index within its slice; `out` is borrowed
    // mutably, so it is neither of the two factors.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            add,
            left.data.as_ptr(),
            left.strides[1] as isize,
            left.strides[0] as isize,
            right.data.as_ptr(),
            right.strides[1] as isize,
            right.strides[0] as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Calls `each` with the two indices of every entry of a square matrix and its mirror image, in squares
/// small enough that the lines of both stay in the cache.
#[inline(always)]
fn mirrored(n: usize, mut each: impl FnMut(usize, usize)) {
    const SQUARE: usize = 16;
    for top in (0..n).step_by(SQUARE) {
        for left in (0..n).step_by(SQUARE) {
            for row in top..(top + SQUARE).min(n) {
                for column in left..(left + SQUARE).min(n) {
                    each(row * n + column, column * n + row);
                }
            }
        }
    }
}

/// `out = square^T` for a matrix of `n` rows.
pub(super) fn transpose(square: &[f32], n: usize, out: &mut [f32]) {
    assert!(square.len() == n * n && out.len() == n * n);
    mirrored(n, |at, mirror| out[at] = square[mirror]);
}

/// `out += square^T` for a matrix of `n` rows.
pub(super) fn add_transposed(square: &[f32], n: usize, out: &mut [f32]) {
    assert!(square.len() == n * n && out.len() == n * n);
    mirrored(n, |at, mirror| out[at] += square[mirror]);
}

/// Folds two slices in sixteen lanes, so that no operation waits for the one before.
#[inline(always)]
pub(super) fn fold(a: &[f32], b: &[f32], start: f32, each: impl Fn(f32, f32, f32) -> f32) -> [f32; 16] {
    let mut lanes = [start; 16];
    let (a_chunks, b_chunks) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..16 {
            lanes[lane] = each(lanes[lane], a[lane], b[lane]);
        }
    }
    for (lane, (a, b)) in rest.enumerate() {
        lanes[lane] = each(lanes[lane], *a, *b);
    }
    lanes
}

#[inline(always)]
pub(super) fn sum(a: &[f32]) -> f32 {
    fold(a, a, 0.0, |sum, a, _| sum + a).iter().sum()
}

#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    fold(a, b, 0.0, |sum, a, b| sum + a * b).iter().sum()
}

#[inline(always)]
pub(super) fn highest(a: &[f32]) -> f32 {
    let lanes = fold(a, a, f32::NEG_INFINITY, |most, a, _| if a > most { a } else { most });
    lanes.into_iter().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposition_and_folds() {
        let square: Vec<f32> = (0..19 * 19).map(|index| (index * 7 % 23) as f32).collect();
        let mut turned = vec![0.0; square.len()];
        transpose(&square, 19, &mut turned);
        assert!((0..19 * 19).all(|index| turned[index] == square[index % 19 * 19 + index / 19]));
        let mut twice = square.clone();
        add_transposed(&turned, 19, &mut twice);
        assert!(twice.iter().zip(&square).all(|(twice, once)| *twice == 2.0 * once));
        assert_eq!(sum(&square), square.iter().sum::<f32>());
        assert_eq!(highest(&square), 22.0);
        assert_eq!(dot(&square, &turned), square.iter().zip(&turned).map(|(a, b)| a * b).sum::<f32>());
    }
}
