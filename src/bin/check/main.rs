//! Checks a signature: `cargo run --release --bin check -- --reference A --reference B --questioned Q`, or with
//! `--gallery DIR` looks for its writer among many people.

mod identify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use countersign::device::Backend;
use countersign::export;
use countersign::ink::{Page, decode};
use countersign::verdict::{Decision, Policy, Subject, Verdict};
use countersign::{Error, Result};

/// Tell whether a questioned signature is by the writer of the references.
///
/// With a gallery, tell whose of many people's it is most likely.
///
/// Exit status: 0 match, 1 mismatch, 2 unsure, 3 any error (there is no verdict then). With a gallery: 0 somebody was
/// found, 1 it is none of them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Image of a genuine signature; give it once for each, up to ten
    #[arg(long, required_unless_present = "gallery", conflicts_with = "gallery")]
    reference: Vec<PathBuf>,
    #[command(flatten)]
    gallery: identify::Arguments,
    /// Image of the signature in question
    #[arg(long)]
    questioned: PathBuf,
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// Share of skilled forgeries that may be accepted [default: 0.01, or the nearest that the model covers]
    #[arg(long)]
    far: Option<f64>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
    /// Print the verdict as JSON, as the page gets it
    #[arg(long)]
    json: bool,
    /// With --json, add where the questioned signature differs
    #[arg(long, requires = "json", conflicts_with = "gallery")]
    explain: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Device {
    Cpu,
    Gpu,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(message) => {
            // what cannot be printed cannot be reported either
            let _ = message.print();
            // help and version are asked for; clap's own status for wrong usage would read as "unsure"
            return if message.use_stderr() { ExitCode::from(3) } else { ExitCode::SUCCESS };
        }
    };
    match pollster::block_on(run(&arguments)) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

/// The exit status.
async fn run(arguments: &Arguments) -> Result<u8> {
    let references = arguments.reference.iter().map(|path| page(path)).collect::<Result<Vec<_>>>()?;
    let questioned = page(&arguments.questioned)?;
    let backend = match arguments.device {
        Device::Cpu => Backend::Cpu,
        Device::Gpu => Backend::Webgpu,
    };
    let checker = export::checker(&arguments.model, backend).await?;
    if arguments.gallery.is_given() {
        return arguments.gallery.run(&checker, &questioned, arguments.far, arguments.json).await;
    }
    let template = checker.enrol(&references).await?;
    let policy = Policy { far: arguments.far, explain: arguments.explain };
    let verdict = checker.check(&template, &questioned, &policy).await?;
    print(&verdict, arguments.json)?;
    Ok(match verdict.decision {
        Decision::Match => 0,
        Decision::Mismatch => 1,
        Decision::Unsure => 2,
    })
}

fn page(path: &Path) -> Result<Page> {
    decode::file(&read(path)?).map_err(|error| match error {
        // which of several images it is
        Error::NotAnImage(_) | Error::DamagedImage(_) => Error::file(path, error),
        other => other,
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::file(path, error))
}

fn print(verdict: &Verdict, json: bool) -> Result<()> {
    if json {
        return print_json(verdict);
    }
    println!(
        "{} (at {} % false acceptances of skilled forgeries)",
        word(verdict.decision),
        100.0 * verdict.far
    );
    println!("  score      {:.3}, log-likelihood ratio {:+.2}", verdict.score, verdict.llr);
    let each: Vec<String> = verdict.references.iter().map(|one| format!("{:.3}", one.score)).collect();
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
    Ok(())
}

fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::file("standard output", error))?;
    println!("{text}");
    Ok(())
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Match => "match",
        Decision::Mismatch => "mismatch",
        Decision::Unsure => "unsure",
    }
}
