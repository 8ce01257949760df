//! What a corpus holds and what was left out of it, for people to read.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::Path;

use serde::Serialize;

use super::{Corpus, Part, Set, Writer};
use crate::error::{Error, Result};

/// Names shown of a list that may be long.
const SHOWN: usize = 5;

/// Counts per set and part; `{}` prints a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub rows: BTreeMap<(Set, Part), Row>,
}

/// What one part of one set holds after loading, and what was left out of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    pub writers: usize,
    pub genuine: usize,
    pub forged: usize,
    pub repeats: usize,
    pub unreadable: usize,
}

impl Corpus {
    /// Counts per set and part, to print.
    pub fn summary(&self) -> Summary {
        let mut rows: BTreeMap<(Set, Part), Row> = BTreeMap::new();
        for writer in &self.writers {
            let row = rows.entry((writer.set, writer.part)).or_default();
            row.writers += 1;
            row.genuine += writer.genuine.len();
            row.forged += writer.forged.len();
        }
        for (&key, left_out) in &self.left_out {
            let row = rows.entry(key).or_default();
            row.repeats = left_out.repeats;
            row.unreadable = left_out.unreadable;
        }
        Summary { rows }
    }

    /// What a user should know before training or scoring, one remark a line: how many signatures could not be
    /// used and why the first of them, and which writers have too few to make a pair. Empty if all is well.
    pub fn remarks(&self) -> String {
        let mut text = String::new();
        if !self.unreadable.is_empty() {
            let total = self.unreadable.len();
            text += &format!("{total} signature{} cannot be used:\n", plural(total));
            self.unreadable_lines().take(SHOWN).for_each(|line| text += &format!("  {line}\n"));
            text += &rest(total);
        }
        let lonely: Vec<&Writer> = self.writers.iter().filter(|writer| !writer.has_pairs()).collect();
        if !lonely.is_empty() {
            text += &format!(
                "{} writer{} fewer than two genuine signatures, so that there is nothing to compare:\n",
                lonely.len(),
                if lonely.len() == 1 { " has" } else { "s have" }
            );
            lonely
                .iter()
                .take(SHOWN)
                .for_each(|writer| text += &format!("  {}\n", one_line(&self.name(writer))));
            text += &rest(lonely.len());
        }
        text
    }

    /// Writes the list of all signatures that cannot be used, a line each with the reason; removes the list of
    /// an earlier run if there are none.
    ///
    /// # Errors
    /// [`Error::File`] if the list cannot be written or removed.
    pub fn write_unreadable(&self, path: &Path) -> Result<()> {
        let done = if self.unreadable.is_empty() {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                done => done,
            }
        } else {
            let text: String = self.unreadable_lines().map(|line| line + "\n").collect();
            std::fs::write(path, text)
        };
        done.map_err(|error| Error::file(path, error))
    }

    fn unreadable_lines(&self) -> impl Iterator<Item = String> {
        self.unreadable.iter().map(|(name, error)| one_line(&format!("{name}: {}", reason(error))))
    }
}

/// The reason alone: an error about a file begins with the file's name.
pub(in crate::train) fn reason(error: &Error) -> String {
    match error {
        Error::File { message, .. } => message.clone(),
        error => error.to_string(),
    }
}

/// File names may hold anything, line breaks and terminal controls too.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn rest(total: usize) -> String {
    if total > SHOWN { format!("  and {} more\n", total - SHOWN) } else { String::new() }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10} {:<10} {:>7} {:>7} {:>7}", "set", "part", "writers", "genuine", "forged")?;
        write!(f, " {:>7} {:>10}", "repeats", "unreadable")?;
        for ((set, part), row) in &self.rows {
            write!(f, "\n{set:<10} {part:<10} {:>7} {:>7} {:>7}", row.writers, row.genuine, row.forged)?;
            write!(f, " {:>7} {:>10}", row.repeats, row.unreadable)?;
        }
        Ok(())
    }
}
