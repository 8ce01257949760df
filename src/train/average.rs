//! The mean of the weights of several models of one network.
//!
//! Trainings that start from the same weights and differ in their seed end in one valley of the loss; the mean of
//! their weights lies deeper in it than each of them and costs no more to run ("model soups", Wortsman et al. 2022,
//! arXiv 2203.05482). Several cores or machines can so work on one model without exchanging a gradient.

use std::collections::BTreeSet;
use std::path::PathBuf;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::export;
use crate::manifest::Manifest;
use crate::model::Network;
use crate::train::release::{licence, shortened};

/// The network whose every parameter, running statistics of normalisations too, is the mean of those of the
/// models in `folders`, with the first model's manifest, which names the others' sets and the terms of all as well.
/// Fusion and calibration in it are the first model's: fit them anew.
///
/// # Errors
/// [`Error::InvalidConfig`] for fewer than two models, or if their networks or frames differ; those of
/// [`export::open`].
pub fn average(folders: &[PathBuf], device: &Device) -> Result<(Manifest, Network)> {
    let [first, others @ ..] = folders else { return Err(too_few()) };
    if others.is_empty() {
        return Err(too_few());
    }
    let (mut manifest, network) = export::open(first, device)?;
    let mut sum = parameters(&network)?;
    let mut sets: BTreeSet<String> = manifest.training.sets.iter().cloned().collect();
    let mut notes = vec![manifest.training.note.clone()];
    for folder in others {
        let (other, network) = export::open(folder, device)?;
        if (&other.network, other.input) != (&manifest.network, manifest.input) {
            return Err(Error::InvalidConfig(format!(
                "the models in {} and {} have not the same network and frames; only such can be averaged",
                first.display(),
                folder.display()
            )));
        }
        for (sum, values) in sum.iter_mut().zip(parameters(&network)?) {
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        manifest.training.writers = manifest.training.writers.max(other.training.writers);
        sets.extend(other.training.sets);
        notes.push(other.training.note);
    }
    let count = folders.len() as f32;
    sum.iter_mut().flatten().for_each(|value| *value /= count);
    manifest.licence = licence(&sets).into();
    manifest.training.sets = sets.into_iter().collect();
    manifest.training.note = shortened(format!("mean of {} models: {}", folders.len(), notes.join(" | ")));
    Ok((manifest, network.map(&mut Fill { values: sum.into_iter() })))
}

fn too_few() -> Error {
    Error::InvalidConfig("name two models or more to average".into())
}

/// The values of all parameters, in the order in which a network is visited.
fn parameters(network: &Network) -> Result<Vec<Vec<f32>>> {
    let mut read = Read { values: Vec::new(), error: None };
    network.visit(&mut read);
    match read.error {
        Some(error) => Err(error),
        None => Ok(read.values),
    }
}

struct Read {
    values: Vec<Vec<f32>>,
    error: Option<Error>,
}

impl ModuleVisitor for Read {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        match param.val().into_data().try_to_vec() {
            Ok(values) => self.values.push(values),
            Err(error) => self.error = Some(Error::WeightsShape(format!("{error:?}"))),
        }
    }
}

/// Gives each parameter its values.
struct Fill {
    values: std::vec::IntoIter<Vec<f32>>,
}

impl ModuleMapper for Fill {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(values) = self.values.next() else { return param };
        param.map(|tensor| Tensor::from_data(TensorData::new(values, tensor.shape()), &tensor.device()))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::files;

    fn tiny() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny"))
    }

    /// A copy of the small model with every parameter times `factor`.
    fn scaled(name: &str, factor: f32) -> PathBuf {
        struct Scale(f32);
        impl ModuleMapper for Scale {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                param.map(|tensor| tensor.mul_scalar(self.0))
            }
        }
        let folder = std::env::temp_dir().join(format!("countersign-{}-{name}", std::process::id()));
        let (manifest, network) = export::open(&tiny(), &Device::flex()).unwrap();
        pollster::block_on(export::save(network.map(&mut Scale(factor)), manifest, &folder)).unwrap();
        folder
    }

    #[test]
    fn a_half_and_one_and_a_half_make_one() {
        let folders = [scaled("average-half", 0.5), scaled("average-more", 1.5)];
        let device = Device::flex();
        let (manifest, network) = average(&folders, &device).unwrap();
        let (before, expected) = export::open(&tiny(), &device).unwrap();
        assert_eq!(manifest.network, before.network);
        assert!(manifest.training.note.starts_with("mean of 2 models"), "{}", manifest.training.note);
        let ink = Tensor::random([2, 1, 32, 64], Distribution::Default, &device);
        let (got, expected) = (network.encode(ink.clone()), expected.encode(ink));
        // through half precision twice
        let near = Tolerance::<f32>::rel_abs(2e-2, 2e-3);
        got.embedding.into_data().assert_approx_eq::<f32>(&expected.embedding.into_data(), near);
        folders.iter().for_each(|folder| std::fs::remove_dir_all(folder).unwrap());
    }

    #[test]
    fn the_terms_of_all_sets_apply() {
        let device = Device::flex();
        let folders = [scaled("average-free", 1.0), scaled("average-research", 1.0)];
        let free = "MIT OR Apache-2.0";
        let licence = || average(&folders, &device).unwrap().0.licence;
        assert_eq!(licence(), free);
        let mut manifest = export::manifest(&folders[1]).unwrap();
        assert_eq!(manifest.licence, free);
        manifest.training.sets = vec!["hindi".into()];
        manifest.training.note = "n".repeat(3990);
        export::save_manifest(&manifest, &folders[1]).unwrap();
        assert!(licence().starts_with("research use only"), "{}", licence());
        let (manifest, _) = average(&folders, &device).unwrap();
        assert_eq!((manifest.check(), manifest.training.sets), (Ok(()), vec!["hindi".to_string()]));
        folders.iter().for_each(|folder| std::fs::remove_dir_all(folder).unwrap());
    }

    #[test]
    fn one_model_or_models_of_different_frames_are_refused() {
        let device = Device::flex();
        for few in [vec![], vec![tiny()]] {
            assert_eq!(average(&few, &device).unwrap_err().code(), "invalid-config");
        }
        let folder = scaled("average-frames", 1.0);
        let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
        let (mut other, _) = export::open(&folder, &device).unwrap();
        other.input.width *= 2;
        other.map = other.network.map_shape(other.input);
        let changed = serde_json::to_string(&other).unwrap();
        assert_ne!(manifest, changed);
        files::replace(&folder.join("manifest.json"), changed.as_bytes()).unwrap();
        let error = average(&[tiny(), folder.clone()], &device).unwrap_err().to_string();
        assert!(error.contains("not the same network and frames"), "{error}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
