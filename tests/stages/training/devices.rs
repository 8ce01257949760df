//! Devices of other machines, lent by the program on the loopback, and several devices that learn together.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use burn::data::dataloader::DataLoader;
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{BatchDataLoader, FixBatchStrategy};
use burn::data::dataset::InMemDataset;
use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor, TensorData};
use burn_train::renderer::CliMetricsRenderer;
use burn_train::{Learner, SupervisedTraining, TrainStep};
use countersign::train::corpus::Set;
use countersign::train::devices::{Devices, Sharing};
use countersign::train::pairs::{Kind, Pairs};
use countersign::train::sampler::{Batch, Label};
use countersign::train::siamese::Siamese;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::folder;

/// What two devices may differ by, of the largest number. They add up the same products in another order: of the
/// some 10^4 that make up one gradient here, each is rounded by at most 6e-8 of itself.
const TOLERANCE: f32 = 1e-4;

/// `train serve` in a process of its own.
pub struct Lender {
    process: Child,
    /// What `--devices` is given.
    pub device: String,
}

impl Lender {
    pub fn new() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("a process");
        let mut lines = BufReader::new(process.stdout.take().expect("output")).lines();
        let line = lines.next().expect("a line").expect("text");
        let (_, device) = line.split_once("--devices ").expect("an address");
        // a full pipe would stop it
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, device: device.to_string() }
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        self.process.kill().expect("a process to end");
        self.process.wait().expect("an ended process");
    }
}

/// A network with batch normalisation in its encoder and in its head; its loss is a mean over pairs.
fn model(share: f32) -> Siamese {
    let text = super::text(1)
        .replace("[sampler]", "[objective]\nkind = \"logistic\"\ncontrastive_weight = 0.0\n[sampler]");
    of(&text, share)
}

/// The same encoder, whose embeddings are compared: no normalisation over pairs.
fn without_head(share: f32) -> Siamese {
    let text = super::text(1)
        .replace("kind = \"pair-head\"\n        width = 4", "kind = \"euclidean\"")
        .replace("[sampler]", "[objective]\nkind = \"contrastive\"\nmargin = 4.0\n[sampler]");
    of(&text, share)
}

fn of(text: &str, share: f32) -> Siamese {
    let config: countersign::train::config::TrainConfig = toml::from_str(text).expect("a configuration");
    let network = config.network.init(&Device::flex().autodiff()).expect("a network");
    Siamese { network, objective: config.objective, sampler: config.sampler, share }
}

/// The same weights with running statistics of their own, which clones would share.
fn copy(model: &Siamese, share: f32) -> Siamese {
    Siamese { share, ..model.valid().train() }
}

/// Noise as two signatures and two forgeries of each of two writers.
fn batch(seed: u64) -> Batch {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let ink: Vec<f32> = (0..8 * 16 * 32).map(|_| rng.random()).collect();
    let ink = Tensor::from_data(TensorData::new(ink, [8, 1, 16, 32]), &Device::flex());
    let labels = (0..8).map(|row| Label { set: Set::Synthetic, writer: row / 4, genuine: row % 4 < 2 });
    Batch { ink, labels: labels.collect(), pairs: None }
}

/// One pair of each kind.
fn pairs(genuine: [usize; 2], skilled: [usize; 2], random: [usize; 2]) -> Pairs {
    let pairs = [genuine, skilled, random];
    Pairs {
        questioned: pairs.map(|pair| pair[0]).to_vec(),
        reference: pairs.map(|pair| pair[1]).to_vec(),
        kind: vec![Kind::Genuine, Kind::Skilled, Kind::Random],
    }
}

/// Two batches as one.
fn joined(first: &Batch, second: &Batch) -> Batch {
    let count = first.labels.len();
    let [mut pairs, more] = [first, second].map(|batch| batch.pairs.clone().expect("pairs"));
    pairs.questioned.extend(more.questioned.iter().map(|row| row + count));
    pairs.reference.extend(more.reference.iter().map(|row| row + count));
    pairs.kind.extend(more.kind);
    let labels = first.labels.iter().chain(&second.labels).copied().collect();
    Batch { ink: Tensor::cat(vec![first.ink.clone(), second.ink.clone()], 0), labels, pairs: Some(pairs) }
}

struct To;

impl Batcher<Batch, Batch> for To {
    fn batch(&self, mut items: Vec<Batch>, device: &Device) -> Batch {
        let batch = items.pop().expect("a batch");
        Batch { ink: Tensor::from_data(batch.ink.to_data(), device), ..batch }
    }
}

fn loader(batches: Vec<Batch>) -> Arc<dyn DataLoader<Batch>> {
    let strategy = Box::new(FixBatchStrategy::new(1));
    let dataset = Arc::new(InMemDataset::new(batches));
    Arc::new(BatchDataLoader::new(strategy, dataset, Arc::new(To), Device::flex(), None))
}

/// All numbers of a network, its running statistics included.
#[derive(Default)]
struct Numbers(Vec<f32>);

impl ModuleVisitor for Numbers {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.extend(numbers(param.val()));
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("numbers")
}

fn all(model: &Siamese) -> Vec<f32> {
    let mut numbers = Numbers::default();
    model.visit(&mut numbers);
    numbers.0
}

struct Gradients<'a> {
    of: &'a GradientsParams,
    all: Vec<(ParamId, Vec<f32>)>,
}

impl ModuleVisitor for Gradients<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.of.get::<D>(param.id) {
            self.all.push((param.id, numbers(gradient)));
        }
    }
}

/// Loss and gradients of one step.
fn step(model: &Siamese, batch: &Batch, device: &Device) -> (f32, Vec<(ParamId, Vec<f32>)>) {
    let model = copy(model, 1.0).fork(&device.clone().autodiff());
    let batch = To.batch(vec![batch.clone()], &device.clone().autodiff());
    let output = TrainStep::step(&model, batch);
    let mut gradients = Gradients { of: &output.grads, all: Vec::new() };
    model.visit(&mut gradients);
    (output.item.loss.into_scalar(), gradients.all)
}

/// What an epoch on the devices changes in the network: with this optimiser, minus the gradients.
fn trained(model: &Siamese, devices: &Devices, batches: Vec<Batch>) -> Vec<f32> {
    // nothing is written there without checkpoints and logs
    let directory = folder("devices");
    let before = all(&model.valid());
    let valid = loader(batches[..1].to_vec());
    let session = SupervisedTraining::<Siamese>::new(&directory, loader(batches), valid)
        .with_training_strategy(devices.strategy().into())
        .with_application_logger(None)
        .renderer(Box::new(CliMetricsRenderer::new()))
        .num_epochs(1);
    let learner = Learner::new(copy(model, devices.share()), SgdConfig::new().init(), 1.0);
    let ended = session.launch(learner);
    assert!(ended.error.is_none(), "{:?}", ended.error);
    all(&ended.model).iter().zip(before).map(|(after, before)| after - before).collect()
}

/// The largest difference, as a share of the largest number.
fn difference(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    let largest =
        |numbers: &mut dyn Iterator<Item = f32>| numbers.fold(0.0, |most, x: f32| f32::max(most, x.abs()));
    let scale = largest(&mut one.iter().copied());
    assert!(scale > 0.0);
    largest(&mut one.iter().zip(other).map(|(one, other)| one - other)) / scale
}

fn assert_near(one: &[f32], other: &[f32], what: &str) {
    let difference = difference(one, other);
    println!("{what}: {difference:e}");
    assert!(difference < TOLERANCE, "{what}: {difference}");
}

/// On one processor, and where it is built in on a borrowed device beside it.
fn pairs_of_devices(lender: Option<&Lender>) -> Vec<Devices> {
    let mut lists = vec!["cpu,cpu".to_string()];
    if let Some(Lender { device, .. }) = lender {
        lists.extend([format!("cpu,{device}"), format!("{device},cpu"), format!("{device},{device}")]);
    }
    lists.iter().map(|list| Devices::open(list, Sharing::Multi).expect("devices")).collect()
}

fn lender() -> Option<Lender> {
    cfg!(feature = "remote").then(Lender::new)
}

#[test]
fn two_devices_learn_what_one_does_from_the_joint_batch() {
    // the same images, so that the encoder's batch normalisation sees the same statistics, and other pairs; that of a
    // pair head would see others
    let first = Batch { pairs: Some(pairs([0, 1], [2, 0], [5, 1])), ..batch(1) };
    let second = Batch { pairs: Some(pairs([4, 5], [6, 5], [1, 4])), ..batch(1) };
    let joint = joined(&first, &second);
    let model = without_head(1.0);
    let one = trained(&model, &Device::flex().into(), vec![joint.clone()]);
    assert!(difference(&trained(&model, &Device::flex().into(), vec![first.clone()]), &one) > 0.01);
    let lender = lender();
    for devices in pairs_of_devices(lender.as_ref()) {
        let two = trained(&model, &devices, vec![first.clone(), second.clone()]);
        assert_near(&one, &two, &format!("{devices:?}"));
    }
    let loss = |batch| step(&model, batch, &Device::flex()).0;
    let mean = (loss(&first) + loss(&second)) / 2.0;
    assert!((mean - loss(&joint)).abs() < TOLERANCE, "{mean} {}", loss(&joint));
}

#[test]
fn each_device_normalises_its_own_batch_and_the_running_statistics_are_their_mean() {
    let batches =
        [batch(1), batch(2)].map(|batch| Batch { pairs: Some(pairs([0, 1], [2, 0], [5, 1])), ..batch });
    let model = model(1.0);
    let alone = batches.clone().map(|batch| trained(&model, &Device::flex().into(), vec![batch]));
    let mean: Vec<f32> = alone[0].iter().zip(&alone[1]).map(|(one, other)| (one + other) / 2.0).collect();
    let lender = lender();
    for devices in pairs_of_devices(lender.as_ref()) {
        assert_near(&mean, &trained(&model, &devices, batches.to_vec()), &format!("{devices:?}"));
    }
    // not what one device makes of all images together
    let joint = trained(&model, &Device::flex().into(), vec![joined(&batches[0], &batches[1])]);
    assert!(difference(&mean, &joint) > TOLERANCE);
}

#[cfg(feature = "remote")]
#[test]
fn a_borrowed_device_takes_the_same_step() {
    let lender = Lender::new();
    let devices = Devices::open(&lender.device, Sharing::Multi).expect("a device");
    let (model, batch) = (model(1.0), batch(3));
    let (loss, gradients) = step(&model, &batch, &Device::flex());
    let (borrowed_loss, borrowed) = step(&model, &batch, devices.main());
    println!("losses {loss} and {borrowed_loss}");
    assert!((loss - borrowed_loss).abs() < TOLERANCE * loss);
    let flat = |gradients: &[(ParamId, Vec<f32>)]| {
        gradients.iter().flat_map(|(_, numbers)| numbers.clone()).collect::<Vec<_>>()
    };
    assert!(gradients.iter().map(|(id, _)| id).eq(borrowed.iter().map(|(id, _)| id)));
    assert_near(&flat(&gradients), &flat(&borrowed), "gradients");
}

#[cfg(feature = "remote")]
#[test]
fn a_run_whose_lender_goes_away_ends_with_an_error_and_goes_on_elsewhere() {
    use super::program::{events, program, workplace};
    use super::remove;

    for list in ["cpu,LENT", "LENT"] {
        let folder = workplace("lent");
        let lender = Lender::new();
        let mut command = program(&folder, "run", &["epochs=40"]);
        command.args(["--devices", &list.replace("LENT", &lender.device)]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process");
        let mut lines =
            BufReader::new(process.stdout.take().expect("output")).lines().map(|line| line.expect("text"));
        assert!(
            lines.any(|line| line.starts_with("{\"event\":\"epoch\",\"epoch\":2,")),
            "{list}: a second epoch"
        );
        drop(lender);
        let last = lines.last().expect("an error");
        let error: serde_json::Value = serde_json::from_str(&last).expect("JSON");
        assert_eq!(
            (&error["event"], &error["code"]),
            (&"error".into(), &"training".into()),
            "{list}: {error}"
        );
        assert!(error["message"].as_str().expect("a message").contains("--resume"), "{list}: {error}");
        assert!(!process.wait().expect("an ended process").success());

        let mut command = program(&folder, "run", &["epochs=40"]);
        // as many, for the learning rate goes by steps
        command.args(["--resume", "--devices", &list.replace("LENT", "cpu")]);
        let resumed = command.output().expect("a run");
        assert!(resumed.status.success(), "{list}: {}", String::from_utf8_lossy(&resumed.stderr));
        let told = events(&resumed.stdout);
        assert!(told[0]["epoch"].as_u64().expect("a number") > 1, "{list}: it goes on from a checkpoint");
        assert_eq!(told.last().expect("a model")["event"], "model");
        remove(&folder);
    }
}
