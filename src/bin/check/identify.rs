//! `check --gallery DIR --questioned X`: whose is it?

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use countersign::checker::Checker;
use countersign::gallery::Gallery;
use countersign::identify::{Candidate, Identification, Search};
use countersign::ink::Page;
use countersign::verdict::percent;
use countersign::{Error, Result};
use serde::Serialize;

use super::print::json_of;

// clap would give the group the name of the other arguments
#[derive(Args)]
#[group(skip)]
pub struct Arguments {
    /// Folder of people in place of references: a folder of images for each (PERSON/* or PERSON/genuine/*), or
    /// PERSON.template
    #[arg(long, value_name = "DIR")]
    gallery: Option<PathBuf>,
    /// How many people to name, the likeliest first
    #[arg(long, requires = "gallery", default_value_t = 5)]
    top: usize,
    /// The writer may be none of them: share of searches for such writers that may name somebody, 0 to 0.5
    #[arg(long, requires = "gallery")]
    fpir: Option<f64>,
    /// How many people, the nearest by their embeddings, are compared in full; as many as --top at least
    #[arg(long, requires = "gallery", default_value_t = 200, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    shortlist: usize,
    /// Folder to keep the people's templates in, for later calls to take as the gallery
    #[arg(long, requires = "gallery", value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    /// The name of each candidate.
    names: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    none_of_these: Option<bool>,
    /// Who could not be enrolled and was not among those to choose from, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    #[serde(flatten)]
    found: &'a Identification,
}

impl Arguments {
    pub fn is_given(&self) -> bool {
        self.gallery.is_some()
    }

    /// The exit status: 1 if the writer is none of the people.
    pub async fn run(
        &self,
        checker: &Checker,
        questioned: &Page,
        far: Option<f64>,
        json: bool,
    ) -> Result<ExitCode> {
        let Some(directory) = &self.gallery else { return Ok(ExitCode::SUCCESS) };
        let search = Search { top: Some(self.top), fpir: self.fpir, far };
        // how many people there are turns out later
        checker.check_search(&search, 2)?;
        if self.keep.as_ref().is_some_and(|keep| lies_within(keep, directory)) {
            let message =
                "--keep lies in the gallery's folder, whose folders are people; name one outside of it";
            return Err(Error::InvalidOption(message.into()));
        }
        if let Some(keep) = &self.keep {
            Gallery::check_keep(directory, keep)?;
        }
        let gallery = Gallery::open(directory, checker, progress).await?;
        let left_out: Vec<String> = gallery.refused().iter().map(ToString::to_string).collect();
        left_out.iter().for_each(|refused| eprintln!("left out: {refused}"));
        if let Some(keep) = &self.keep {
            let kept = gallery.keep(keep)?;
            eprintln!("{kept} templates are in {}", keep.display());
        }
        let shortlist = self.shortlist.max(self.top);
        if self.shortlist < shortlist.min(gallery.len()) {
            eprintln!(
                "--shortlist {} is raised to --top {shortlist}: who is named is compared in full",
                self.shortlist
            );
        }
        let found = checker.search(&gallery, questioned, &search, shortlist).await?;
        let name = |candidate: &Candidate| gallery.name(candidate.index).unwrap_or_default();
        let names = found.candidates.iter().map(name).collect();
        let none_of_these = found.none_of_these();
        if json {
            json_of(&Answer { names, none_of_these, left_out, found: &found })?;
        } else {
            print(&names, &found);
        }
        Ok(ExitCode::from(u8::from(none_of_these == Some(true))))
    }
}

/// Whether a folder, which need not be there yet, is `other` or would be made in it.
fn lies_within(folder: &Path, other: &Path) -> bool {
    let from_here = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = from_here(folder);
    let there = folder.ancestors().find_map(|folder| folder.canonicalize().ok());
    there.is_some_and(|there| other.canonicalize().is_ok_and(|other| there.starts_with(other)))
}

fn print(names: &[&str], found: &Identification) {
    let people = found.people;
    match (found.none_of_these(), found.fpir) {
        (Some(true), Some(fpir)) => {
            println!("none of these {people} (at {} % false identifications)", percent(fpir));
        }
        (Some(false), Some(fpir)) => {
            println!("found among {people} (at {} % false identifications)", percent(fpir));
        }
        _ => println!("the likeliest of {people}, if it is one of them"),
    }
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (candidate, name) in found.candidates.iter().zip(names) {
        let Candidate { llr, score, decision, accepted, .. } = candidate;
        let sign = if *accepted == Some(true) { "*" } else { " " };
        println!("  {sign} {name:widest$}  log-likelihood ratio {llr:+7.2}, score {score:.3}, {}", decision);
    }
    for remark in &found.quality {
        println!("  note       questioned: {}", remark.message);
    }
    println!("  model      {} on {}", found.model, found.backend);
}

/// Enrolling is what takes time.
fn progress(done: usize, all: usize) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(10) || done == all) {
        let end = if done == all { "\n" } else { "" };
        eprint!("\r{done} of {all} people{end}");
    }
}
