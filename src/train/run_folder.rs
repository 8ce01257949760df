//! The folder of a run: what was trained on what, the checkpoints, and a lock against a second trainer.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use burn::optim::OptimizerRecord;
use burn::optim::lr_scheduler::LrSchedulerRecord;
use burn::store::ModuleRecord;

use super::config::TrainConfig;
use super::corpus::Corpus;
use crate::error::{Error, Result};
use crate::files;

/// The configuration of a run or of a model, in its folder.
pub const CONFIG: &str = "train.toml";

/// The folder of a run, locked for as long as this value lives.
pub(super) struct RunFolder {
    path: PathBuf,
    /// Epochs that are done: the newest of which every part of the checkpoint can be read.
    pub finished: usize,
    _lock: File,
}

impl RunFolder {
    /// Makes the folder, or checks that what it holds is this run.
    ///
    /// # Errors
    /// [`Error::File`] if the folder cannot be written, if another process trains in it, if it holds a run
    /// that `resume` does not ask for, or one of another configuration, on other data or on another number of devices,
    /// by which steps and so the schedule's rates are counted.
    pub fn open(
        config: &TrainConfig,
        corpus: &Corpus,
        devices: usize,
        path: &Path,
        resume: bool,
    ) -> Result<Self> {
        let checkpoints = path.join("checkpoint");
        std::fs::create_dir_all(&checkpoints).map_err(|error| Error::file(&checkpoints, error))?;
        let lock = lock(&path.join("lock"))?;
        let data = path.join("data.txt");
        let summary = corpus.summary().to_string() + "\n";
        let (settings, count) = (path.join(CONFIG), path.join("devices.txt"));
        let mut finished = 0;
        // written last, so a folder that has it has all
        if settings.exists() {
            if !resume {
                let message =
                    "holds a run already; continue it with --resume, or name another folder with --run";
                return Err(Error::file(path, message));
            }
            let earlier: Result<TrainConfig, _> = toml::from_str(&read(&settings)?);
            if earlier.as_ref() != Ok(config) {
                let message = "is of another configuration; name another folder with --run";
                return Err(Error::file(&settings, message));
            }
            if read(&data)? != summary {
                let message = "the run was started on other data; give the same --data, or name another \
                               folder with --run";
                return Err(Error::file(&data, message));
            }
            // a run of an earlier version did not write it down
            if count.exists() && read(&count)?.trim() != devices.to_string() {
                let message = format!(
                    "the run was started on another number of devices than {devices}, and its rates go by it; give as \
                     many with --devices"
                );
                return Err(Error::file(&count, message));
            }
            remove_scratch(&checkpoints);
            finished = last_checkpoint(&checkpoints);
        } else {
            files::replace(&data, summary.as_bytes())?;
            files::replace(&count, format!("{devices}\n").as_bytes())?;
            files::replace(&settings, config.to_toml()?.as_bytes())?;
        }
        Ok(Self { path: path.into(), finished, _lock: lock })
    }

    /// The weights after `epoch`.
    ///
    /// # Errors
    /// [`Error::File`] if there are none, or they cannot be read.
    pub fn weights(&self, epoch: usize) -> Result<ModuleRecord> {
        let path = part(&self.path.join("checkpoint"), "model", epoch);
        ModuleRecord::load(&path).map_err(|error| Error::file(&path, error))
    }

    /// Epochs of which there are weights.
    pub fn epochs(&self) -> Vec<usize> {
        epochs(&self.path.join("checkpoint"))
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::file(path, error))
}

/// A lock that lasts as long as the value.
///
/// # Errors
/// [`Error::File`] if another process holds it, or the file cannot be made.
pub(super) fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).map_err(|error| Error::file(path, error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Error::file(path, "another process trains in this folder; wait for it, or name another"))
        }
        // a file system without locks must not stand in the way
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn part(directory: &Path, name: &str, epoch: usize) -> PathBuf {
    directory.join(format!("{name}-{epoch}.bpk"))
}

fn epochs(directory: &Path) -> Vec<usize> {
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names.filter_map(|name| name.strip_prefix("model-")?.strip_suffix(".bpk")?.parse().ok()).collect()
}

/// The newest epoch of which every part can be read, 0 if there is none.
fn last_checkpoint(directory: &Path) -> usize {
    let complete = |&epoch: &usize| {
        ModuleRecord::load(part(directory, "model", epoch)).is_ok()
            && OptimizerRecord::load(part(directory, "optim", epoch)).is_ok()
            && LrSchedulerRecord::load(part(directory, "scheduler", epoch)).is_ok()
    };
    epochs(directory).into_iter().filter(complete).max().unwrap_or(0)
}

/// Removes what a killed process was writing.
fn remove_scratch(directory: &Path) {
    for file in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if file.path().extension().is_some_and(|extension| extension == "tmp") {
            // a file that stays does no harm
            let _ = std::fs::remove_file(file.path());
        }
    }
}
