//! The pair head's attention, pair by pair: nothing of `[batch, places, places]` is ever written to memory.
//!
//! With the maps `A`, `B` `[C, N]`, `A'`, `B'` the same with columns of length 1, squared displacements `D` and
//! the scalars `k`, `l`, the direction from `A` to `B` is
//! ```text
//! S = A'^T B'    P = softmax(k S - l D) by rows    F = B P^T    similarity_i = sum_j P_ij S_ij
//! output = |A - F|, A F, similarity                             [2 C + 1, N]
//! ```
//! The direction from `B` to `A` is the same with `S` transposed, which is computed once for both.

use rayon::prelude::*;

use super::matrix::{Matrix, add_transposed, product, transpose};
use super::softmax;
use crate::train::fast::scratch::with_scratch;

/// Sizes of one attention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Geometry {
    pub pairs: usize,
    pub channels: usize,
    pub places: usize,
}

impl Geometry {
    /// Numbers of one map.
    fn map(&self) -> usize {
        self.channels * self.places
    }

    /// Numbers of one direction of the output.
    fn output(&self) -> usize {
        (2 * self.channels + 1) * self.places
    }

    fn square(&self) -> usize {
        self.places * self.places
    }

    fn as_map<'a>(&self, data: &'a [f32]) -> Matrix<'a> {
        Matrix::new(data, self.channels, self.places)
    }

    fn as_square<'a>(&self, data: &'a [f32]) -> Matrix<'a> {
        Matrix::new(data, self.places, self.places)
    }
}

/// The tensors of one attention, row-major: `a`, `b` `[pairs, channels, places]`, `displacement`
/// `[places, places]`, which is symmetric.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub a: &'a [f32],
    pub b: &'a [f32],
    pub displacement: &'a [f32],
    pub sharpness: f32,
    pub locality: f32,
}

/// What [`forward`] computes; first all pairs from `a` to `b`, then all from `b` to `a`.
pub(super) struct Output {
    /// `[2 pairs, 2 channels + 1, places]`.
    pub compared: Vec<f32>,
    /// `F`, `[2 pairs, channels, places]`, for the backward pass.
    pub found: Vec<f32>,
}

/// Gradients of what [`forward`] takes.
pub(super) struct Gradients {
    pub a: Vec<f32>,
    pub b: Vec<f32>,
    pub sharpness: f32,
    pub locality: f32,
}

/// Cuts scratch memory into pieces of these lengths.
fn cut<const N: usize>(mut scratch: &mut [f32], lengths: [usize; N]) -> [&mut [f32]; N] {
    lengths.map(|length| scratch.split_off_mut(..length).expect("scratch memory of all lengths together"))
}

impl Input<'_> {
    fn map<'a>(of: &'a [f32], item: usize, g: &Geometry) -> &'a [f32] {
        &of[item * g.map()..(item + 1) * g.map()]
    }

    fn factors(&self) -> softmax::Factors<'_> {
        softmax::Factors {
            displacement: self.displacement,
            sharpness: self.sharpness,
            locality: self.locality,
        }
    }
}

/// The output of all pairs.
pub(super) fn forward(input: &Input, g: &Geometry) -> Output {
    let mut compared = vec![0.0; 2 * g.pairs * g.output()];
    let mut found = vec![0.0; 2 * g.pairs * g.map()];
    let (compared_a, compared_b) = compared.split_at_mut(g.pairs * g.output());
    let (found_a, found_b) = found.split_at_mut(g.pairs * g.map());
    let by_pair =
        compared_a.par_chunks_exact_mut(g.output()).zip(compared_b.par_chunks_exact_mut(g.output()));
    let found_by_pair = found_a.par_chunks_exact_mut(g.map()).zip(found_b.par_chunks_exact_mut(g.map()));
    by_pair.zip(found_by_pair).enumerate().for_each(|(pair, (compared, found))| {
        let (a, b) = (Input::map(input.a, pair, g), Input::map(input.b, pair, g));
        let lengths = [g.map(), g.map(), g.places, g.square(), g.square(), g.square()];
        with_scratch(lengths.iter().sum(), |scratch| {
            let [unit_a, unit_b, norms, there, back, attention] = cut(scratch, lengths);
            softmax::normalise(a, norms, unit_a);
            softmax::normalise(b, norms, unit_b);
            similarities(unit_a, unit_b, g, there, back);
            for (from, to, similarity, found, compared) in
                [(a, b, &*there, found.0, compared.0), (b, a, &*back, found.1, compared.1)]
            {
                let (compared, matched) = compared.split_at_mut(2 * g.map());
                softmax::forward(similarity, &input.factors(), attention, matched);
                product(found, false, g.as_map(to), g.as_square(attention).transposed());
                let (difference, both) = compared.split_at_mut(g.map());
                softmax::compare(from, found, difference, both);
            }
        });
    });
    Output { compared, found }
}

/// `there = A'^T B'` and `back`, its transpose.
fn similarities(unit_a: &[f32], unit_b: &[f32], g: &Geometry, there: &mut [f32], back: &mut [f32]) {
    product(there, false, g.as_map(unit_a).transposed(), g.as_map(unit_b));
    transpose(there, g.places, back);
}

/// The gradients for that of [`forward`]'s output.
pub(super) fn backward(input: &Input, found: &[f32], grad: &[f32], g: &Geometry) -> Gradients {
    assert!(found.len() == 2 * g.pairs * g.map() && grad.len() == 2 * g.pairs * g.output());
    let mut a = vec![0.0; g.pairs * g.map()];
    let mut b = vec![0.0; g.pairs * g.map()];
    let scalars: Vec<[f64; 2]> = a
        .par_chunks_exact_mut(g.map())
        .zip(b.par_chunks_exact_mut(g.map()))
        .enumerate()
        .map(|(pair, of)| backward_pair(input, found, grad, g, pair, of))
        .collect();
    let [sharpness, locality] =
        scalars.into_iter().fold([0.0, 0.0], |sum, item| [sum[0] + item[0], sum[1] + item[1]]);
    Gradients { a, b, sharpness: sharpness as f32, locality: locality as f32 }
}

/// Writes the gradients of one pair; returns its part of those of the two scalars.
fn backward_pair(
    input: &Input,
    found: &[f32],
    grad: &[f32],
    g: &Geometry,
    pair: usize,
    (of_a, of_b): (&mut [f32], &mut [f32]),
) -> [f64; 2] {
    let (a, b) = (Input::map(input.a, pair, g), Input::map(input.b, pair, g));
    let (n, n2) = (g.places, g.square());
    let lengths = [g.map(), g.map(), n, n, n2, n2, n2, n2, n2, g.map(), n];
    with_scratch(lengths.iter().sum(), |scratch| {
        let [unit_a, unit_b, norms_a, norms_b, there, back, attention, of_there, of_back, of_map, rows] =
            cut(scratch, lengths);
        softmax::normalise(a, norms_a, unit_a);
        softmax::normalise(b, norms_b, unit_b);
        similarities(unit_a, unit_b, g, there, back);
        let mut scalars = [0.0; 2];
        for reverse in [false, true] {
            let (item, [from, to], similarity, of_similarity, [of_from, of_to]) = match reverse {
                false => (pair, [a, b], &*there, &mut *of_there, [&mut *of_a, &mut *of_b]),
                true => (g.pairs + pair, [b, a], &*back, &mut *of_back, [&mut *of_b, &mut *of_a]),
            };
            let grad = &grad[item * g.output()..(item + 1) * g.output()];
            let (of_compared, of_matched) = grad.split_at(2 * g.map());
            let (of_difference, of_both) = of_compared.split_at(g.map());
            let found = Input::map(found, item, g);
            softmax::compare_backward([from, found, of_difference, of_both], of_from, of_map);
            softmax::forward(similarity, &input.factors(), attention, rows);
            product(of_to, true, g.as_map(of_map), g.as_square(attention));
            product(of_similarity, false, g.as_map(of_map).transposed(), g.as_map(to));
            let of_factors =
                softmax::backward(similarity, &input.factors(), attention, of_matched, of_similarity);
            scalars = [scalars[0] + of_factors[0], scalars[1] + of_factors[1]];
        }
        add_transposed(of_back, n, of_there);
        for (of, unit, norms, other, of_similarity) in [
            (of_a, &*unit_a, norms_a, &*unit_b, g.as_square(of_there).transposed()),
            (of_b, &*unit_b, norms_b, &*unit_a, g.as_square(of_there)),
        ] {
            product(of_map, false, g.as_map(other), of_similarity);
            softmax::normalise_backward(unit, norms, of_map, rows, of);
        }
        scalars
    })
}
