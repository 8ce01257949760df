//! Markdown tables of identification.

use std::fmt::{self, Display};

use super::{DRAWS, FPIR, Found, KEPT};
use crate::evaluate::bootstrap::Rate;

/// What [`super::measure`] found.
pub struct Tables<'a>(pub &'a [Found]);

impl Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "Closed set: every writer is enrolled; {DRAWS} draws of the references.\n")?;
        writeln!(
            f,
            "| set | writers | references | questions | rank 1 % | rank 5 % | first candidate in a shortlist of {} % |",
            join(KEPT)
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for one in self.0 {
            let recall: Vec<String> = one.recall.iter().map(|(_, held)| format!("{held:.1}")).collect();
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} |",
                one.set,
                one.writers,
                one.references,
                one.trials,
                rate(&one.rank1),
                rate(&one.rank5),
                recall.join(" / ")
            )?;
        }
        writeln!(
            f,
            "\nOpen set: half of the writers is enrolled, {DRAWS} draws of who and of the references.\n"
        )?;
        write!(f, "| set | references |")?;
        for fpir in FPIR.map(|fpir| 100.0 * fpir) {
            write!(f, " DIR % at FPIR {fpir} % | by the model's threshold for {fpir} %: DIR % | FPIR % |")?;
        }
        writeln!(f, "\n|---|---|{}", "---|---|---|".repeat(FPIR.len()))?;
        for one in self.0.iter().filter(|one| one.open.len() == FPIR.len()) {
            write!(f, "| {} | {} |", one.set, one.references)?;
            for open in &one.open {
                write!(f, " {} |", rate(&open.dir))?;
                match &open.by_model {
                    Some([dir, fpir]) => write!(f, " {} | {} |", rate(dir), rate(fpir))?,
                    None => write!(f, " no table | |")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn rate(rate: &Rate) -> String {
    let [low, high] = rate.ci95;
    format!("{:.1} ({low:.1} to {high:.1})", rate.percent)
}

fn join(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(" / ")
}
