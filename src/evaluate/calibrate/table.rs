//! What a fit says of itself, to print and for a model card.

use std::fmt::{self, Display};

use super::{Calibrated, Decisions};
use crate::calibration::Method;
use crate::evaluate::impostors::{self, Strangers};
use crate::evaluate::templates::Templates;

/// Markdown tables.
impl Display for Calibrated {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "Method: {}\n", name(self.calibration.method))?;
        if self.held_out.is_empty() {
            writeln!(f, "The writers are too few to hold some out.")?;
        } else {
            writeln!(
                f,
                "| references | thresholds use of their rate % | method | Cllr, held-out writers | false match % | false mismatch % | unsure %, genuine | unsure %, forged |"
            )?;
            writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        }
        for row in &self.held_out {
            for (method, cllr) in &row.cllr {
                let used = 100.0 * row.strictness;
                write!(f, "| {} | {used:.0} | {} | {cllr:.3} |", row.references, name(*method))?;
                match row.decisions.get(method) {
                    Some(Decisions { false_match, false_mismatch, unsure: [genuine, forged] }) => {
                        let percent =
                            [false_match, false_mismatch, genuine, forged].map(|share| 100.0 * share);
                        writeln!(
                            f,
                            " {:.1} | {:.1} | {:.0} | {:.0} |",
                            percent[0], percent[1], percent[2], percent[3]
                        )?;
                    }
                    None => writeln!(f, " too few scores | | | |")?,
                }
            }
        }
        let counts = self.calibration.counts.iter().map(|count| count.references);
        let untried: Vec<String> = counts
            .filter(|references| self.held_out.iter().all(|row| row.references != *references))
            .map(|references| references.to_string())
            .collect();
        if !self.held_out.is_empty() && !untried.is_empty() {
            writeln!(
                f,
                "\nThere are too few scores with {} references to hold writers out: these thresholds use 100 % of their rate \
                 untried.",
                untried.join(", ")
            )?;
        }
        if self.templates.is_empty() {
            return writeln!(f, "\nThe signatures are too few to say which templates agree.");
        }
        writeln!(
            f,
            "\n| references in a template | templates | refused %, held-out writers | the same with a skilled forgery among them | with a stranger's signature |"
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        for row in &self.templates {
            let Templates { references, genuine, .. } = row;
            let [refused, forgery, stranger] =
                [row.refused, row.refused_with_forgery, row.refused_with_stranger].map(|share| 100.0 * share);
            writeln!(f, "| {references} | {genuine} | {refused:.1} | {forgery:.0} | {stranger:.0} |")?;
        }
        if self.strangers.is_empty() {
            return writeln!(
                f,
                "\nThe strangers are too few to say how high they score, or to hold writers out."
            );
        }
        let [one, other] = impostors::TRIED.map(|rate| 100.0 * rate);
        writeln!(
            f,
            "\n| references | comparisons with strangers | LLR of {one} % of them | the same %, held-out writers | LLR of {other} % of them | the same %, held-out writers |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for Strangers { references, comparisons, tried: [one, other] } in &self.strangers {
            let [first, second] = [one.1, other.1].map(|share| 100.0 * share);
            let (one, other) = (one.0, other.0);
            writeln!(
                f,
                "| {references} | {comparisons} | {one:+.2} | {first:.2} | {other:+.2} | {second:.2} |"
            )?;
        }
        Ok(())
    }
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Logistic => "logistic",
        Method::Pav => "PAV",
    }
}
