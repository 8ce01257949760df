//! `evaluate --pairs FILE.csv`: a list of pairs.

use std::path::{Path, PathBuf};

use countersign::device::Backend;
use countersign::evaluate::pairs::List;
use countersign::train::progress::counter;
use countersign::verdict::Policy;
use countersign::{Error, Result, export};

// the groups of all three would have one name
#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// CSV file of pairs to score: columns references (paths separated by ;), questioned and, where they are known,
    /// label (genuine, forged, 1 or 0) and writer; paths are relative to it
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pairs: Option<PathBuf>,
    /// Share of skilled forgeries that a decision may accept [default: 0.01, or the nearest that the model covers]
    #[arg(long, requires = "pairs")]
    far: Option<f64>,
}

impl Arguments {
    pub fn list(&self) -> Option<&Path> {
        self.pairs.as_deref()
    }

    pub fn run(&self, model: &Path, path: &Path, out: Option<&Path>) -> Result<()> {
        let list = List::read(path)?;
        let checker = pollster::block_on(export::checker(model, Backend::Cpu))?;
        let out = out.map_or_else(|| path.with_extension("report"), Path::to_owned);
        std::fs::create_dir_all(&out).map_err(|error| Error::file(&out, error))?;
        let policy = Policy { far: self.far, explain: false };
        let metrics = out.join("metrics.json");
        list.check_out(&metrics)?;
        let summary = list.score(&checker, &policy, &out.join("scores.csv"), counter("scoring pairs"))?;
        let json = serde_json::to_string_pretty(&summary).map_err(|error| Error::file(&metrics, error))?;
        std::fs::write(&metrics, json + "\n").map_err(|error| Error::file(&metrics, error))?;
        println!("{summary}");
        eprintln!("scores and metrics are in {}", out.display());
        Ok(())
    }
}
