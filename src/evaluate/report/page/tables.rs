//! The tables of the page.

use maud::{Markup, html};

use crate::evaluate::figures::{ByHand, Figures, REFERENCES, SetFigures};
use crate::evaluate::report::table::{counted, number, rate};
use crate::evaluate::report::{LeftOut, Official, Report, SetReport};
use crate::train::corpus::Set;

/// A table in a box that scrolls where it is too wide.
pub(super) fn table(caption: &str, head: &[String], rows: &[Vec<String>]) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for cell in head { th scope="col" { (cell) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn head<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn control(figures: &SetFigures) -> String {
    number(figures.no_reference_auc, None, 2)
}

const NONE: &str = "none";
const CONTROL: &str = "no-reference AUC";

/// A cell with the equal error rate.
fn eer(found: Option<&Figures>) -> String {
    found.map_or_else(|| NONE.into(), |found| rate(found.eer, found.eer_ci95))
}

/// The heads of columns by number of references, between others.
fn by_references(first: &str, last: &[&str]) -> Vec<String> {
    let first = [first.to_owned()].into_iter().chain(REFERENCES.map(counted));
    first.chain(last.iter().map(|name| (*name).to_owned())).collect()
}

pub(super) fn error_rates(report: &Report) -> Markup {
    let skilled = report.sets.iter().map(|(name, SetReport { figures, .. })| {
        let mean = figures.skilled(1).and_then(|found| Some(rate(found.writer_eer?, found.writer_eer_ci95)));
        let mut row = vec![name.to_string()];
        row.extend(REFERENCES.map(|references| eer(figures.skilled(references))));
        row.extend([mean.unwrap_or_else(|| NONE.into()), control(figures)]);
        row
    });
    let random = report.sets.iter().map(|(name, SetReport { figures, .. })| {
        let mut row = vec![name.to_string()];
        row.extend(REFERENCES.map(|references| eer(figures.random(references))));
        row.push(control(figures));
        row
    });
    let of_skilled = by_references("set", &["mean of writers, 1 reference", CONTROL]);
    html! {
        h2 { "Equal error rates" }
        (table("Against skilled forgeries, % (95 % interval); protocols (a), (b)", &of_skilled, &skilled.collect::<Vec<_>>()))
        (table(
            "Against random forgeries, % (95 % interval); protocols (a), (b), (c)",
            &by_references("set", &[CONTROL]),
            &random.collect::<Vec<_>>()
        ))
    }
}

/// A row for each set, number of references and hand.
fn each(report: &Report) -> impl Iterator<Item = (Vec<String>, &Figures, &SetFigures)> {
    report.sets.iter().flat_map(|(name, set)| {
        set.figures.refs.iter().flat_map(move |(references, ByHand { skilled, random })| {
            let hands = [("skilled", skilled), ("random", random)];
            hands.into_iter().filter_map(move |(hand, found)| {
                let row = vec![name.to_string(), references.to_string(), hand.to_owned()];
                Some((row, found.as_ref()?, &set.figures))
            })
        })
    })
}

pub(super) fn thresholds(report: &Report) -> Markup {
    let rows = each(report).map(|(mut row, found, figures)| {
        row.extend([rate(found.far, found.far_ci95), rate(found.frr, found.frr_ci95)]);
        for target in &found.targets {
            row.push(target.validation.map_or_else(|| NONE.into(), |at| rate(at.far, None)));
            row.push(target.validation.map_or_else(|| NONE.into(), |at| rate(at.frr, None)));
            row.push(rate(target.best_frr, None));
        }
        row.push(control(figures));
        row
    });
    let names = head([
        "set",
        "references",
        "forgeries",
        "FAR at LLR 0",
        "FRR at LLR 0",
        "FAR, threshold for 1 %",
        "FRR, threshold for 1 %",
        "best FRR at FAR 1 %",
        "FAR, threshold for 0.1 %",
        "FRR, threshold for 0.1 %",
        "best FRR at FAR 0.1 %",
        CONTROL,
    ]);
    html! {
        h2 { "Error rates at thresholds chosen beforehand" }
        p { "Thresholds are those of the manifest, chosen on validation writers; none where those were too few for one. "
            "The best FRR is at a threshold chosen on these very pairs." }
        (table("FAR and FRR, %", &names, &rows.collect::<Vec<_>>()))
    }
}

pub(super) fn evidence(report: &Report) -> Markup {
    let rows = each(report).map(|(mut row, found, figures)| {
        row.extend([
            number(found.auc, found.auc_ci95, 3),
            number(found.cllr, found.cllr_ci95, 3),
            number(found.min_cllr, found.min_cllr_ci95, 3),
            number(found.brier, None, 3),
            found.writers.to_string(),
            format!("{} + {}", found.genuine_pairs, found.forged_pairs),
            control(figures),
        ]);
        row
    });
    let names = head([
        "set",
        "references",
        "forgeries",
        "AUC",
        "Cllr, bits",
        "minCllr, bits",
        "Brier",
        "writers",
        "genuine + forged",
        CONTROL,
    ]);
    html! {
        h2 { "Strength of evidence" }
        p { "Cllr 1 and Brier 0.25 are what a system costs that says nothing. Cllr above minCllr is lost by calibration." }
        (table("AUC, Cllr, Brier score (95 % interval)", &names, &rows.collect::<Vec<_>>()))
    }
}

pub(super) fn left_out(report: &Report) -> Markup {
    let row = |(name, LeftOut { model, figures, .. }): (&Set, &LeftOut)| {
        let here = report.sets.get(name).and_then(|set| set.figures.skilled(1));
        let rates = figures.skilled(1).map(|found| format!("{:.1}, {:.1}", found.far, found.frr));
        let set = [format!("{name}, {model}")];
        let found = [figures.skilled(1), here, figures.skilled(5), figures.random(1)].map(eer);
        let last = [rates.unwrap_or_else(|| NONE.into()), control(figures)];
        [&set[..], &found[..], &last[..]].concat()
    };
    let names = head([
        "set, model that never saw it",
        "EER, 1 reference",
        "this report's model",
        "EER, 5 references",
        "EER, random",
        "FAR, FRR at LLR 0",
        CONTROL,
    ]);
    html! {
        h2 { "Leave one set out: protocol (d)" }
        @if report.left_out.is_empty() {
            p { "Not measured: no model without one of the sets was given (" code { "--left-out" } ")." }
        } @else {
            (table("Error rates on sets never seen, %", &names, &report.left_out.iter().map(row).collect::<Vec<_>>()))
        }
    }
}

pub(super) fn official(report: &Report) -> Markup {
    let numbers = |official: &Official| {
        official.numbers.iter().map(|number| format!("{number:03}")).collect::<Vec<_>>().join(" ")
    };
    let row = |Official { figures, .. }: &Official| {
        let mut row = vec![figures.writers.to_string()];
        row.extend(REFERENCES.map(|references| eer(figures.skilled(references))));
        row.push(control(figures));
        row
    };
    html! {
        h2 { "SigComp2011's official writers: protocol (e)" }
        @match &report.sigcomp2011 {
            None => p { "Not measured: none of this project's Dutch test writers were in this run." },
            Some(official) => {
                p { "Official test writers that no part of training saw: " (numbers(official))
                    ". The competition's other test writers trained or validated models here and are not in the table." }
                (table("Equal error rate against skilled forgeries, %", &by_references("writers", &[CONTROL]), &[row(official)]))
            }
        }
    }
}

pub(super) fn counts(report: &Report) -> Markup {
    let rows = report.sets.iter().map(|(name, set)| {
        let SetReport { figures, acquisition, known_writers, .. } = set;
        let numbers = [
            figures.writers,
            *known_writers,
            figures.genuine,
            figures.forged,
            acquisition.repeats,
            acquisition.refused,
        ];
        let mut row = vec![name.to_string()];
        row.extend(numbers.map(|number| number.to_string()));
        row.extend([rate(acquisition.fta, None), control(figures)]);
        row
    });
    let names = head([
        "set",
        "writers",
        "of them known to the model",
        "genuine images",
        "forged images",
        "repeats dropped",
        "refused",
        "FTA, %",
        CONTROL,
    ]);
    html! {
        h2 { "What was measured" }
        (table("Writers and images", &names, &rows.collect::<Vec<_>>()))
    }
}

pub(super) fn controls(report: &Report) -> Markup {
    let rows = report.sets.iter().map(|(name, set)| {
        let control = &set.figures.no_reference;
        let mut row = vec![name.to_string()];
        row.extend(control.one_number.values().map(|auc| number(*auc, None, 2)));
        row.push(control.trained.map_or_else(|| NONE.into(), |auc| number(auc, None, 2)));
        row
    });
    let numbers = report.sets.values().next().map(|set| set.figures.no_reference.one_number.keys());
    let mut names = head(["set"]);
    names.extend(numbers.into_iter().flatten().map(|name| (*name).to_owned()));
    names.push("trained probe".into());
    html! {
        h2 { "No-reference control" }
        p { "How well a forgery is told from the questioned image alone, AUC; 0.5 is chance. What is high here is not "
            "handwriting verification: a system can score without looking at the references." }
        (table("AUC without any reference", &names, &rows.collect::<Vec<_>>()))
    }
}

pub(super) fn mistaken(report: &Report) -> Markup {
    let rows = report.sets.iter().flat_map(|(name, set)| {
        set.mistaken.iter().map(move |pair| {
            vec![
                name.to_string(),
                pair.writer.to_string(),
                if pair.genuine { "genuine, rejected" } else { "forged, accepted" }.into(),
                pair.questioned.to_string(),
                pair.reference.to_string(),
                format!("{:+.2}", pair.llr),
            ]
        })
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let names = head(["set", "writer", "questioned is", "questioned image", "reference image", "LLR"]);
    html! {
        h2 { "Most mistaken pairs" }
        p { "One reference, skilled forgeries, furthest on the wrong side of LLR 0. Writers and images are numbered in the "
            "order of this run; the numbers name nobody." }
        @if rows.is_empty() { p { "There are none." } } @else { (table("Mistaken pairs", &names, &rows)) }
    }
}
