//! One-shot classification in episodes: an image of one of N categories never seen in training, and K examples of each;
//! the category of the highest fused score is the answer.
//!
//! The protocol is that of Lake et al. 2011 and of Koch, Zemel and Salakhutdinov 2015, section 4.3, where the data has
//! alphabets (Omniglot): all categories of an episode are of one alphabet, all images of an example set are by one
//! person, and all questioned images by another one. Twenty ways and two episodes for each of ten alphabets are their
//! 400 trials; [`lake`] has those very episodes. Where there are no alphabets, categories are drawn among all and images
//! among those of a category.

pub mod lake;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::bootstrap::{self, Rate};
use super::encoded::Encoded;
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::fusion;
use crate::ink::Frame;
use crate::manifest::Manifest;
use crate::model::Network;
use crate::train::corpus::{Kind, Sample, Set};

/// What an episode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// Categories to choose from.
    pub ways: usize,
    /// Examples of each.
    pub shots: usize,
    /// At least so many questioned images; an episode asks one of each category.
    pub trials: usize,
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub trials: usize,
    /// Of trials in which the right category had the highest score of all, alone. The interval is by bootstrap over
    /// episodes.
    pub accuracy: Rate,
    /// Of pairs that were told rightly to be of the same category or not, as many of each, by the sign of the calibrated
    /// log-likelihood ratio of one example (Koch's verification task). The other category of a question is the next one
    /// of its episode: in the published runs the alphabet's next of the twenty.
    pub verification: Rate,
}

/// The images of a set that episodes are made of.
#[derive(Debug)]
pub struct Categories {
    set: Set,
    /// By the name of the alphabet; empty where there are none.
    groups: BTreeMap<String, Group>,
}

/// Categories that meet in an episode, by their number: those of an alphabet, or all.
#[derive(Debug, Default)]
struct Group {
    categories: BTreeMap<u16, Vec<Image>>,
}

#[derive(Debug)]
struct Image {
    frame: Frame,
    /// Who drew it, where the data says so.
    drawer: Option<u32>,
}

/// Some categories, with as many examples of each, and one questioned image of each.
#[derive(Debug)]
pub struct Episode<'a> {
    examples: Vec<Vec<&'a Frame>>,
    questioned: Vec<&'a Frame>,
}

/// One episode's trials, and how many of them, and of as many pairs, were right.
struct Count {
    trials: usize,
    right: usize,
    pairs: usize,
    right_pairs: usize,
}

impl Categories {
    /// The genuine images of `set`.
    pub fn of(samples: Vec<Sample>, set: Set) -> Self {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for sample in samples.into_iter().filter(|one| one.set == set && one.kind == Kind::Genuine) {
            let (group, drawer) = match (set, sample.name.split_once('/')) {
                (Set::Omniglot, Some((alphabet, _))) => (alphabet.to_owned(), drawer(&sample.source)),
                _ => (String::new(), None),
            };
            let image = Image { frame: sample.frame, drawer };
            groups.entry(group).or_default().categories.entry(sample.writer).or_default().push(image);
        }
        Self { set, groups }
    }

    /// Draws episodes until there are enough trials, of one alphabet after the other.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if there are too few categories or images for the protocol.
    pub fn draw(&self, protocol: &Protocol) -> Result<Vec<Episode<'_>>> {
        let mut rng = ChaCha8Rng::seed_from_u64(protocol.seed);
        if protocol.ways < 2 || protocol.shots == 0 || protocol.trials == 0 {
            return Err(Error::InvalidOption(
                "an episode needs two ways, one shot and one trial at least".into(),
            ));
        }
        let fit: Vec<&Group> = self.groups.values().filter(|group| group.fits(protocol)).collect();
        if fit.is_empty() {
            return Err(self.too_few(protocol));
        }
        (0..protocol.trials.div_ceil(protocol.ways))
            .map(|number| fit[number % fit.len()].draw(protocol, &mut rng))
            .map(|episode| episode.ok_or_else(|| self.too_few(protocol)))
            .collect()
    }

    /// What somebody drew of a category.
    fn by_drawer(&self, alphabet: &str, category: u16, drawer: u32) -> Option<&Frame> {
        let images = self.groups.get(alphabet)?.categories.get(&category)?;
        images.iter().find(|image| image.drawer == Some(drawer)).map(|image| &image.frame)
    }

    fn too_few(&self, Protocol { ways, shots, .. }: &Protocol) -> Error {
        let most = self.groups.values().map(|group| group.enough(*shots).len()).max().unwrap_or(0);
        let (set, images) = (self.set, shots + 1);
        let there = match most {
            // two ways are the least, so that fewer are no way out
            0 | 1 => {
                let fewer = if *shots > 1 { "fewer --shots, " } else { "" };
                format!(
                    "there is {most}, and an episode has two at least; give {fewer}--writers all for those of every \
                     part, or more categories and images"
                )
            }
            _ if most < *ways => format!("there are {most} at most; give fewer --ways or --shots"),
            _ => {
                format!("no {images} people drew all of those that were chosen; give fewer --ways or --shots")
            }
        };
        Error::InvalidOption(format!(
            "{set}: {ways} ways with {shots} shots need {ways} categories of {images} images together; {there}"
        ))
    }
}

/// Plays episodes; `progress` is told how many are played.
///
/// # Errors
/// [`Error::DeviceFailed`]; [`Error::ReferenceCount`] if the model is not calibrated for one reference.
pub fn play(
    episodes: &[Episode<'_>],
    model: (&Manifest, &Network),
    device: &Device,
    progress: impl Fn(usize, usize),
) -> Result<Outcome> {
    let mut counts = Vec::with_capacity(episodes.len());
    for (number, episode) in episodes.iter().enumerate() {
        counts.push(episode.play(model, device)?);
        progress(number + 1, episodes.len());
    }
    let rate = |of: &(dyn Fn(&Count) -> (usize, usize) + Sync)| {
        let percent = |counts: &[&Count]| {
            let (right, all) =
                counts.iter().fold((0, 0), |sum, &count| (sum.0 + of(count).0, sum.1 + of(count).1));
            (all > 0).then(|| 100.0 * right as f64 / all as f64)
        };
        let all: Vec<&Count> = counts.iter().collect();
        let percent_of_all = percent(&all).unwrap_or(f64::NAN);
        let ci95 = bootstrap::interval(&counts, percent).unwrap_or([f64::NAN; 2]);
        Rate { percent: percent_of_all, ci95 }
    };
    Ok(Outcome {
        trials: counts.iter().map(|count| count.trials).sum(),
        accuracy: rate(&|count| (count.right, count.trials)),
        verification: rate(&|count| (count.right_pairs, count.pairs)),
    })
}

/// The drawer's number in `.../NNNN_DD.png`.
fn drawer(source: &str) -> Option<u32> {
    Path::new(source).file_stem()?.to_str()?.split_once('_')?.1.parse().ok()
}

impl Group {
    /// Whether an episode can be drawn.
    fn fits(&self, protocol: &Protocol) -> bool {
        self.enough(protocol.shots).len() >= protocol.ways
    }

    /// Categories with images for so many examples and a questioned one.
    fn enough(&self, shots: usize) -> Vec<&Vec<Image>> {
        self.categories.values().filter(|images| images.len() > shots).collect()
    }

    /// `None` if no `shots + 1` people drew all categories that were chosen.
    fn draw(&self, Protocol { ways, shots, .. }: &Protocol, rng: &mut ChaCha8Rng) -> Option<Episode<'_>> {
        let chosen: Vec<&Vec<Image>> = self.enough(*shots).sample(rng, *ways).copied().collect();
        let drawers =
            |images: &[Image]| -> BTreeSet<u32> { images.iter().filter_map(|image| image.drawer).collect() };
        let mut images = Vec::with_capacity(*ways);
        if chosen.iter().any(|images| images.iter().any(|image| image.drawer.is_some())) {
            let common = chosen.iter().map(|images| drawers(images)).reduce(|a, b| &a & &b)?;
            let mut people: Vec<u32> = common.into_iter().collect();
            people.shuffle(rng);
            let people = people.get(..=*shots)?;
            for category in chosen {
                let by = |person: &u32| category.iter().find(|image| image.drawer == Some(*person));
                images
                    .push(people.iter().map(|person| Some(&by(person)?.frame)).collect::<Option<Vec<_>>>()?);
            }
        } else {
            for category in chosen {
                images.push(category.sample(rng, shots + 1).map(|image| &image.frame).collect());
            }
        }
        let questioned = images.iter_mut().filter_map(Vec::pop).collect();
        Some(Episode { examples: images, questioned })
    }
}

impl Episode<'_> {
    /// Categories to choose from.
    pub fn ways(&self) -> usize {
        self.questioned.len()
    }

    /// Examples of each category.
    pub fn shots(&self) -> usize {
        self.examples.first().map_or(0, Vec::len)
    }

    fn play(&self, (manifest, network): (&Manifest, &Network), device: &Device) -> Result<Count> {
        let (ways, shots) = (self.ways(), self.shots());
        let comparer = pollster::block_on(Comparer::of(manifest, network, device))?;
        let questioned = Encoded::new(&comparer, self.questioned.clone(), manifest.input)?;
        let examples = Encoded::new(&comparer, self.examples.concat(), manifest.input)?;
        let against = questioned.compare(&comparer, &examples, &pairs(ways, ways * shots))?;
        // how well the examples of a category agree among themselves
        let within: Vec<(usize, usize)> = (0..ways * shots)
            .flat_map(|one| (one / shots * shots..one).map(move |other| (one, other)))
            .collect();
        let among = examples.compare(&comparer, &examples, &within)?;
        let each = shots * (shots - 1) / 2;
        let agreement: Vec<f64> =
            (0..ways).map(|way| fusion::agreement(&among[way * each..(way + 1) * each])).collect();

        let one = manifest.calibration.for_references(1)?;
        let mut count = Count { trials: ways, right: 0, pairs: 0, right_pairs: 0 };
        for (question, scores) in against.chunks_exact(ways * shots).enumerate() {
            let fused: Vec<f64> = scores
                .chunks_exact(shots)
                .zip(&agreement)
                .map(|(scores, &agreement)| manifest.fusion.fuse(scores, agreement).unwrap_or(f64::NAN))
                .collect();
            let others = fused.iter().enumerate().filter(|(way, _)| *way != question);
            count.right += usize::from(others.into_iter().all(|(_, other)| fused[question] > *other));
            // its own category, and the next one of the episode
            let llr = |way: usize| one.llr(scores[way % ways * shots]);
            count.pairs += 2;
            count.right_pairs += usize::from(llr(question) > 0.0) + usize::from(llr(question + 1) <= 0.0);
        }
        Ok(count)
    }
}

/// Every one of `questioned` with every one of `examples`.
fn pairs(questioned: usize, examples: usize) -> Vec<(usize, usize)> {
    (0..questioned).flat_map(|one| (0..examples).map(move |other| (one, other))).collect()
}

#[cfg(test)]
mod tests;
