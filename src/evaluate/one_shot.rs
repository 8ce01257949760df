//! `one_shot.json`: how often the right category came first, of every data set, model and task that was measured.
//!
//! Each program that measures adds its rows and leaves those of others. Rows are sorted and numbers rounded, so that
//! measuring the same again changes nothing in the file.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::files;
use crate::train::corpus::Set;

/// No file is longer.
const MOST_BYTES: u64 = 4 << 20;
/// No file has more rows, and no name is longer.
const MOST_ROWS: usize = 10_000;
const MOST_NAME: usize = 200;

/// One measurement. Two of the same `data`, `model`, `ways` and `shots` are the same one, made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Data set and part of it.
    pub data: String,
    pub model: String,
    /// Categories to choose from.
    pub ways: usize,
    /// Examples of each.
    pub shots: usize,
    /// Questions that were asked.
    pub trials: usize,
    /// The share that was answered right, in per cent.
    pub accuracy: f64,
    /// Its 95 % interval, in per cent.
    pub ci95: [f64; 2],
}

/// What [`Row::data`] calls a `part` of a set: by the set's name, but a folder of somebody's own categories or writers
/// by that of the folder, or pack, at `path`: else all such folders would be the same data.
pub fn data_name(set: Set, path: Option<&Path>, part: &str) -> String {
    // no name may break the table that is printed
    let plain = |letter: char| if letter.is_control() || letter == '|' { '_' } else { letter };
    let own = path.filter(|_| set == Set::Folder).and_then(|path| {
        // "." has a name, too
        let full = path.canonicalize().ok()?;
        let name = if full.is_file() { full.file_stem() } else { full.file_name() }?;
        // a letter has up to 4 bytes, and there is a part to add
        Some(name.to_string_lossy().chars().map(plain).take(MOST_NAME / 5).collect::<String>())
    });
    match own {
        Some(name) if Set::ALL.iter().all(|set| set.to_string() != name) => format!("{name}-{part}"),
        // other data has this name
        Some(name) => format!("{set}-{name}-{part}"),
        None => format!("{set}-{part}"),
    }
}

impl Row {
    fn key(&self) -> (&str, &str, usize, usize) {
        (&self.data, &self.model, self.ways, self.shots)
    }

    /// To a hundredth of a per cent.
    fn rounded(&self) -> Self {
        let round = |percent: f64| (100.0 * percent).round() / 100.0;
        Self { accuracy: round(self.accuracy), ci95: self.ci95.map(round), ..self.clone() }
    }

    /// What cannot be, in words.
    fn check(&self) -> Result<(), String> {
        let [low, high] = self.ci95;
        let share = |percent: f64| (0.0..=100.0).contains(&percent);
        let named = |name: &str| (1..=MOST_NAME).contains(&name.len());
        if !named(&self.data) || !named(&self.model) {
            return Err("a row has no name for its data or model, or a long one".into());
        }
        if self.ways == 0 || self.shots == 0 || self.trials == 0 {
            return Err(format!("{} has a row without ways, shots or trials", self.data));
        }
        if !(share(self.accuracy) && share(low) && share(high) && low <= high) {
            return Err(format!("{} has shares that are no per cent", self.data));
        }
        Ok(())
    }
}

/// The rows of a file; none if there is no file.
///
/// # Errors
/// [`Error::File`] if it cannot be read or holds anything else.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    let wrong = |message: &dyn std::fmt::Display| Error::file(path, message);
    match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(&error)),
        Ok(found) if found.len() > MOST_BYTES => return Err(wrong(&"is too long for a table of results")),
        Ok(_) => {}
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let rows: Vec<Row> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    check(&rows).map_err(|message| wrong(&message))?;
    Ok(rows)
}

/// Writes `rows` into the file, in place of earlier ones of the same measurement, and leaves all others.
///
/// # Errors
/// [`Error::File`] if the file cannot be written, holds anything else, or if a row makes no sense; the file is then as
/// it was.
pub fn merge(path: &Path, rows: &[Row]) -> Result<()> {
    let mut all = read(path)?;
    all.retain(|old| rows.iter().all(|new| new.key() != old.key()));
    all.extend(rows.iter().map(Row::rounded));
    check(&all).map_err(|message| Error::file(path, message))?;
    all.sort_by(|a, b| a.key().cmp(&b.key()));
    let lines: Vec<String> = all
        .iter()
        .map(|row| serde_json::to_string(row).map_err(|error| Error::file(path, error)))
        .collect::<Result<_>>()?;
    // a row a line, so that differences show what was measured anew
    files::replace(path, format!("[\n{}\n]\n", lines.join(",\n")).as_bytes())
}

fn check(rows: &[Row]) -> Result<(), String> {
    if rows.len() > MOST_ROWS {
        return Err(format!("{} rows are too many", rows.len()));
    }
    rows.iter().try_for_each(Row::check)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn row(data: &str, ways: usize, accuracy: f64) -> Row {
        let (model, ci95) = ("m".into(), [accuracy - 1.0, accuracy + 1.0]);
        Row { data: data.into(), model, ways, shots: 1, trials: 400, accuracy, ci95 }
    }

    /// A path at which nothing is.
    fn fresh(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("countersign-{}-{name}.json", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    #[test]
    fn rows_are_replaced_sorted_and_stable() {
        let path = fresh("stable");
        assert_eq!(read(&path).unwrap(), []);
        merge(&path, &[row("b", 20, 92.123_456), row("b", 5, 97.0)]).unwrap();
        merge(&path, &[row("a", 20, 50.0)]).unwrap();
        let before = std::fs::read_to_string(&path).unwrap();
        assert_eq!(read(&path).unwrap(), [row("a", 20, 50.0), row("b", 5, 97.0), row("b", 20, 92.12)]);
        assert_eq!(before.lines().count(), 5);
        merge(&path, &[row("b", 20, 92.123_456)]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        merge(&path, &[row("b", 20, 93.0)]).unwrap();
        assert_eq!(read(&path).unwrap(), [row("a", 20, 50.0), row("b", 5, 97.0), row("b", 20, 93.0)]);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_folder_of_ones_own_has_its_own_name() {
        let root = fresh("names").with_extension("");
        let named = |name: &str| {
            let folder = root.join(name);
            std::fs::create_dir_all(&folder).unwrap();
            data_name(Set::Folder, Some(&folder.join(".")), "test")
        };
        assert_eq!((named("cells"), named("leaves")), ("cells-test".into(), "leaves-test".into()));
        // which has the rows of ORL
        assert_eq!(named("faces"), "folder-faces-test");
        let long = named(&"\u{1F58B}".repeat(60));
        assert!(Row { data: long.clone(), ..row("a", 20, 50.0) }.check().is_ok(), "{long}");
        std::fs::write(root.join("cells.frames"), b"").unwrap();
        assert_eq!(data_name(Set::Folder, Some(&root.join("cells.frames")), "all"), "cells-all");
        assert_eq!(data_name(Set::Faces, Some(&root.join("cells")), "test"), "faces-test");
        assert_eq!(data_name(Set::Synthetic, None, "test"), "synthetic-test");
        std::fs::remove_dir_all(root).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_name_does_not_break_a_table() {
        let folder = fresh("a|b").with_extension("");
        std::fs::create_dir_all(&folder).unwrap();
        assert!(data_name(Set::Folder, Some(&folder), "test").ends_with("-a_b-test"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn nonsense_changes_nothing() {
        let path = fresh("nonsense");
        merge(&path, &[row("a", 20, 50.0)]).unwrap();
        let before = std::fs::read(&path).unwrap();
        let spoilt: [fn(&mut Row); 7] = [
            |row| row.data.clear(),
            |row| row.model = "x".repeat(MOST_NAME + 1),
            |row| row.ways = 0,
            |row| row.trials = 0,
            |row| row.accuracy = 101.0,
            |row| row.accuracy = f64::NAN,
            |row| row.ci95 = [60.0, 40.0],
        ];
        for spoil in spoilt {
            let mut row = row("b", 20, 50.0);
            spoil(&mut row);
            assert_eq!(merge(&path, &[row]).unwrap_err().code(), "file");
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
        for text in ["", "{}", "[{}]", "[1]", &String::from_utf8(before).unwrap().replace("ways", "was")] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(read(&path).unwrap_err().code(), "file");
        }
        std::fs::remove_file(path).unwrap();
    }
}
