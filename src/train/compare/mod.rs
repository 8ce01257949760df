//! `train compare`: networks, losses and optimisers with one small fixed budget each, on the same signatures.
//!
//! ```text
//! plan     a TOML file -> rows: each network with every loss, and with every optimiser; one row a seed
//! data     frames of the size that a network takes
//! row      a row -> trained, scored on the validation writers
//! results  what is finished, a line of JSON a row: a comparison goes on where it was stopped
//! table    results -> Markdown
//! ```

mod data;
mod errors;
mod plan;
mod results;
mod row;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_train::Interrupter;

use super::run_folder;
use crate::error::{Error, Result};
use crate::export;
use crate::manifest::Manifest;
use data::Data;
pub use errors::SetErrors;
pub use plan::{Choice, Comparison, Contender, Row};
pub use results::{Line, Model, Record, Results};

/// Where a comparison gets its signatures and leaves its results.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The file that says what is compared: the table names it.
    pub config: PathBuf,
    /// Folders of signatures, or packs: one for each size of frames. Empty for synthetic signatures.
    pub data: Vec<PathBuf>,
    /// Keeps `results.jsonl`.
    pub run: PathBuf,
    /// Trained models to score on the same signatures.
    pub models: Vec<PathBuf>,
    /// The Markdown file, written anew after every row.
    pub table: PathBuf,
}

/// Trains and scores the rows that are not finished yet. Returns whether all are, that is, `false` after an
/// interruption. `tell` gets a line for every row.
///
/// # Errors
/// [`Error::File`] if a file cannot be read or written, or the results are of other settings or data; those of
/// reading signatures and of scoring. A row that cannot be trained is a result, not an error.
pub fn run(
    comparison: &Comparison,
    rows: &[Row],
    places: &Places,
    device: &Device,
    interrupter: &Interrupter,
    tell: &dyn Fn(&str),
) -> Result<bool> {
    std::fs::create_dir_all(&places.run).map_err(|error| Error::file(&places.run, error))?;
    let _lock = run_folder::lock(&places.run.join("lock"))?;
    let mut results = Results::open(&places.run)?;
    let mut data = Data::new(&places.data, comparison);
    let models = places.models.iter().map(|folder| Ok((folder, export::open(folder, device)?)));
    let models: Vec<_> = models.collect::<Result<_>>()?;

    let total = rows.len() + models.len();
    let write = |results: &Results| table::write(places, comparison, rows, results);
    for (done, (folder, (manifest, network))) in models.iter().enumerate() {
        let signatures = data.get(manifest.input, None)?;
        let of = model_hash(manifest, &signatures.identity)?;
        if interrupter.should_stop() {
            return Ok(false);
        }
        if !results.lines().iter().any(|line| matches!(line, Line::Model(model) if model.of == of)) {
            let sets = row::score(network, manifest.turning, &signatures.validation, manifest.input, device)?;
            let model = Model { name: manifest.name.clone(), of, training: manifest.training.clone(), sets };
            tell(&format!("[{}/{total}] {}: {}", done + 1, folder.display(), results::rates(&model.sets)));
            results.push(Line::Model(model))?;
        }
        write(&results)?;
    }
    drop(models);

    for (done, row) in rows.iter().enumerate() {
        let signatures = data.get(row.config.input, Some(&row.config))?;
        let of = plan::hash(&[&row.config.to_toml()?, &signatures.identity]);
        match results.of(row) {
            Some(record) if record.of == of => continue,
            Some(_) => {
                let message = "has a row of other settings or data; name another folder with --run";
                return Err(Error::file(places.run.join(results::FILE), format!("{message} ({row})")));
            }
            None => {}
        }
        tell(&format!("[{}/{total}] {row}", places.models.len() + done + 1));
        let Some(record) = row::run(row, of, &signatures, device, interrupter)? else { return Ok(false) };
        tell(&format!("  {record}"));
        results.push(Line::Row(record))?;
        write(&results)?;
    }
    write(&results)?;
    Ok(true)
}

/// Tells whether two results are of the same weights and data, and of the same turning, which changes scores, too.
fn model_hash(manifest: &Manifest, identity: &str) -> Result<String> {
    let mut parts = vec![manifest.weights.sha256.as_str(), identity];
    let wrong = |error: serde_json::Error| Error::InvalidManifest(error.to_string());
    let turning = manifest.turning.as_ref().map(serde_json::to_string).transpose().map_err(wrong)?;
    parts.extend(turning.as_deref());
    Ok(plan::hash(&parts))
}

/// A comparison whose rows are all valid: everything that can be wrong with the file shows before the first row.
///
/// # Errors
/// Those of [`Comparison::read`] and [`Comparison::rows`].
pub fn read(path: &Path) -> Result<(Comparison, Vec<Row>)> {
    let comparison = Comparison::read(path)?;
    let rows = comparison.rows(path.parent().unwrap_or(Path::new("")))?;
    Ok((comparison, rows))
}

/// Rows by network, in the order of the file.
fn by_network<'a>(comparison: &'a Comparison, rows: &'a [Row]) -> Vec<(&'a Contender, Vec<&'a Row>)> {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| groups.entry(&row.network).or_default().push(row));
    let of = |network: &'a Contender| (network, groups.remove(network.name.as_str()).unwrap_or_default());
    comparison.networks.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
