//! The results as Markdown.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::super::corpus::Set;
use super::super::sampler::Kind;
use super::errors::SetErrors;
use super::{Comparison, Line, Model, Places, Record, Results, Row, by_network};
use crate::error::Result;
use crate::evaluate::bootstrap::Rate;
use crate::files;

/// Writes the file that `places` name.
///
/// # Errors
/// [`Error::File`](crate::Error::File).
pub(super) fn write(places: &Places, comparison: &Comparison, rows: &[Row], results: &Results) -> Result<()> {
    files::replace(&places.table, markdown(&places.config, comparison, rows, results).as_bytes())
}

fn markdown(config: &Path, comparison: &Comparison, rows: &[Row], results: &Results) -> String {
    let done = rows.iter().filter(|row| results.of(row).is_some()).count();
    let sets: Vec<String> = comparison.sets.iter().map(Set::to_string).collect();
    let mut text = format!(
        "# Comparison\n\n`cargo run --release --bin train -- compare --config {} --data DIR` wrote this; {done} of {} \
         trainings are done.\n\n\
         Every network meets every loss with its own optimiser, and every optimiser with its own loss, each time from \
         random weights and with one small fixed budget: this tells what learns fast, not what is best in the end.\n\n\
         - **Data**: training and validation writers of {}; test writers are not read.\n\
         - **EER**: equal error rate in per cent over the pooled pairs of a set; 50 is chance. Validation writers, at \
         most {signatures} genuine signatures and {signatures} skilled forgeries of each, one reference, all pairs. \
         In bold the mean of the seeds, in brackets each, then the 95 % interval by bootstrap over writers, from the \
         lowest end among the seeds to the highest.\n\
         - **Seconds**: time of a training, by the processor and (by the clock); scoring is not counted.\n",
        config.display(),
        rows.len(),
        sets.join(" and "),
        signatures = comparison.signatures,
    );
    for (network, rows) in by_network(comparison, rows) {
        let Some(first) = rows.first() else { continue };
        // writing to a string cannot fail
        let _ = write!(text, "\n## {}\n\n{}", network.name, budget(first));
        let records: Vec<&Record> = rows.iter().filter_map(|row| results.of(row)).collect();
        table(&mut text, &comparison.sets, &rows, results);
        if let Some(scored) = records.iter().find(|record| !record.sets.is_empty()) {
            text += "\n";
            text += &control(&scored.sets);
        }
        for record in records {
            if let Some(error) = &record.error {
                let Record { loss, optimiser, seed, .. } = record;
                let _ = write!(text, "\n{loss}, {optimiser}, seed {seed} has no result: {error}.\n");
            }
        }
    }
    let models = results.lines().iter().filter_map(|line| match line {
        Line::Model(model) => Some(model),
        Line::Row(_) => None,
    });
    let models: Vec<&Model> = models.collect();
    if !models.is_empty() {
        trained(&mut text, &comparison.sets, &models);
    }
    text
}

/// What a row of this network may use.
fn budget(row: &Row) -> String {
    let config = &row.config;
    let kind = match &config.sampler.kind {
        Kind::Writers(kind) => {
            let images = kind.writers * (kind.genuine + kind.forged);
            format!(
                "{} writers x ({} genuine + {} forged) = {images} images",
                kind.writers, kind.genuine, kind.forged
            )
        }
        Kind::Pairs(kind) => format!("{} random pairs", kind.batch),
    };
    format!(
        "{} batches of {kind}, frames of {} x {}.\n",
        config.epochs * config.batches,
        config.input.width,
        config.input.height
    )
}

fn table(text: &mut String, sets: &BTreeSet<Set>, rows: &[&Row], results: &Results) {
    *text += "\n| loss | similarity | optimiser | learning rate |";
    sets.iter().for_each(|set| text.extend([" EER, ", &set.to_string(), " |"]));
    *text += " images | seconds, processor (clock) |\n|---|---|---|---|";
    *text += &"---|".repeat(sets.len());
    *text += "---|---|\n";
    let mut written = BTreeSet::new();
    for row in rows {
        if !written.insert((&row.loss, &row.optimiser)) {
            continue;
        }
        let same = |other: &&&Row| (&other.loss, &other.optimiser) == (&row.loss, &row.optimiser);
        let records: Vec<&Record> = rows.iter().filter(same).filter_map(|row| results.of(row)).collect();
        let Row { loss, optimiser, config, .. } = row;
        let similarity = config.network.similarity.name();
        let rate = config.optimiser.learning_rate;
        let _ = write!(text, "| {loss} | {similarity} | {optimiser} | {rate:e} |");
        for set in sets {
            let _ = write!(text, " {} |", seeds(*set, &records));
        }
        let mean = |value: &dyn Fn(&Record) -> Option<f64>| {
            let values: Vec<f64> = records.iter().filter_map(|record| value(record)).collect();
            match values.len() {
                0 => "-".to_string(),
                count => format!("{:.0}", values.iter().sum::<f64>() / count as f64),
            }
        };
        let images = mean(&|record| Some(record.images as f64));
        let processor = mean(&|record| record.processor_seconds);
        let _ = writeln!(text, " {images} | {processor} ({}) |", mean(&|record| Some(record.seconds)));
    }
}

/// The rates of one set: mean, each seed, interval.
fn seeds(set: Set, records: &[&Record]) -> String {
    let rate = |record: &&Record| one_reference(&record.sets, set).copied();
    let rates: Vec<Rate> = records.iter().filter_map(rate).collect();
    if rates.is_empty() {
        return "-".into();
    }
    let mean = rates.iter().map(|rate| rate.percent).sum::<f64>() / rates.len() as f64;
    let each: Vec<String> = rates.iter().map(|rate| format!("{:.1}", rate.percent)).collect();
    let low = rates.iter().map(|rate| rate.ci95[0]).fold(f64::INFINITY, f64::min);
    let high = rates.iter().map(|rate| rate.ci95[1]).fold(f64::NEG_INFINITY, f64::max);
    format!("**{mean:.1}** ({}), {low:.1} to {high:.1}", each.join(", "))
}

fn one_reference(sets: &[SetErrors], set: Set) -> Option<&Rate> {
    sets.iter().find(|errors| errors.set == set)?.eer.as_ref()
}

/// What was scored, and what one number of the questioned frame alone tells.
fn control(sets: &[SetErrors]) -> String {
    let of = |errors: &SetErrors| {
        let SetErrors { set, writers, genuine_pairs, forged_pairs, random, no_reference, .. } = errors;
        let (forgeries, (cue, auc)) = (if *random { " (random forgeries)" } else { "" }, no_reference);
        format!(
            "{set}{forgeries} {writers} writers, {genuine_pairs} + {forged_pairs} pairs, {auc:.2} ({cue})"
        )
    };
    let sets: Vec<String> = sets.iter().map(of).collect();
    format!(
        "Scored (genuine + forged), and the no-reference control, the AUC of the best single number of the \
         questioned frame alone, where 0.5 is chance: {}.\n",
        sets.join("; ")
    )
}

/// Models that were not trained here.
fn trained(text: &mut String, sets: &BTreeSet<Set>, models: &[&Model]) {
    *text += "\n## Trained models on the same signatures\n\nTrained by `train --config`, scored here; their \
              validation writers also chose their epoch.\n\n| model | trained on | training |";
    sets.iter().for_each(|set| text.extend([" EER, ", &set.to_string(), " |"]));
    *text += "\n|---|---|---|";
    *text += &"---|".repeat(sets.len());
    *text += "\n";
    for Model { name, training, sets: errors, .. } in models {
        let _ = write!(text, "| {name} | {} | {} |", training.sets.join(", "), training.note);
        for set in sets {
            match one_reference(errors, *set) {
                Some(Rate { percent, ci95: [low, high] }) => {
                    let _ = write!(text, " **{percent:.1}**, {low:.1} to {high:.1} |");
                }
                None => *text += " - |",
            }
        }
        *text += "\n";
    }
}
