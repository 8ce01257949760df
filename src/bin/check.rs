//! Checks a signature: `cargo run --release --bin check -- --reference A --reference B --questioned Q`.

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
/// Exit status: 0 match, 1 mismatch, 2 unsure, 3 any error (there is no verdict then).
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Image of a genuine signature; give it once for each, up to ten
    #[arg(long, required = true)]
    reference: Vec<PathBuf>,
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
    #[arg(long, requires = "json")]
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
    match pollster::block_on(check(&arguments)).and_then(|verdict| {
        print(&verdict, arguments.json)?;
        Ok(verdict.decision)
    }) {
        Ok(Decision::Match) => ExitCode::SUCCESS,
        Ok(Decision::Mismatch) => ExitCode::from(1),
        Ok(Decision::Unsure) => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

async fn check(arguments: &Arguments) -> Result<Verdict> {
    let references = arguments.reference.iter().map(|path| page(path)).collect::<Result<Vec<_>>>()?;
    let questioned = page(&arguments.questioned)?;
    let backend = match arguments.device {
        Device::Cpu => Backend::Cpu,
        Device::Gpu => Backend::Webgpu,
    };
    let checker = export::checker(&arguments.model, backend).await?;
    let template = checker.enrol(&references).await?;
    checker.check(&template, &questioned, &Policy { far: arguments.far, explain: arguments.explain }).await
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
        let text =
            serde_json::to_string_pretty(verdict).map_err(|error| Error::file("standard output", error))?;
        println!("{text}");
        return Ok(());
    }
    let answer = match verdict.decision {
        Decision::Match => "match",
        Decision::Mismatch => "mismatch",
        Decision::Unsure => "unsure",
    };
    let share = 100.0 * verdict.far;
    println!("{answer} (at {share} % false acceptances of skilled forgeries)");
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
