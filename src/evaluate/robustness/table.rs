//! Robustness as text.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use super::{Condition, Rate, Row};
use crate::train::corpus::Set;

/// A Markdown table: a line for each condition that was measured, a column for each set.
pub struct Table<'a>(pub &'a [Row]);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut sets: BTreeMap<Set, &Row> = BTreeMap::new();
        for row in self.0 {
            sets.entry(row.set).or_insert(row);
        }
        write!(f, "| questioned signature |")?;
        for Row { set, writers, genuine, forged, refused, .. } in sets.values() {
            write!(f, " {set}: {writers} writers, {} pages |", genuine + forged + refused)?;
        }
        writeln!(f, "\n|---|{}", "---|".repeat(sets.len()))?;
        let measured = |condition: &Condition| self.0.iter().any(|row| row.condition == *condition);
        for condition in Condition::all().filter(measured) {
            write!(f, "| {condition} |")?;
            for set in sets.keys() {
                match self.0.iter().find(|row| row.set == *set && row.condition == condition) {
                    Some(row) => write!(f, " {} |", Cell(row))?,
                    None => write!(f, " |")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

struct Cell<'a>(&'a Row);

impl Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Row { eer, refused, genuine, forged, .. } = self.0;
        match eer {
            Some(Rate { percent, ci95: [low, high] }) => write!(f, "{percent:.1} ({low:.1} to {high:.1})")?,
            None => write!(f, "no score")?,
        }
        if *refused > 0 {
            write!(f, ", {:.0} % refused", 100.0 * *refused as f64 / (refused + genuine + forged) as f64)?;
        }
        Ok(())
    }
}
