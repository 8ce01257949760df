//! The people nearest to a questioned signature by its embedding, exactly.
//!
//! A person is the mean of the references' embeddings, each scaled to length 1: its product with the questioned
//! embedding is the mean of their cosines, so one vector a person says as much as one a reference. All products are one
//! pass over 58 MB for 100,000 people and 144 numbers each, which `evaluate shortlist` times; reading the
//! shortlist's maps from disk and comparing them takes longer, and an approximate index would lose some recall.

/// One vector a person.
#[derive(Debug, Default)]
pub struct Shortlist {
    length: usize,
    /// People x length.
    means: Vec<f32>,
}

impl Shortlist {
    /// Adds a person with at least one embedding; false, and nothing added, if these are of another length than those
    /// before them.
    pub fn push(&mut self, embeddings: &[Vec<f32>]) -> bool {
        let length = embeddings.first().map_or(0, Vec::len);
        let known = self.means.is_empty() || length == self.length;
        if length == 0 || !known || embeddings.iter().any(|embedding| embedding.len() != length) {
            return false;
        }
        self.length = length;
        let start = self.means.len();
        self.means.resize(start + length, 0.0);
        let mean = &mut self.means[start..];
        for embedding in embeddings {
            // an embedding of zeros is near to nobody
            let share =
                1.0 / dot(embedding, embedding).sqrt().max(f32::MIN_POSITIVE) / embeddings.len() as f32;
            mean.iter_mut().zip(embedding).for_each(|(mean, value)| *mean += share * value);
        }
        true
    }

    /// The `most` people with the highest mean cosine to `embedding`, the nearest first.
    pub fn nearest(&self, embedding: &[f32], most: usize) -> Vec<usize> {
        let people = self.means.chunks_exact(self.length.max(1));
        // the questioned embedding's length changes no order
        let mut all: Vec<(f32, usize)> =
            people.enumerate().map(|(person, mean)| (dot(mean, embedding), person)).collect();
        let nearer = |a: &(f32, usize), b: &(f32, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if most < all.len() {
            all.select_nth_unstable_by(most, nearer);
            all.truncate(most);
        }
        all.sort_unstable_by(nearer);
        all.into_iter().map(|(_, person)| person).collect()
    }
}

/// In eight sums, which a compiler adds side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_mean_direction() {
        let mut list = Shortlist::default();
        assert!(list.push(&[vec![2.0, 0.0, 0.0], vec![0.0, 8.0, 0.0]]));
        assert!(list.push(&[vec![0.0, 0.0, 0.1]]));
        assert!(list.push(&[vec![3.0, 0.0, 0.0]]));
        assert_eq!(list.means, [0.5, 0.5, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(list.nearest(&[5.0, 1.0, 0.0], 9), [2, 0, 1]);
        assert_eq!(list.nearest(&[5.0, 1.0, 0.0], 2), [2, 0]);
        assert_eq!(list.nearest(&[5.0, 1.0, 0.0], 0), [] as [usize; 0]);
        for bad in [vec![], vec![vec![]], vec![vec![1.0; 4]], vec![vec![1.0; 3], vec![1.0; 2]]] {
            assert!(!list.push(&bad));
        }
        assert_eq!(list.means.len(), 9);
        assert_eq!(Shortlist::default().nearest(&[1.0], 3), [] as [usize; 0]);
    }

    #[test]
    fn the_nearest_are_those_of_a_full_sort() {
        let value = |person: usize, at: usize| ((person * 131 + at * 17) % 97) as f32 / 97.0 - 0.5;
        let vector = |person: usize| (0..19).map(|at| value(person, at)).collect::<Vec<f32>>();
        let mut list = Shortlist::default();
        (0..500).for_each(|person| assert!(list.push(&[vector(person)])));
        let asked = vector(1000);
        let cosine = |person: usize| {
            let own = vector(person);
            let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            product(&own, &asked) / product(&own, &own).sqrt()
        };
        let nearest = list.nearest(&asked, 20);
        let last = cosine(nearest[19]);
        assert!(nearest.windows(2).all(|pair| cosine(pair[0]) >= cosine(pair[1]) - 1e-5));
        let others = (0..500).filter(|person| !nearest.contains(person));
        assert!(others.into_iter().all(|person| cosine(person) <= last + 1e-5));
    }
}
