//! Speed of training a network: images and processor seconds, one JSON line for each part.
//!
//! `cargo bench --bench training -- --threads 2`; `benches/training.py` sets it beside PyTorch. The encoder
//! alone is trained on the sum of what comes out of it; the whole step is that of a training run, from
//! frames in memory to the optimiser. Images are noise: what they show has no influence on the time.

use std::path::PathBuf;
use std::time::Instant;

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Distribution, Tensor};
use burn_train::TrainStep;
use clap::Parser;
use countersign::train::config::TrainConfig;
use countersign::train::corpus::Set;
use countersign::train::devices::{Devices, Sharing};
use countersign::train::pairs::{self, Pairs};
use countersign::train::processor_time::processor_seconds;
use countersign::train::sampler::{Batch, Kind, Label};
use countersign::train::siamese::Siamese;
use serde_json::json;

/// The one of the trainer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    /// Threads that compute [default: one a core]
    #[arg(long)]
    threads: Option<usize>,
    /// Steps that are timed
    #[arg(long, default_value_t = 8)]
    steps: usize,
    /// Steps before those
    #[arg(long, default_value_t = 3)]
    warm_up: usize,
    /// Only this part: encoder or step
    #[arg(long)]
    only: Option<String>,
    /// The run whose network, batch and pairs are taken
    #[arg(long, default_value = "configs/coarse.toml")]
    config: PathBuf,
    /// Where to compute: cpu, wgpu[:N] or cuda[:N]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// What `cargo bench` passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.unwrap_or(0)).build_global()?;
    let config = TrainConfig::read(&arguments.config)?;
    let device = Devices::open(&arguments.device, Sharing::default())?.main().clone().autodiff();
    device.seed(config.seed);
    let batch = batch(&config, &device)?;
    let model = Siamese {
        network: config.network.init(&device)?,
        objective: config.objective.clone(),
        sampler: config.sampler.clone(),
        share: 1.0,
    };
    let mut optimiser = config.optimiser.init();
    let parameters = model.num_params();
    let wanted = |part: &str| arguments.only.as_deref().is_none_or(|only| only == part);
    let rate = config.optimiser.learning_rate;
    if wanted("encoder") {
        let step = |model: Siamese, optimiser: &mut ModuleOptimizer| {
            let features = model.network.encode(batch.ink.clone());
            let gradients = (features.embedding.sum() + features.map.sum()).backward();
            let gradients = GradientsParams::from_grads(gradients, &model);
            optimiser.step(rate, model, gradients)
        };
        report("encoder", &arguments, &batch, parameters, model.clone(), &mut optimiser, step)?;
    }
    if wanted("step") {
        let step = |model: Siamese, optimiser: &mut ModuleOptimizer| {
            let output = TrainStep::step(&model, batch.clone());
            optimiser.step(rate, model, output.grads)
        };
        report("step", &arguments, &batch, parameters, model, &mut optimiser, step)?;
    }
    Ok(())
}

/// Noise with the labels of a training batch: writers as they are drawn, or pairs, half of them genuine.
fn batch(config: &TrainConfig, device: &Device) -> Result<Batch, Box<dyn std::error::Error>> {
    let label = |writer, genuine| Label { set: Set::Synthetic, writer, genuine };
    let (labels, pairs) = match &config.sampler.kind {
        Kind::Writers(drawn) => {
            let each = [(true, drawn.genuine), (false, drawn.forged)];
            let of = |writer| {
                each.into_iter().flat_map(move |(own, count)| std::iter::repeat_n(label(writer, own), count))
            };
            ((0..drawn.writers).flat_map(of).collect(), None)
        }
        Kind::Pairs(drawn) => {
            let labels: Vec<Label> =
                (0..drawn.batch).flat_map(|pair| [label(pair, true), label(pair, pair % 2 == 0)]).collect();
            let kind = |pair| if pair % 2 == 0 { pairs::Kind::Genuine } else { pairs::Kind::Skilled };
            let pairs = Pairs {
                questioned: (0..drawn.batch).map(|pair| 2 * pair + 1).collect(),
                reference: (0..drawn.batch).map(|pair| 2 * pair).collect(),
                kind: (0..drawn.batch).map(kind).collect(),
            };
            (labels, Some(pairs))
        }
    };
    let shape = [labels.len(), 1, config.input.height as usize, config.input.width as usize];
    Ok(Batch { ink: Tensor::random(shape, Distribution::Default, device), labels, pairs })
}

/// Times `step` and prints what it took.
fn report(
    part: &str,
    arguments: &Arguments,
    batch: &Batch,
    parameters: usize,
    mut model: Siamese,
    optimiser: &mut ModuleOptimizer,
    step: impl Fn(Siamese, &mut ModuleOptimizer) -> Siamese,
) -> Result<(), Box<dyn std::error::Error>> {
    let device = batch.ink.device();
    for _ in 0..arguments.warm_up {
        model = step(model, optimiser);
    }
    // a GPU is behind what it was asked for
    device.sync()?;
    let (start, processor) = (Instant::now(), processor_seconds());
    for _ in 0..arguments.steps {
        model = step(model, optimiser);
    }
    device.sync()?;
    let images = (batch.labels.len() * arguments.steps) as f64;
    let line = json!({
        "part": part,
        "device": arguments.device,
        "threads": rayon::current_num_threads(),
        "parameters": parameters,
        "images_per_second": images / start.elapsed().as_secs_f64(),
        "processor_ms_per_image": processor_seconds().zip(processor).map(|(end, start)| (end - start) * 1e3 / images),
    });
    println!("{line}");
    Ok(())
}
