//! A report as files.

use std::path::Path;

use super::{Report, page};
use crate::error::{Error, Result};
use crate::evaluate::plot::charts;

/// Writes `metrics.json`, `index.html`, which holds the plots itself, and each plot as `NAME.svg` into `directory`,
/// which is made if it is missing.
///
/// # Errors
/// [`Error::File`]; [`Error::Training`] if a plot cannot be drawn.
pub fn write(report: &Report, directory: &Path) -> Result<()> {
    let charts = charts::all(&report.drawn())?;
    let page = page::page(report, &charts).into_string();
    let json = serde_json::to_string_pretty(report).map_err(|error| Error::file(directory, error))? + "\n";
    std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        std::fs::write(&path, text).map_err(|error| Error::file(&path, error))
    };
    for chart in &charts {
        write(&format!("{}.svg", chart.file), &chart.svg)?;
    }
    write("index.html", &page)?;
    write("metrics.json", &json)
}
