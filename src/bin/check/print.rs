//! What is printed of a verdict.

use std::process::ExitCode;

use countersign::submission::Outcome;
use countersign::verdict::{ReferenceScore, Subject, Verdict, percent};
use countersign::{Error, Result};

use super::status;

/// What a submitted value turned out to be.
pub fn report(outcome: &Outcome, json: bool) -> Result<ExitCode> {
    if json {
        json_of(outcome)?;
    }
    match outcome {
        Outcome::Unchecked { name } => {
            if !json {
                println!("unchecked: {name:?} was typed instead of a signature");
            }
            Ok(ExitCode::from(4))
        }
        Outcome::Checked { verdict, browser, .. } => {
            if !json {
                words(verdict);
                println!("  browser    {browser}");
            }
            Ok(status(verdict.decision))
        }
    }
}

pub fn json_of(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::file("standard output", error))?;
    println!("{text}");
    Ok(())
}

fn alone(reference: &ReferenceScore) -> String {
    let ReferenceScore { score, turned } = reference;
    if *turned == 0.0 { format!("{score:.3}") } else { format!("{score:.3} (turned by {turned:+} degrees)") }
}

pub fn words(verdict: &Verdict) {
    let share = percent(verdict.far);
    println!("{} (at {share} % false acceptances of skilled forgeries)", verdict.decision);
    println!("  score      {:.3}, log-likelihood ratio {:+.2}", verdict.score, verdict.llr);
    let each: Vec<String> = verdict.references.iter().map(alone).collect();
    println!("  references {}", each.join(", "));
    for reason in &verdict.reasons {
        println!("  because    {}", reason.message);
    }
    for remark in &verdict.quality {
        match remark.of {
            Subject::Questioned => println!("  note       questioned: {}", remark.message),
            Subject::Reference => println!("  note       reference {}: {}", remark.number, remark.message),
        }
    }
    println!("  model      {} on {}", verdict.model, verdict.backend);
}
