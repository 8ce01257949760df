//! Settings from the command line over those of a file: `optimiser.learning_rate=1e-3`.

use toml::{Table, Value};

use crate::error::{Error, Result};

/// Sets one `KEY=VALUE` in `table`. The key is the path to the setting, with dots; the value is TOML, or a text
/// that needs no quotes. Whether such a setting exists is for the reader of the table to judge.
///
/// # Errors
/// [`Error::InvalidConfig`] if there is no `=`, or the path leads through a setting that is not a table.
pub(super) fn set(table: &mut Table, assignment: &str) -> Result<()> {
    let wrong = |what: &str| Error::InvalidConfig(format!("--set {assignment}: {what}"));
    let (path, value) = assignment.split_once('=').ok_or_else(|| wrong("give KEY=VALUE"))?;
    let value = value.trim();
    let value = value.parse().unwrap_or_else(|_| Value::String(value.into()));
    let (parents, name) = path.trim().rsplit_once('.').unwrap_or(("", path.trim()));
    let mut place = table;
    for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
        let inner = place.entry(parent).or_insert_with(|| Table::new().into());
        place =
            inner.as_table_mut().ok_or_else(|| wrong(&format!("{parent} holds a value, not settings")))?;
    }
    place.insert(name.into(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(assignment: &str) -> Table {
        let mut table = toml::from_str("epochs = 2\n[sampler]\nwriters = 3\n").expect("a table");
        set(&mut table, assignment).expect(assignment);
        table
    }

    #[test]
    fn values_keep_their_type() {
        assert_eq!(after("epochs=5")["epochs"], Value::Integer(5));
        assert_eq!(after("sampler.writers = 7")["sampler"]["writers"], Value::Integer(7));
        assert_eq!(after("optimiser.learning_rate=1e-3")["optimiser"]["learning_rate"], Value::Float(1e-3));
        assert_eq!(after("sampler.mirror=false")["sampler"]["mirror"], Value::Boolean(false));
        assert_eq!(after("name=a=b")["name"], Value::String("a=b".into()), "a text needs no quotes");
        assert_eq!(after("objective={kind=\"logistic\"}")["objective"]["kind"], Value::from("logistic"));
        assert_eq!(after("sampler.writers=7")["epochs"], Value::Integer(2), "the others stay");
    }

    #[test]
    fn what_is_no_assignment_is_refused() {
        for wrong in ["epochs", "epochs.more=1"] {
            let error = set(&mut after("epochs=1"), wrong).expect_err(wrong);
            assert_eq!(error.code(), "invalid-config", "{error}");
        }
    }
}
