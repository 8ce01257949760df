//! Questions put to galleries of a set's writers: closed sets, and open sets of half of the writers.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::matrix::{Enrolled, Matrix, Reader};
use crate::calibration::impostors::per_comparison;
use crate::gallery::shortlist::Shortlist;

/// Random choices of the references, and of who is enrolled.
pub const DRAWS: u64 = 10;
/// Rates of false-positive identification.
pub const FPIR: [f64; 2] = [0.01, 0.1];

/// What became of one writer's questioned signatures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Closed {
    pub questioned: usize,
    /// Where the writer came among the candidates, from 0, of each question.
    pub ranks: Vec<usize>,
    /// Where the candidate that came first stood in the shortlist, from 0.
    pub places: Vec<usize>,
}

/// What became of one writer's questioned signatures where half of the writers are not enrolled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Open {
    /// Enrolled: the LLR of the first candidate, and whether it is the writer.
    pub mated: Vec<(f64, bool)>,
    /// Not enrolled: the LLR of the first candidate.
    pub non_mated: Vec<f64>,
    /// At each of [`FPIR`] by the model's own tables, where it has any: enrolled and rightly accepted, and not enrolled
    /// and accepted.
    pub accepted: Option<[[usize; 2]; 2]>,
}

/// Every writer's signatures, other than the references, against the references of all writers.
pub fn closed(matrix: &Matrix, reader: &Reader<'_>) -> Vec<Closed> {
    let mut all = vec![Closed::default(); matrix.writers()];
    for draw in 0..DRAWS {
        let gallery = gallery(matrix, reader.references, draw);
        let mut shortlist = Shortlist::default();
        // all embeddings of a model are of one length
        for (_, template) in &gallery {
            shortlist.push(&template.embeddings(matrix));
        }
        for (mate, (writer, own)) in gallery.iter().enumerate() {
            for questioned in matrix.signatures(*writer).filter(|&signature| !own.has(signature)) {
                let llrs: Vec<f64> =
                    gallery.iter().map(|(_, template)| reader.llr(matrix, questioned, template)).collect();
                // who scores the same comes before
                let before = |llr: f64| llrs.iter().filter(|&&other| other >= llr).count() - 1;
                let first = first(&llrs);
                let nearest = shortlist.nearest(&matrix.embeddings[questioned], gallery.len());
                let found = &mut all[*writer];
                found.questioned += 1;
                found.ranks.push(before(llrs[mate]));
                found.places.extend(nearest.iter().position(|&person| person == first));
            }
        }
    }
    all
}

/// As [`closed`], with a random half of the writers enrolled.
pub fn open(matrix: &Matrix, reader: &Reader<'_>) -> Vec<Open> {
    let mut all = vec![Open::default(); matrix.writers()];
    let table = reader.manifest.calibration.impostors(reader.references).ok();
    for draw in 0..DRAWS {
        let mut gallery = gallery(matrix, reader.references, draw);
        let mut rng = ChaCha8Rng::seed_from_u64(draw);
        gallery.shuffle(&mut rng);
        let (enrolled, others) = gallery.split_at(gallery.len() / 2);
        if enrolled.is_empty() {
            continue;
        }
        let thresholds =
            table.map(|table| FPIR.map(|rate| table.threshold(per_comparison(rate, enrolled.len()))));
        for (mate, (writer, own)) in enrolled.iter().chain(others).enumerate() {
            for questioned in matrix.signatures(*writer).filter(|&signature| !own.has(signature)) {
                let llrs: Vec<f64> =
                    enrolled.iter().map(|(_, template)| reader.llr(matrix, questioned, template)).collect();
                let first = first(&llrs);
                let (llr, right) = (llrs[first], first == mate);
                let found = &mut all[*writer];
                if mate < enrolled.len() {
                    found.mated.push((llr, right));
                } else {
                    found.non_mated.push(llr);
                }
                let Some(thresholds) = thresholds else { continue };
                let accepted = found.accepted.get_or_insert_default();
                for (accepted, threshold) in accepted.iter_mut().zip(thresholds) {
                    let kind = usize::from(mate >= enrolled.len());
                    accepted[kind] += usize::from(llr >= threshold && (right || kind == 1));
                }
            }
        }
    }
    all
}

/// The references of every writer who has signatures to spare.
fn gallery(matrix: &Matrix, references: usize, draw: u64) -> Vec<(usize, Enrolled)> {
    let of_writer = |writer: usize| {
        let mut own: Vec<usize> = matrix.signatures(writer).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(draw);
        rng.set_stream(writer as u64 + 1);
        own.shuffle(&mut rng);
        (own.len() > references).then(|| (writer, matrix.enrol(&own[..references])))
    };
    (0..matrix.writers()).filter_map(of_writer).collect()
}

fn first(llrs: &[f64]) -> usize {
    (0..llrs.len()).max_by(|&a, &b| llrs[a].total_cmp(&llrs[b]).then(b.cmp(&a))).unwrap_or(0)
}
