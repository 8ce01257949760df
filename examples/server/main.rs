//! A form whose server checks again what the browser has checked: `./build.sh server`, then open the address it prints.
//!
//! ```text
//! guard   how much one visitor may send, how many are served at once, what a page may load
//! files   the built page, whose modules the form loads
//! routes  the form, the enrolled template, and what was signed
//! answer  what the signer reads
//! ```
//! One signer, kept in memory, and no login: that is what a real site has already. It speaks HTTP on the loopback; on
//! the internet it belongs behind a proxy that does TLS and limits connections.

mod answer;
mod files;
mod guard;
mod routes;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use countersign::checker::Checker;
use countersign::device::Backend;
use countersign::template::{MOST_REFERENCES, Template};
use countersign::verdict::{Policy, Threshold};
use countersign::{Error, Result, export};
use files::Files;
use routes::Site;
use tokio::net::TcpListener;

/// Serve a form with a signature field, and check again what it sends.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// The built page, whose modules the form loads
    #[arg(long, default_value = "www/dist")]
    page: PathBuf,
    /// What the signer enrolled, as `check --enrol` writes it; without it the first visitor enrols
    #[arg(long)]
    template: Option<PathBuf>,
    /// Share of skilled forgeries that may be accepted [default: that of the field]
    #[arg(long)]
    far: Option<f64>,
}

fn main() -> ExitCode {
    match serve(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether checks against so many references can keep this error rate: said now, and not to whoever signs.
fn check_far(checker: &Checker, far: Option<f64>, references: usize) -> Result<()> {
    let calibration = checker.manifest().calibration.for_references(references)?;
    Threshold::at(far, &calibration.thresholds).map(|_| ())
}

fn serve(Arguments { listen, model, page, template, far }: Arguments) -> Result<()> {
    let files = Files::read(&page)?;
    let checker = pollster::block_on(export::checker(&model, Backend::Cpu))?;
    let template = match template {
        Some(path) => {
            let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
            let template = Template::from_bytes(&bytes)?;
            if template.model != checker.manifest().id() {
                let loaded = checker.manifest().id().to_owned();
                return Err(Error::TemplateModel { template: template.model, loaded });
            }
            check_far(&checker, far, template.references.len())?;
            Some(bytes)
        }
        None => {
            // with how many references somebody will enrol is not known
            let any = |references| check_far(&checker, far, references);
            (2..=MOST_REFERENCES).fold(any(1), |found, references| found.or_else(|_| any(references)))?;
            None
        }
    };
    let site = Arc::new(Site::new(checker, template, Policy { far, explain: false }));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let wrong = |error: std::io::Error| Error::file(listen.to_string(), error);
    runtime.map_err(wrong)?.block_on(async {
        let listener = TcpListener::bind(listen).await.map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        println!("open http://{address}; Ctrl-C ends it");
        let stopped = async {
            // without signals it runs until it is killed
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        axum::serve(listener, routes::router(site, files))
            .with_graceful_shutdown(stopped)
            .await
            .map_err(wrong)
    })
}
