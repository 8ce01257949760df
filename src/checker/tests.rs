mod identify;

use std::sync::OnceLock;

use pollster::block_on;

use super::reading::common_defects;
use super::*;
use crate::calibration::sigmoid;
use crate::export::{self, Files};
use crate::ink::strokes::{self, Point};
use crate::manifest::tests::tiny;
use crate::model::tests::random;
use crate::model::{CountersignConfig, EncoderConfig, SimilarityConfig};
use crate::turn::Turning;

/// A tiny network with random weights: it answers, if not wisely.
fn files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let device = Device::flex();
        block_on(export::files(random(&tiny().network, 3, &device), tiny())).unwrap()
    })
}

fn load_with(change: impl Fn(&mut Files)) -> Result<Checker> {
    let mut files = files().clone();
    change(&mut files);
    let manifest = serde_json::to_string(&files.manifest).unwrap();
    let golden = serde_json::to_string(&files.golden).unwrap();
    let opened = block_on(device::open(Backend::Cpu)).unwrap();
    block_on(Checker::load(&manifest, files.weights, &golden, opened))
}

pub(crate) fn checker() -> Checker {
    load_with(|_| ()).unwrap()
}

/// A wave of so many periods.
pub(crate) fn page(periods: f32) -> Page {
    askew(periods, 0.0)
}

/// The same on paper turned clockwise.
fn askew(periods: f32, degrees: f32) -> Page {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let stroke = (0..200)
        .map(|i| {
            let along = i as f32 / 200.0;
            let (x, y) = (400.0 * along, 60.0 * (along * periods * std::f32::consts::TAU).sin());
            Point { x: cos * x - sin * y, y: sin * x + cos * y, t: 0.0, pressure: 0.5 }
        })
        .collect();
    strokes::page(&[stroke]).unwrap()
}

fn blank() -> Page {
    Page::new(300, 200, vec![255; 300 * 200]).unwrap()
}

const POLICY: Policy = Policy { far: Some(0.01), explain: true };

#[test]
fn a_signature_is_checked() {
    let checker = checker();
    let template = block_on(checker.enrol(&[page(3.0), page(3.2), page(2.9)])).unwrap();
    let stored = Template::from_bytes(&template.to_bytes().unwrap()).unwrap();
    assert_eq!(stored, template);
    let verdict = block_on(checker.check(&stored, &page(3.1), &POLICY)).unwrap();
    assert_eq!(verdict.references.len(), 3);
    assert!(!verdict.reasons.is_empty());
    assert!((verdict.score - sigmoid(verdict.llr)).abs() < 1e-12);
    assert_eq!((verdict.far, verdict.backend), (0.01, Backend::Cpu));
    assert_eq!(verdict.model, format!("tiny@{}", checker.manifest().id()));
    let again = block_on(checker.check(&stored, &page(3.1), &POLICY)).unwrap();
    assert_eq!(verdict, again);
    // offset 0, slope 1: the log-odds of each reference are its raw score, and their mean the LLR
    let mean = verdict.references.iter().map(|one| (one.score / (1.0 - one.score)).ln()).sum::<f64>() / 3.0;
    assert!((mean - verdict.llr).abs() < 1e-6, "{mean} {}", verdict.llr);
}

/// A page that lies askew is turned where that makes it more like a reference, and the verdict says so.
#[test]
fn a_page_askew_is_compared_upright() {
    let with = |turning: Option<Turning>| load_with(|files| files.manifest.turning = turning).unwrap();
    let turning = Turning { degrees: 10.0, gain: 0.0, cost: 0.0 };
    let (plain, turns) = (with(None), with(Some(turning)));
    let references = [page(3.0), page(3.2)];
    let mut turned = 0;
    for degrees in [-10.0, 8.0, 12.0] {
        let askew = askew(3.1, degrees);
        let judge = |checker: &Checker| {
            let template = block_on(checker.enrol(&references[..1])).unwrap();
            block_on(checker.check(&template, &askew, &POLICY)).unwrap()
        };
        let (before, after) = (judge(&plain), judge(&turns));
        assert_eq!(before.references[0].turned, 0.0);
        assert!(after.score >= before.score - 1e-6, "{degrees}");
        let by = after.references[0].turned;
        assert!([-10.0, 0.0, 10.0].contains(&by), "{by}");
        assert_eq!(by == 0.0, (after.score - before.score).abs() < 1e-6, "{degrees} {by}");
        turned += usize::from(by != 0.0);
        assert!(after.heatmap.unwrap().values.iter().all(|value| (0.0..=1.0).contains(value)));
    }
    assert!(turned > 0);
    // the references among each other, too
    let agreement = |checker: &Checker| block_on(checker.enrol(&references)).unwrap().agreement;
    assert!(agreement(&turns) >= agreement(&plain) - 1e-4);
}

/// The limit for three is above, then below, what these three are.
#[test]
fn references_of_several_hands_are_no_template() {
    use crate::consistency::{Consistency, Least};
    let enrol = |llr: f64| {
        let checker = load_with(|files| {
            let least = vec![Least { references: 3, llr }];
            files.manifest.calibration.consistency = Some(Consistency { rate: 0.01, least });
        });
        block_on(checker.unwrap().enrol(&[page(3.0), page(5.0), page(2.9)]))
    };
    assert_eq!(enrol(1e3).unwrap_err().code(), "references-disagree");
    assert!(enrol(-1e3).is_ok());
}

/// A pair's place among the scores of all pairs decides which reference is called the odd one.
#[test]
fn the_reference_that_differs_is_named() {
    use crate::consistency::{Consistency, Least};
    let raw = |a: f32, b: f32| {
        let template = block_on(checker().enrol(&[page(a)])).unwrap();
        // offset 0, slope 1
        block_on(checker().check(&template, &page(b), &POLICY)).unwrap().llr
    };
    let periods = [3.0, 3.2, 5.5, 2.9];
    let mean = |one: usize| {
        (0..4).filter(|&other| other != one).map(|other| raw(periods[one], periods[other])).sum::<f64>() / 3.0
    };
    let means = [0, 1, 2, 3].map(mean);
    let odd = (0..4).min_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap();
    let mut sorted = means;
    sorted.sort_by(f64::total_cmp);
    // a limit between the odd one and the next, and none on what is left without it
    let least = vec![Least { references: 4, llr: (sorted[0] + sorted[1]) / 2.0 }];
    let strict = load_with(|files| {
        files.manifest.calibration.consistency = Some(Consistency { rate: 0.01, least: least.clone() });
    });
    let error = block_on(strict.unwrap().enrol(&periods.map(page))).unwrap_err();
    assert_eq!(error, Error::ReferencesDisagree { odd: Some(odd + 1), rate: 0.01 });
}

#[test]
fn the_map_covers_the_frame_and_knows_its_place() {
    let checker = checker();
    let template = block_on(checker.enrol(&[page(3.0), page(5.0)])).unwrap();
    let map = block_on(checker.check(&template, &page(4.0), &POLICY)).unwrap().heatmap.unwrap();
    // the network's stride is 8
    assert_eq!((map.width, map.height, map.values.len()), (6, 3, 18));
    assert_eq!((map.frame.width, map.frame.height, map.frame.density.len()), (48, 24, 48 * 24));
    assert!(map.values.iter().all(|value| (0.0..=1.0).contains(value)));
    // 800 x 240 pixels of ink lie within it, at the frame's aspect
    assert!(
        map.crop.width >= 800.0 && (map.crop.width / map.crop.height - 2.0).abs() < 0.05,
        "{:?}",
        map.crop
    );
    let plain = block_on(checker.check(&template, &page(4.0), &Policy::default())).unwrap();
    assert_eq!(plain.heatmap, None);
}

#[test]
fn stages_show_what_a_check_works_on() {
    let checker = checker();
    let stages = block_on(checker.stages(&page(4.0))).unwrap();
    let template = block_on(checker.enrol(&[page(3.0)])).unwrap();
    let map = block_on(checker.check(&template, &page(4.0), &POLICY)).unwrap().heatmap.unwrap();
    assert_eq!((&stages.frame, stages.crop), (&map.frame, map.crop));

    let (given, shown) = (page(4.0), &stages.page);
    assert_eq!((shown.width, shown.height, &shown.grey), (given.width, given.height, &given.grey));
    assert_eq!((stages.ink.width, stages.ink.height), (given.width, given.height));
    // dark on the page is dense in the ink
    let darkest = (0..given.grey.len()).min_by_key(|&at| given.grey[at]).unwrap();
    assert_eq!((stages.ink.density[darkest], stages.ink.density[0]), (255, 0));

    let features = stages.map.unwrap();
    assert_eq!([features.channels, features.height, features.width], checker.manifest().map);
    let cells = features.width * features.height;
    assert_eq!((features.values.len(), features.energy.len()), (features.channels * cells, cells));
    let squares: f32 = (0..features.channels).map(|c| features.values[c * cells + 7].powi(2)).sum();
    assert!((features.energy[7] - (squares / features.channels as f32).sqrt()).abs() < 1e-5);

    assert_eq!(block_on(checker.stages(&blank())).unwrap_err().code(), "blank-page");
}

#[test]
fn bad_input_has_no_score() {
    let checker = checker();
    let code = |pages: &[Page]| block_on(checker.enrol(pages)).unwrap_err().code();
    assert_eq!(code(&[]), "reference-count");
    assert_eq!(code(&vec![page(2.0); MOST_REFERENCES + 1]), "reference-count");
    let error = block_on(checker.enrol(&[page(2.0), blank()])).unwrap_err();
    assert_eq!(error, Error::Reference { index: 2, source: Box::new(Error::BlankPage) });

    let template = block_on(checker.enrol(&[page(2.0)])).unwrap();
    let check = |template: &Template, page: &Page, far: f64| {
        block_on(checker.check(template, page, &Policy { far: Some(far), explain: false }))
            .unwrap_err()
            .code()
    };
    assert_eq!(check(&template, &blank(), 0.01), "blank-page");
    assert_eq!(check(&template, &page(2.0), 0.0001), "invalid-option");
    assert_eq!(check(&template, &page(2.0), f64::NAN), "invalid-option");
    let other = Template { model: "another".into(), ..template.clone() };
    assert_eq!(check(&other, &page(2.0), 0.01), "template-model");
    let shapeless = Template { map: [1, 1, 1], ..template.clone() };
    assert_eq!(check(&shapeless, &page(2.0), 0.01), "invalid-template");
    let empty = Template { references: Vec::new(), ..template };
    assert_eq!(check(&empty, &page(2.0), 0.01), "reference-count");
}

#[test]
fn what_is_measured_of_a_template_is_no_less_than_nothing() {
    let mut manifest = tiny();
    let encoder =
        CountersignConfig { width: 4, map_channels: 4, embedding: 8, directions: 8, ..Default::default() };
    manifest.network.encoder = EncoderConfig::Countersign(encoder);
    manifest.network.similarity = SimilarityConfig::PairHead { width: 4, direction_weight: 0.5 };
    manifest.embedding = manifest.network.embedding();
    let network = random(&manifest.network, 3, &Device::flex());
    let Files { manifest, weights, golden } = block_on(export::files(network, manifest)).unwrap();
    let [manifest, golden] =
        [serde_json::to_string(&manifest), serde_json::to_string(&golden)].map(Result::unwrap);
    let opened = block_on(device::open(Backend::Cpu)).unwrap();
    let checker = block_on(Checker::load(&manifest, weights, &golden, opened)).unwrap();
    let template = block_on(checker.enrol(&[page(2.0)])).unwrap();
    let check = |at: usize| {
        let mut template = template.clone();
        template.references[0].embedding[at] = -0.5;
        block_on(checker.check(&template, &page(2.0), &POLICY)).map_err(|error| error.code())
    };
    assert!(check(7).is_ok(), "the last that is learned");
    assert_eq!((check(8).unwrap_err(), check(23).unwrap_err()), ("invalid-template", "invalid-template"));
}

#[test]
fn a_device_that_errs_is_refused() {
    let error = load_with(|files| files.golden = files.golden.altered()).unwrap_err();
    assert_eq!(error.code(), "self-test");
    assert!(error.to_string().contains("first call"), "{error}");
}

#[test]
fn files_that_are_no_model() {
    let code = |change: fn(&mut Files)| load_with(change).unwrap_err().code();
    assert_eq!(code(|files| files.weights.truncate(1000)), "weights-hash");
    assert_eq!(code(|files| files.manifest.format = 7), "invalid-manifest");
    assert_eq!(code(|files| files.manifest.map[0] = 5), "invalid-manifest");
}

#[test]
fn a_defect_counts_if_all_references_have_it() {
    let common = |references: &[&[Quality]]| common_defects(references.iter().copied());
    let small: &[Quality] = &[Quality::Shadowed, Quality::TooSmall];
    assert_eq!(common(&[small, &[Quality::TooSmall]]), [Quality::TooSmall]);
    assert_eq!(common(&[small, &[]]), []);
    assert_eq!(common(&[]), []);
    assert_eq!(code(Quality::ClippedAtEdge), "clipped-at-edge");
}
