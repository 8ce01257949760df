//! What a search has found: `results.json`, `results.md`, `search.svg` and `best.toml` in its folder.

use std::fmt::Write;
use std::path::Path;

use super::{Search, State, Trial, plot};
use crate::error::{Error, Result};
use crate::files;

/// The trials, best first; those without a rate come last.
pub fn ranked(trials: &[Trial]) -> Vec<&Trial> {
    let mut ranked: Vec<&Trial> = trials.iter().collect();
    let rate = |trial: &Trial| trial.objective.unwrap_or(f64::INFINITY);
    // stable: of equal trials the earlier one is first
    ranked.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
    ranked
}

/// The name of the configuration that a search finds.
pub(super) fn best_name(search: &str) -> String {
    format!("{search}-best")
}

/// Writes the four files.
///
/// # Errors
/// [`Error::File`] if one cannot be written; the earlier ones of that name are then still whole.
pub(super) fn write(search: &Search, trials: &[Trial], folder: &Path) -> Result<()> {
    let ranked = ranked(trials);
    let json = serde_json::to_string_pretty(&ranked).map_err(|error| Error::file(folder, error))?;
    files::replace(&folder.join("results.json"), json.as_bytes())?;
    files::replace(&folder.join("results.md"), markdown(search, trials).as_bytes())?;
    files::replace(&folder.join("search.svg"), plot::svg(search, trials)?.as_bytes())?;
    if let Some((best, rate)) = ranked.first().and_then(|best| Some((best, best.objective?))) {
        let mut config = search.configured(&best.settings, false)?;
        config.name = best_name(&search.name);
        let text = format!(
            "# Found by the search {}: trial {} of {}, equal error rate {rate:.2} % of the validation writers in epoch \
             {} of its short run.\n# Changed by the search: {}\n\n{}",
            search.name,
            best.number,
            trials.len(),
            best.epoch.unwrap_or_default(),
            best.settings.join(", "),
            config.to_toml()?
        );
        files::replace(&folder.join("best.toml"), text.as_bytes())?;
    }
    Ok(())
}

/// The ranked table.
pub fn markdown(search: &Search, trials: &[Trial]) -> String {
    let mut text = "| rank | trial | EER % | epoch |".to_string();
    search.space.0.keys().for_each(|path| text.extend([" ", path, " |"]));
    text += " epochs | seconds | |\n|---|---|---|---|";
    text += &"---|".repeat(search.space.0.len() + 3);
    text += "\n";
    for (trial, rank) in ranked(trials).into_iter().zip(1..) {
        let Trial { number, settings, state, objective, epoch, rates, seconds, error, .. } = trial;
        let rate = objective.map_or_else(|| "-".to_string(), |rate| format!("{rate:.2}"));
        let epoch = epoch.map_or_else(|| "-".to_string(), |epoch| epoch.to_string());
        // writing to a string cannot fail
        let _ = write!(text, "| {rank} | {number} | {rate} | {epoch} |");
        for setting in settings {
            let value = setting.split_once('=').map_or(setting.as_str(), |(_, value)| value);
            let _ = write!(text, " {} |", value.replace('|', "\\|"));
        }
        let note = match (state, error) {
            (State::Failed, Some(error)) => error.replace(['\n', '|'], " "),
            (State::Pruned, _) => "pruned".into(),
            _ => String::new(),
        };
        let _ = writeln!(text, " {} | {seconds:.0} | {note} |", rates.len());
    }
    text
}
