//! `evaluate --data DIR`: the report of a model.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use countersign::evaluate::report::{self, Table, Writers};
use countersign::ink::FrameSize;
use countersign::train::corpus::Corpus;
use countersign::train::progress::counter;
use countersign::{Error, Result, export};

// the groups of all three would have one name
#[derive(clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// Folder of signatures (a wrong one is told the known layouts) or a pack; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Which writers; test writers are for the final report alone. Sets that were left out of training: development,
    /// which is training and validation writers together. Data of your own that the model never saw: all
    #[arg(long, value_enum, default_value = "test", conflicts_with = "pairs")]
    writers: Chosen,
    /// Folder of a model that was trained without one of the sets, to measure on that set; once for each
    #[arg(long, value_name = "MODEL", conflicts_with = "pairs")]
    left_out: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Chosen {
    Validation,
    Test,
    Development,
    All,
}

impl Chosen {
    /// Which they are, and a name for them.
    pub fn part(self) -> (Writers, &'static str) {
        match self {
            Self::Validation => (Writers::Validation, "validation"),
            Self::Test => (Writers::Test, "test"),
            Self::Development => (Writers::Development, "development"),
            Self::All => (Writers::All, "all"),
        }
    }
}

impl Arguments {
    pub fn run(&self, model: &Path, out: Option<&Path>) -> Result<()> {
        let (writers, part) = self.writers.part();
        let folder = match self.writers {
            Chosen::Test => "report".to_owned(),
            Chosen::Validation | Chosen::Development | Chosen::All => format!("report-{part}"),
        };
        let read = |size: FrameSize| {
            report::corpus(self.data.as_deref(), writers, size, counter("reading signatures"))
        };
        let size = export::manifest(model)?.input;
        let corpus = read(size)?;
        eprint!("{}", corpus.remarks());
        // models of the other sets are smaller as a rule, and take smaller frames
        let mut smaller: Vec<(FrameSize, Corpus)> = Vec::new();
        for path in &self.left_out {
            let size_of_it = export::manifest(path)?.input;
            if size_of_it != size && smaller.iter().all(|(known, _)| *known != size_of_it) {
                smaller.push((size_of_it, read(size_of_it)?));
            }
        }
        let left_out = self.left_out.iter().map(|path| {
            let size = export::manifest(path)?.input;
            let own = smaller.iter().find(|(known, _)| *known == size).map_or(&corpus, |(_, corpus)| corpus);
            Ok((path.as_path(), own))
        });
        let left_out = left_out.collect::<Result<Vec<_>>>()?;
        // a place that cannot be used is found before the work, and what comes of it is told before it is written
        let out = out.map_or_else(|| model.join(folder), Path::to_owned);
        std::fs::create_dir_all(&out).map_err(|error| Error::file(&out, error))?;
        let report = report::measure(model, &corpus, writers, &left_out)?;
        print!("{}", Table::of_report(&report));
        report::write(&report, &out)?;
        eprintln!("the report is {}", out.join("index.html").display());
        Ok(())
    }
}
