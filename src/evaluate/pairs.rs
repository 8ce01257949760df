//! Any list of pairs, scored through the checker that the page uses.
//!
//! The list is a CSV file with the columns `references` (1 to 10 paths separated by `;`), `questioned` and, where it is
//! known, `label` (`genuine` or `1`, `forged` or `0`) and `writer`. Paths are relative to the file. A picture is an
//! image, or a pen recording in SVC2004's text format if its name ends in .txt.

mod pictures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::figures::Figures;
use crate::calibration::Calibration;
use crate::checker::Checker;
use crate::error::{Error, Result};
use crate::template::Template;
use crate::verdict::{Decision, Policy};
use pictures::{Pictures, paths};

/// No list is longer, in bytes.
const MOST_BYTES: u64 = 256 << 20;
/// No list has more pairs.
const MOST_PAIRS: usize = 1_000_000;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    pub references: String,
    pub questioned: String,
    #[serde(default)]
    pub label: String,
    /// Who is said to have written both; for intervals, which are by writer.
    #[serde(default)]
    pub writer: String,
}

/// A row of the answer. Either score and decision or an error, never both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    pub references: String,
    pub questioned: String,
    pub label: &'static str,
    pub writer: String,
    /// Natural logarithm of the likelihood ratio.
    pub llr: Option<f64>,
    /// The probability of the same hand at even odds.
    pub score: Option<f64>,
    pub decision: Option<Decision>,
    /// [`Error::code`].
    pub error: Option<&'static str>,
    pub message: String,
}

/// A list that was read.
#[derive(Debug)]
pub struct List {
    path: PathBuf,
    rows: Vec<(Row, Option<bool>)>,
}

/// What came of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub pairs: usize,
    /// Rows without a score.
    pub errors: usize,
    /// Of the rows with a label and a score, by number of references; intervals are by the column `writer` and missing
    /// without it.
    pub references: BTreeMap<usize, Figures>,
}

impl List {
    /// Reads and checks a list.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, is too long or has a wrong column or label, with its line.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |message: String| Error::file(path, message);
        let file = File::open(path).map_err(|error| Error::file(path, error))?;
        let bytes = file.metadata().map_err(|error| Error::file(path, error))?.len();
        if bytes > MOST_BYTES {
            return Err(failed(format!("has {bytes} bytes, more than {MOST_BYTES}; split it")));
        }
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let mut rows = Vec::new();
        for (index, row) in reader.deserialize().enumerate() {
            let row: Row = row.map_err(|error| {
                failed(format!(
                    "{error}; give the columns references, questioned and, if known, label and writer"
                ))
            })?;
            if index == MOST_PAIRS {
                return Err(failed(format!("has more than {MOST_PAIRS} pairs; split it")));
            }
            let label = match row.label.as_str() {
                "genuine" | "1" => Some(true),
                "forged" | "0" => Some(false),
                "" => None,
                other => {
                    let other: String = other.chars().filter(|c| !c.is_control()).take(40).collect();
                    let message = format!(
                        "pair {} has the label {other}; give genuine, forged, 1, 0 or nothing",
                        index + 1
                    );
                    return Err(failed(message));
                }
            };
            rows.push((row, label));
        }
        if rows.is_empty() {
            return Err(failed("holds no pairs".into()));
        }
        Ok(Self { path: path.to_owned(), rows })
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Refuses a path at which writing would replace the list itself.
    ///
    /// # Errors
    /// [`Error::File`]
    pub fn check_out(&self, out: &Path) -> Result<()> {
        let same = out.canonicalize().is_ok_and(|out| self.path.canonicalize().is_ok_and(|path| path == out));
        if same {
            return Err(Error::file(out, "is the list itself; name another folder with --out"));
        }
        Ok(())
    }

    /// Scores every pair in order; each row is written to `out` as soon as it is scored, and `progress` is told how many
    /// are done. A picture is read and encoded once, however many rows it stands in, as long as it is not among more than
    /// a thousand others; rows with the same references one after the other are enrolled once.
    ///
    /// # Errors
    /// [`Error::File`] if a row cannot be written or `out` is the list itself, [`Error::InvalidOption`] for an error rate that the thresholds of some
    /// row do not cover; what a pair is refused for is in its row.
    pub fn score(
        &self,
        checker: &Checker,
        policy: &Policy,
        out: &Path,
        progress: impl Fn(usize, usize),
    ) -> Result<Summary> {
        let failed = |error: &dyn std::fmt::Display| Error::file(out, error);
        for (row, _) in &self.rows {
            checker.check_policy(paths(&row.references).count(), policy)?;
        }
        self.check_out(out)?;
        let mut writer = csv::Writer::from_path(out).map_err(|error| failed(&error))?;
        let mut pictures = Pictures::new(checker, self.path.parent().unwrap_or(Path::new("")));
        let mut enrolled: Option<(&str, Result<Template>)> = None;
        let mut summary = Summary { pairs: self.rows.len(), errors: 0, references: BTreeMap::new() };
        let mut labelled: Vec<Labelled> = Vec::new();
        for (done, (row, label)) in self.rows.iter().enumerate() {
            if enrolled.as_ref().is_none_or(|(references, _)| *references != row.references) {
                enrolled = Some((&row.references, pictures.enrol(&row.references)));
            }
            let template = enrolled.as_ref().map(|(_, template)| template);
            let verdict = match template {
                Some(Ok(template)) => pictures.asked(&row.questioned).and_then(|asked| {
                    let verdict = pollster::block_on(checker.check_asked(template, asked, policy))?;
                    Ok((verdict, template.references.len()))
                }),
                Some(Err(error)) => Err(error.clone()),
                None => continue,
            };
            if let (Ok((verdict, references)), Some(genuine)) = (&verdict, label) {
                let open_llr = verdict.open_llr;
                labelled.push(Labelled {
                    references: *references,
                    writer: &row.writer,
                    genuine: *genuine,
                    open_llr,
                });
            }
            summary.errors += usize::from(verdict.is_err());
            let scored = Scored::new(
                row,
                *label,
                verdict.map(|(verdict, _)| (verdict.llr, verdict.score, verdict.decision)),
            );
            writer.serialize(&scored).map_err(|error| failed(&error))?;
            // an interrupted run keeps what it has scored
            writer.flush().map_err(|error| failed(&error))?;
            progress(done + 1, self.rows.len());
        }
        summary.references = figures(&labelled, &checker.manifest().calibration)?;
        Ok(summary)
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pairs, {} without a score", self.pairs, self.errors)?;
        for (references, found) in &self.references {
            let Figures { genuine_pairs, forged_pairs, eer, far, frr, auc, cllr, .. } = found;
            write!(f, "\n{references} references, {genuine_pairs} genuine and {forged_pairs} forged: ")?;
            write!(
                f,
                "EER {eer:.1} %, at LLR 0 FAR {far:.1} % and FRR {frr:.1} %, AUC {auc:.3}, Cllr {cllr:.3}"
            )?;
        }
        Ok(())
    }
}

impl Scored {
    fn new(row: &Row, label: Option<bool>, verdict: Result<(f64, f64, Decision)>) -> Self {
        let (references, questioned, writer) =
            (row.references.clone(), row.questioned.clone(), row.writer.clone());
        let label = label.map_or("", |genuine| if genuine { "genuine" } else { "forged" });
        let empty = Self {
            references,
            questioned,
            label,
            writer,
            llr: None,
            score: None,
            decision: None,
            error: None,
            message: String::new(),
        };
        match verdict {
            Ok((llr, score, decision)) => {
                Self { llr: Some(llr), score: Some(score), decision: Some(decision), ..empty }
            }
            Err(error) => Self { error: Some(error.code()), message: error.to_string(), ..empty },
        }
    }
}

/// A pair with a label and a score.
struct Labelled<'a> {
    references: usize,
    writer: &'a str,
    genuine: bool,
    open_llr: f64,
}

/// Figures by number of references.
fn figures(labelled: &[Labelled], calibration: &Calibration) -> Result<BTreeMap<usize, Figures>> {
    let mut groups: BTreeMap<usize, BTreeMap<&str, [Vec<f64>; 2]>> = BTreeMap::new();
    for pair in labelled {
        let writers = groups.entry(pair.references).or_default();
        writers.entry(pair.writer).or_default()[usize::from(!pair.genuine)].push(pair.open_llr);
    }
    let mut found = BTreeMap::new();
    for (references, writers) in groups {
        let count = calibration.for_references(references)?;
        let nameless = writers.contains_key("");
        let pairs = writers.into_values().map(|[genuine, forged]| (genuine, forged));
        if let Some(figures) = Figures::new(pairs, |open| (count.borne_out(open), open), &count.thresholds) {
            found.insert(references, if nameless { figures.without_intervals() } else { figures });
        }
    }
    Ok(found)
}
