//! The pair head's attention, item by item: nothing of `[batch, places, places]` is ever written to memory.
//!
//! With `from`, `to` `[N, C]` of unit rows, `values` `[N, C]`, squared displacements `D` and scalars `k`, `l`:
//! ```text
//! S = from to^T    P = softmax(k S - l D) by rows    found = P values    similarity_i = sum_j P_ij S_ij
//! ```

use rayon::prelude::*;

/// Sizes of one attention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Geometry {
    pub batch: usize,
    pub places: usize,
    pub channels: usize,
}

/// The tensors of one attention, row-major: `from`, `to`, `values` `[batch, places, channels]`,
/// `displacement` `[places, places]`.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub from: &'a [f32],
    pub to: &'a [f32],
    pub values: &'a [f32],
    pub displacement: &'a [f32],
    pub sharpness: f32,
    pub locality: f32,
}

/// Gradients of what [`forward`] takes, in that order.
pub(super) struct Gradients {
    pub from: Vec<f32>,
    pub to: Vec<f32>,
    pub values: Vec<f32>,
    pub sharpness: f32,
    pub locality: f32,
}

/// Similarities and attention of one item.
struct Weights {
    similarity: Vec<f32>,
    attention: Vec<f32>,
}

impl Input<'_> {
    fn weights(&self, g: &Geometry, item: usize) -> Weights {
        let (n, c) = (g.places, g.channels);
        let rows = item * n * c..(item + 1) * n * c;
        let mut similarity = vec![0.0; n * n];
        product(
            &mut similarity,
            matrix(&self.from[rows.clone()], n, c),
            matrix(&self.to[rows], n, c).transposed(),
        );
        let mut attention = vec![0.0; n * n];
        let by_row = attention.chunks_exact_mut(n).zip(similarity.chunks_exact(n));
        for ((out, similarity), displacement) in by_row.zip(self.displacement.chunks_exact(n)) {
            for ((out, s), d) in out.iter_mut().zip(similarity).zip(displacement) {
                *out = self.sharpness * s - self.locality * d;
            }
            let highest = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            out.iter_mut().for_each(|value| *value = exponential(*value - highest));
            let scale = 1.0 / out.iter().sum::<f32>();
            out.iter_mut().for_each(|value| *value *= scale);
        }
        Weights { similarity, attention }
    }
}

/// `[batch, places, channels + 1]`: what each place found, then its mean similarity.
pub(super) fn forward(input: &Input, g: &Geometry) -> Vec<f32> {
    let (n, c) = (g.places, g.channels);
    let mut output = vec![0.0; g.batch * n * (c + 1)];
    output.par_chunks_exact_mut(n * (c + 1)).enumerate().for_each(|(item, output)| {
        let Weights { similarity, attention } = input.weights(g, item);
        let mut found = vec![0.0; n * c];
        let values = matrix(&input.values[item * n * c..(item + 1) * n * c], n, c);
        product(&mut found, matrix(&attention, n, n), values);
        for (row, output) in output.chunks_exact_mut(c + 1).enumerate() {
            output[..c].copy_from_slice(&found[row * c..(row + 1) * c]);
            output[c] = dot(&attention[row * n..(row + 1) * n], &similarity[row * n..(row + 1) * n]);
        }
    });
    output
}

/// The gradients for that of [`forward`]'s output.
pub(super) fn backward(input: &Input, grad: &[f32], g: &Geometry) -> Gradients {
    let (n, c) = (g.places, g.channels);
    let size = n * c;
    let mut from = vec![0.0; g.batch * size];
    let mut to = vec![0.0; g.batch * size];
    let mut values = vec![0.0; g.batch * size];
    let scalars: Vec<(f64, f64)> = from
        .par_chunks_exact_mut(size)
        .zip(to.par_chunks_exact_mut(size))
        .zip(values.par_chunks_exact_mut(size))
        .zip(grad.par_chunks_exact(n * (c + 1)))
        .enumerate()
        .map(|(item, (((from, to), values), grad))| backward_item(input, g, item, grad, [from, to, values]))
        .collect();
    let (sharpness, locality) =
        scalars.into_iter().fold((0.0, 0.0), |sum, item| (sum.0 + item.0, sum.1 + item.1));
    Gradients { from, to, values, sharpness: sharpness as f32, locality: locality as f32 }
}

/// Writes the gradients of one item; returns its part of those of the two scalars.
fn backward_item(
    input: &Input,
    g: &Geometry,
    item: usize,
    grad: &[f32],
    [from, to, values]: [&mut [f32]; 3],
) -> (f64, f64) {
    let (n, c) = (g.places, g.channels);
    let own = item * n * c..(item + 1) * n * c;
    let Weights { similarity, mut attention } = input.weights(g, item);
    let found: Vec<f32> = grad.chunks_exact(c + 1).flat_map(|row| &row[..c]).copied().collect();

    // of the attention, first through `found`
    let mut of_attention = vec![0.0; n * n];
    let found = matrix(&found, n, c);
    product(&mut of_attention, found, matrix(&input.values[own.clone()], n, c).transposed());
    product(values, matrix(&attention, n, n).transposed(), found);

    // then through `similarity`, the softmax and its two scalars; `attention` becomes the gradient of S
    let (mut sharpness, mut locality) = (0.0f64, 0.0f64);
    for row in 0..n {
        let cells = row * n..(row + 1) * n;
        let (attention, of_attention) = (&mut attention[cells.clone()], &mut of_attention[cells.clone()]);
        let similarity = &similarity[cells.clone()];
        let of_similarity = grad[row * (c + 1) + c];
        for (out, s) in of_attention.iter_mut().zip(similarity) {
            *out += of_similarity * s;
        }
        let mean = dot(attention, of_attention);
        for (p, out) in attention.iter().zip(of_attention.iter_mut()) {
            *out = p * (*out - mean); // of the logits
        }
        sharpness += f64::from(dot(of_attention, similarity));
        locality -= f64::from(dot(of_attention, &input.displacement[cells]));
        for (p, logit) in attention.iter_mut().zip(of_attention.iter()) {
            *p = *p * of_similarity + input.sharpness * logit;
        }
    }
    let of_similarities = matrix(&attention, n, n);
    product(from, of_similarities, matrix(&input.to[own.clone()], n, c));
    product(to, of_similarities.transposed(), matrix(&input.from[own], n, c));
    (sharpness, locality)
}

/// A matrix that is read: numbers and the distance between its rows and columns.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    data: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl Matrix<'_> {
    fn transposed(self) -> Self {
        let ([rows, columns], [down, right]) = (self.shape, self.strides);
        Self { shape: [columns, rows], strides: [right, down], ..self }
    }
}

/// A row-major matrix without gaps.
fn matrix(data: &[f32], rows: usize, columns: usize) -> Matrix<'_> {
    assert_eq!(data.len(), rows * columns);
    Matrix { data, shape: [rows, columns], strides: [columns, 1] }
}

/// `out = left * right`, row-major without gaps.
fn product(out: &mut [f32], left: Matrix, right: Matrix) {
    let ([rows, inner], [right_rows, columns]) = (left.shape, right.shape);
    assert_eq!(inner, right_rows);
    assert_eq!(out.len(), rows * columns);
    // SAFETY: `matrix` and the assertions above keep every index within its slice; `out` is borrowed
    // mutably, so it is neither of the two factors.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            false,
            left.data.as_ptr(),
            left.strides[1] as isize,
            left.strides[0] as isize,
            right.data.as_ptr(),
            right.strides[1] as isize,
            right.strides[0] as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// e^x for x of at most 0, to within 3 units in the last place, in a form that compilers vectorise:
/// 2^n times a polynomial on half a unit of the exponent each side (Cephes, expf).
#[inline(always)]
fn exponential(x: f32) -> f32 {
    let x = x.max(-87.0);
    // adding and taking away 1.5 * 2^23 rounds to a whole number without a call
    const ROUND: f32 = 12_582_912.0;
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_2e-4f32;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.0;
    p * f32::from_bits(((n as i32 + 127) << 23) as u32)
}

/// A dot product in sixteen lanes, so that the additions do not wait for one another.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    let (a_chunks, b_chunks) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_is_close() {
        for step in 0..8_000 {
            let x = -step as f32 / 100.0;
            let expected = f64::from(x).exp();
            assert!((f64::from(exponential(x)) - expected).abs() <= 5e-7 * expected + 1e-37, "{x}");
        }
    }
}
