//! Robustness as text: Markdown tables with a line for each condition that was measured, a column for each set.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use super::{Condition, Rate, Row, Verdicts};
use crate::train::corpus::Set;

/// Equal error rates, and how many pages were refused.
pub struct ErrorTable<'a>(pub &'a [Row]);

impl Display for ErrorTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write(f, self.0, "questioned signature", |f, row| {
            let Row { eer, refused, .. } = row;
            match eer {
                Some(Rate { percent, ci95: [low, high] }) => {
                    write!(f, "{percent:.1} ({low:.1} to {high:.1})")?
                }
                None => write!(f, "no score")?,
            }
            match (*refused, pages(row)) {
                (0, _) => Ok(()),
                (refused, all) if share(refused, all) == "0" => write!(f, ", < 1 % refused"),
                (refused, all) if share(refused, all) == "100" && refused < all => {
                    write!(f, ", > 99 % refused")
                }
                (refused, all) => write!(f, ", {} % refused", share(refused, all)),
            }
        })
    }
}

/// What becomes of genuine signatures and of forgeries by the model's thresholds for an error rate of 1 %, in per cent of
/// those that were not refused.
pub struct VerdictTable<'a>(pub &'a [Row]);

impl Display for VerdictTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write(f, self.0, "match / unsure / mismatch %, genuine; forged", |f, row| {
            write!(f, "{}; {}", Shares(row.genuine_verdicts), Shares(row.forged_verdicts))
        })
    }
}

struct Shares(Verdicts);

impl Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Verdicts { matches, unsure, mismatches } = self.0;
        let all = matches + unsure + mismatches;
        if all == 0 {
            return write!(f, "none");
        }
        write!(f, "{} / {} / {}", share(matches, all), share(unsure, all), share(mismatches, all))
    }
}

/// Per cent, whole.
fn share(part: usize, all: usize) -> String {
    format!("{:.0}", 100.0 * part as f64 / all as f64)
}

fn pages(row: &Row) -> usize {
    row.genuine + row.forged + row.refused
}

fn write(
    f: &mut fmt::Formatter,
    rows: &[Row],
    title: &str,
    cell: impl Fn(&mut fmt::Formatter, &Row) -> fmt::Result,
) -> fmt::Result {
    let mut sets: BTreeMap<Set, &Row> = BTreeMap::new();
    for row in rows {
        sets.entry(row.set).or_insert(row);
    }
    write!(f, "| {title} |")?;
    for (set, row) in &sets {
        write!(f, " {set}: {} writers, {} pages |", row.writers, pages(row))?;
    }
    writeln!(f, "\n|---|{}", "---|".repeat(sets.len()))?;
    let measured = |condition: &Condition| rows.iter().any(|row| row.condition == *condition);
    for condition in Condition::all().filter(measured) {
        write!(f, "| {condition} |")?;
        for set in sets.keys() {
            write!(f, " ")?;
            if let Some(row) = rows.iter().find(|row| row.set == *set && row.condition == condition) {
                cell(f, row)?;
                write!(f, " ")?;
            }
            write!(f, "|")?;
        }
        writeln!(f)?;
    }
    Ok(())
}
