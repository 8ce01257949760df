//! Figures as a Markdown table.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use super::Report;
use crate::evaluate::figures::{REFERENCES, SetFigures};
use crate::train::corpus::Set;

/// Equal error rates by set and number of references in Markdown: against skilled forgeries, or, in sets without any,
/// against random ones.
pub struct Table<'a>(Vec<(Set, &'a SetFigures)>);

impl<'a> Table<'a> {
    pub fn of(sets: &'a BTreeMap<Set, SetFigures>) -> Self {
        Self(sets.iter().map(|(set, figures)| (*set, figures)).collect())
    }

    pub fn of_report(report: &'a Report) -> Self {
        Self(report.sets.iter().map(|(set, found)| (*set, &found.figures)).collect())
    }
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "| set | writers | pairs (genuine + forged) |")?;
        for references in REFERENCES {
            write!(f, " EER %, {} |", counted(references))?;
        }
        writeln!(f, " no-reference AUC |\n|---|---|---|{}---|", "---|".repeat(REFERENCES.len()))?;
        for (set, figures) in &self.0 {
            let skilled = figures.refs.values().any(|found| found.skilled.is_some());
            let random = !skilled && figures.refs.values().any(|found| found.random.is_some());
            let found = |count: usize| if random { figures.random(count) } else { figures.skilled(count) };
            let pairs = found(1)
                .map_or_else(|| "none".into(), |one| format!("{} + {}", one.genuine_pairs, one.forged_pairs));
            let note = if random { " (random forgeries)" } else { "" };
            write!(f, "| {set}{note} | {} | {pairs} |", figures.writers)?;
            for references in REFERENCES {
                match found(references) {
                    Some(found) => write!(f, " {} |", rate(found.eer, found.eer_ci95))?,
                    None => write!(f, " too few signatures |")?,
                }
            }
            let (what, auc) = figures.no_reference.highest();
            writeln!(f, " {auc:.2} ({what}) |")?;
        }
        Ok(())
    }
}

/// "1 reference", "3 references".
pub(super) fn counted(references: usize) -> String {
    format!("{references} reference{}", if references == 1 { "" } else { "s" })
}

/// A rate in per cent with its interval.
pub(super) fn rate(value: f64, ci95: Option<[f64; 2]>) -> String {
    number(value, ci95, 1)
}

/// A number with its interval and so many decimals.
pub(super) fn number(value: f64, ci95: Option<[f64; 2]>, decimals: usize) -> String {
    match ci95 {
        Some([low, high]) => format!("{value:.decimals$} ({low:.decimals$} to {high:.decimals$})"),
        None => format!("{value:.decimals$}"),
    }
}
