//! Checks a signature: `cargo run --release --bin check -- --reference A --reference B --questioned Q`, or with
//! `--gallery DIR` looks for its writer among many people.

mod identify;
mod print;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use countersign::device::Backend;
use countersign::submission::{self, MOST_BYTES as MOST_SUBMITTED, Submission};
use countersign::template::{MOST_BYTES, Template};
use countersign::verdict::{Decision, Policy};
use countersign::{Error, Result, export, files};

/// Tell whether a questioned signature is by the writer of the references.
///
/// With a gallery, tell whose of many people's it is most likely.
///
/// Exit status: 0 match (or enrolled), 1 mismatch, 2 unsure, 3 any error (there is no verdict then), 4 a name was
/// typed instead of a signature, which is not checked. With a gallery: 0 somebody was found, 1 it is none of them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Image of a genuine signature; give it once for each, up to ten
    #[arg(long, required_unless_present_any = ["template", "gallery"], conflicts_with_all = ["template", "gallery"])]
    reference: Vec<PathBuf>,
    #[command(flatten)]
    gallery: identify::Arguments,
    /// What was enrolled, in place of references
    #[arg(long, conflicts_with = "gallery")]
    template: Option<PathBuf>,
    /// Keep the references as a template in this file, which must not be there yet; nothing else need be given then
    #[arg(long, requires = "reference")]
    enrol: Option<PathBuf>,
    /// Image of the signature in question
    #[arg(long, required_unless_present_any = ["enrol", "submitted"])]
    questioned: Option<PathBuf>,
    /// The JSON that a signature field gave to its form, in place of an image
    #[arg(long, conflicts_with_all = ["questioned", "explain", "gallery"])]
    submitted: Option<PathBuf>,
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
    match pollster::block_on(check(&arguments)) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

async fn check(arguments: &Arguments) -> Result<ExitCode> {
    let references = arguments.reference.iter().map(|path| files::page(path)).collect::<Result<Vec<_>>>()?;
    let questioned = arguments.questioned.as_deref().map(files::page).transpose()?;
    let submitted = |path| Submission::parse(&files::read(path, MOST_SUBMITTED as u64)?);
    let submitted = arguments.submitted.as_deref().map(submitted).transpose()?;
    let backend = match arguments.device {
        Device::Cpu => Backend::Cpu,
        Device::Gpu => Backend::Webgpu,
    };
    let checker = export::checker(&arguments.model, backend).await?;
    if arguments.gallery.is_given() {
        let Some(questioned) = questioned else {
            return Err(Error::InvalidOption("--gallery needs an image as --questioned".into()));
        };
        return arguments.gallery.run(&checker, &questioned, arguments.far, arguments.json).await;
    }
    let template = match &arguments.template {
        Some(path) => Template::from_bytes(&files::read(path, MOST_BYTES as u64)?)?,
        None => checker.enrol(&references).await?,
    };
    if let Some(path) = &arguments.enrol {
        files::create_all(&[(path, template.to_bytes()?)])?;
    }
    let policy = Policy { far: arguments.far, explain: arguments.explain };
    if let Some(submitted) = submitted {
        let outcome = submission::verify(&checker, &template, &submitted, &policy).await?;
        return print::report(&outcome, arguments.json);
    }
    let Some(questioned) = questioned else { return Ok(ExitCode::SUCCESS) };
    let verdict = checker.check(&template, &questioned, &policy).await?;
    if arguments.json {
        print::json_of(&verdict)?;
    } else {
        print::words(&verdict);
    }
    Ok(status(verdict.decision))
}

fn status(decision: Decision) -> ExitCode {
    ExitCode::from(match decision {
        Decision::Match => 0,
        Decision::Mismatch => 1,
        Decision::Unsure => 2,
    })
}
