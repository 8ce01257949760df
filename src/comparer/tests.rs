use burn::tensor::{TensorData, Tolerance};
use pollster::block_on;

use super::*;
use crate::ink::turn;
use crate::ink::{self, Page};
use crate::manifest::tests::tiny;
use crate::model::tests::random;

const TURNING: Turning = Turning { degrees: 10.0, gain: 0.0, cost: 0.0 };

struct Made {
    network: Network,
    device: Device,
    frames: Vec<Frame>,
}

/// A network with random weights, and waves.
fn made() -> Made {
    let device = Device::flex();
    let manifest = tiny();
    let network = random(&manifest.network, 11, &device);
    let frame = |periods: f32| {
        let page: Page = crate::checker::tests::page(periods);
        ink::prepare(&page, manifest.input).unwrap().frame
    };
    let mut frames: Vec<Frame> = [3.0, 3.3, 5.0, 7.0].map(frame).into();
    frames.extend([-12.0, 11.0].map(|degrees| turn::turned(&frames[0], degrees).0));
    Made { network, device, frames }
}

impl Made {
    fn comparer(&self, turning: Option<Turning>) -> Comparer<'_> {
        block_on(Comparer::new(&self.network, turning, tiny().input, &self.device)).unwrap()
    }

    fn encoded(&self, frame: &Frame) -> Features {
        self.network.encode(tensors::from_frame(frame, &self.device))
    }

    /// All frames, as references.
    fn references(&self) -> References {
        let each: Vec<Features> = self.frames.iter().map(|frame| self.encoded(frame)).collect();
        let level = self.comparer(Some(TURNING)).level.unwrap();
        let trace = |one: &Features| level.trace(block_on(tensors::read(one.map.clone())).unwrap());
        let traces = each.iter().map(trace).collect();
        let (embeddings, maps) = each.into_iter().map(|one| (one.embedding, one.map)).unzip();
        let features = Features { embedding: Tensor::cat(embeddings, 0), map: Tensor::cat(maps, 0) };
        References { features, traces }
    }

    fn score(&self, one: &Frame, other: &Frame) -> f64 {
        let score = self.network.compare(&self.encoded(one), &self.encoded(other)).score;
        f64::from(score.into_scalar::<f32>())
    }

    fn compared(&self, one: usize, turning: Option<Turning>) -> (Questioned, Compared) {
        let comparer = self.comparer(turning);
        let mut questioned = comparer.question(self.frames[one].clone());
        let compared = block_on(comparer.compare(&mut questioned, &self.references())).unwrap();
        (questioned, compared)
    }
}

#[test]
fn the_better_of_as_it_is_and_turned_counts() {
    let made = made();
    let mut turned = 0;
    for cost in [0.0, 0.02, 100.0] {
        let turning = Turning { cost, ..TURNING };
        for (one, frame) in made.frames.iter().enumerate() {
            let (_, plain) = made.compared(one, None);
            let (_, compared) = made.compared(one, Some(turning));
            assert!(plain.sides.iter().all(Option::is_none));
            for (other, reference) in made.frames.iter().enumerate() {
                assert!((plain.scores[other] - made.score(frame, reference)).abs() < 1e-4);
                let expected = match compared.sides[other] {
                    None => plain.scores[other],
                    Some(side) => {
                        turned += 1;
                        let (upright, _) = turn::turned(frame, turning.to(side));
                        made.score(&upright, reference) - f64::from(cost)
                    }
                };
                assert!((compared.scores[other] - expected).abs() < 1e-4, "{one} {other} {cost}");
                assert!(compared.scores[other] >= plain.scores[other] - 1e-4);
            }
            assert!(cost < 100.0 || compared.sides.iter().all(Option::is_none));
        }
    }
    assert!(turned > 3, "{turned}");
}

/// Maps as large as they may be: more places than a batch of comparisons holds pairs of.
#[test]
fn pairs_too_large_to_be_held_at_once_are_compared_in_parts() {
    let device = Device::flex();
    let mut manifest = tiny();
    manifest.input = FrameSize::ink(384, 192);
    let network = random(&manifest.network, 11, &device);
    let ink = |seed: f32| {
        let ink = (0..384 * 192).map(|at| (at as f32 * seed).sin().max(0.0)).collect();
        Tensor::from_data(TensorData::new(ink, [1, 1, 192, 384]), &device)
    };
    let each: Vec<Features> = [0.01, 0.02, 0.03, 0.04, 0.05].map(|seed| network.encode(ink(seed))).into();
    let [_, _, height, width] = each[0].map.dims();
    assert!(each.len() * 2 * (height * width).pow(2) > MOST_NUMBERS, "{height} x {width}: all fit");
    let (embeddings, maps) = each.iter().map(|one| (one.embedding.clone(), one.map.clone())).unzip();
    let references = Features { embedding: Tensor::cat(embeddings, 0), map: Tensor::cat(maps, 0) };
    let comparer = Comparer { network: &network, level: None, device: &device };
    let (scores, unmatched) =
        block_on(comparer.compare_rows(&each[0], &references, &[4, 0, 1, 2, 3])).unwrap();
    for (score, reference) in scores.iter().zip([4, 0, 1, 2, 3]) {
        let alone = network.compare(&each[0], &each[reference]).score.into_scalar::<f32>();
        assert!((score - f64::from(alone)).abs() < 1e-4, "{reference}");
    }
    assert_eq!((scores.len(), unmatched.unwrap().dims()), (5, [5, height, width]));
}

#[test]
fn what_has_no_counterpart_is_shown_on_the_frame_as_it_is() {
    let made = made();
    let (questioned, compared) = made.compared(4, Some(TURNING));
    let sides = compared.sides.clone();
    assert!(sides.iter().any(Option::is_some) && sides.iter().any(Option::is_none), "{sides:?}");
    let mut expected = vec![0.0; 3 * 6];
    for (reference, side) in made.frames.iter().zip(sides) {
        let grid = |frame: &Frame| {
            let unmatched = made.network.compare(&made.encoded(frame), &made.encoded(reference)).unmatched;
            block_on(tensors::read(unmatched.unwrap())).unwrap()
        };
        let grid = match side {
            None => grid(&made.frames[4]),
            Some(side) => {
                let (upright, way) = turn::turned(&made.frames[4], TURNING.to(side));
                laid_back(&grid(&upright), [3, 6], &made.frames[4], way)
            }
        };
        expected.iter_mut().zip(grid).for_each(|(sum, value)| *sum += value / 6.0);
    }
    let comparer = made.comparer(Some(TURNING));
    let (values, size) = block_on(comparer.unmatched(&questioned, compared)).unwrap().unwrap();
    assert_eq!(size, [3, 6]);
    let data = |values: Vec<f32>| TensorData::new(values, [3, 6]);
    data(values).assert_approx_eq::<f32>(&data(expected), Tolerance::absolute(1e-4));
}

#[test]
fn a_grid_is_laid_back_where_it_came_from() {
    let blank = Frame { width: 160, height: 80, density: vec![0; 160 * 80] };
    let mut dot = blank.clone();
    dot.density[20 * 160 + 120] = 255;
    dot.density[60 * 160 + 40] = 255;
    let (_, way) = turn::turned(&dot, 30.0);
    // of the places of a grid of 10 x 20, that of a place between the dots
    let (x, y) = way.inverse().of(98.0, 36.0);
    let mut grid = vec![0.0; 200];
    let (column, row) = ((x / 8.0) as usize, (y / 8.0) as usize);
    grid[row * 20 + column] = 1.0;
    let back = laid_back(&grid, [10, 20], &dot, way);
    let highest = (0..200).max_by(|&a, &b| back[a].total_cmp(&back[b])).unwrap();
    let (column, row) = ((highest % 20) as f32 * 8.0 + 4.0, (highest / 20) as f32 * 8.0 + 4.0);
    assert!((column - 98.0).abs() < 9.0 && (row - 36.0).abs() < 9.0, "{column} {row}");
    let even = laid_back(&[0.4; 200], [10, 20], &dot, way);
    assert!(even.iter().all(|value| (value - 0.4).abs() < 1e-6));
}
