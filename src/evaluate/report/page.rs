//! A report as one page: no scripts, nothing from elsewhere, plots inside.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::protocol::{HIGH_CONTROL, TERMS};
use super::table::{counted, number, rate};
use super::{LeftOut, Report, SetReport, Writers};
use crate::evaluate::figures::{ByHand, Figures, REFERENCES, SetFigures};
use crate::evaluate::plot::charts::Chart;

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 76rem; margin: 0 auto; padding: 1rem }
h1, h2 { line-height: 1.2 } h2 { margin-top: 2.5rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem }
th, td { border-bottom: 1px solid #ccc; padding: .3rem .7rem; text-align: left; vertical-align: top }
thead th { border-bottom: 2px solid #666 }
dt { font-weight: 600 } dd { margin: 0 0 .6rem 1.5rem }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.5rem }
figure { margin: 0 } figure svg { width: 100%; height: auto }
.warning { border-left: 4px solid #b45309; padding: .3rem 1rem; background: #fff7ed }
";

/// The whole page.
pub(super) fn page(report: &Report, charts: &[Chart]) -> Markup {
    let who = match report.writers {
        Writers::Validation => {
            "validation writers, who also chose thresholds and calibration: an optimistic estimate"
        }
        Writers::Test => "test writers, whom neither training nor thresholds nor calibration saw",
        Writers::All => "all writers of the data, training writers too where the model knows the set",
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Report: " (report.model) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "How well " (report.model) " tells hands apart" }
                    p { "Measured on " (who) ". The model learned from "
                        (if report.trained_on.is_empty() { "nothing".into() } else { report.trained_on.join(", ") })
                        ". Made by " (report.made_by) "; the same figures are in " code { "metrics.json" } "." }
                    (warnings(report))
                    (error_rates(report))
                    (thresholds(report))
                    (evidence(report))
                    (left_out(report))
                    (official(report))
                    (counts(report))
                    (controls(report))
                    h2 { "Plots" }
                    p { "Protocol (a), one reference, unless a caption says otherwise." }
                    div class="plots" { @for chart in charts { (figure(chart)) } }
                    (mistaken(report))
                    h2 { "Protocols" }
                    dl { @for protocol in &report.protocols { dt { (protocol.name) } dd { (protocol.definition) } } }
                    (terms())
                }
            }
        }
    }
}

/// What a reader must know before any figure.
fn warnings(report: &Report) -> Markup {
    let high = |set: &SetReport| set.figures.no_reference_auc >= HIGH_CONTROL;
    html! {
        @for (name, set) in report.sets.iter().filter(|(_, set)| high(set)) {
            p class="warning" { (name) ": forged can be told from genuine without any reference (AUC "
                (number(set.figures.no_reference_auc, None, 2)) ", " (set.figures.no_reference.highest().0)
                "). This set flatters every system that is measured on it." }
        }
        @for (name, set) in report.sets.iter().filter(|(_, set)| set.known_writers > 0) {
            p class="warning" { (name) ": the model learned from " (set.known_writers) " of these "
                (set.figures.writers) " writers. Their figures prove nothing." }
        }
        @for (name, _) in report.sets.iter().filter(|(_, set)| !set.known_set) {
            p { (name) ": the model learned from no writer of this set." }
        }
    }
}

/// A table in a box that scrolls where it is too wide.
fn table(caption: &str, head: &[String], rows: &[Vec<String>]) -> Markup {
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

fn head<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn control(figures: &SetFigures) -> String {
    number(figures.no_reference_auc, None, 2)
}

const NONE: &str = "none";

fn error_rates(report: &Report) -> Markup {
    let tables = [
        ("Equal error rate against skilled forgeries, % (95 % interval); protocols (a), (b)", true),
        ("Equal error rate against random forgeries, % (95 % interval); protocols (a), (b), (c)", false),
    ];
    let row = |name: String, figures: &SetFigures, skilled: bool| {
        let cell = |references: usize| {
            let found = if skilled { figures.skilled(references) } else { figures.random(references) };
            found.map_or_else(|| NONE.into(), |found| rate(found.eer, found.eer_ci95))
        };
        let own = figures.skilled(1).and_then(|found| Some(rate(found.writer_eer?, found.writer_eer_ci95)));
        let mut row = vec![name];
        row.extend(REFERENCES.map(cell));
        if skilled {
            row.push(own.unwrap_or_else(|| NONE.into()));
        }
        row.push(control(figures));
        row
    };
    html! {
        h2 { "Equal error rates" }
        @for (caption, skilled) in tables {
            @let mut names = head(["set"]);
            @let () = names.extend(REFERENCES.map(counted));
            @let () = if skilled { names.push("mean of writers, 1 reference".into()) };
            @let () = names.push("no-reference AUC".into());
            (table(caption, &names, &report.sets.iter()
                .map(|(name, set)| row(name.to_string(), &set.figures, skilled)).collect::<Vec<_>>()))
        }
    }
}

/// A row for each set, number of references and hand.
fn each<'a>(report: &'a Report) -> impl Iterator<Item = (Vec<String>, &'a Figures, &'a SetFigures)> {
    report.sets.iter().flat_map(|(name, set)| {
        set.figures.refs.iter().flat_map(move |(references, ByHand { skilled, random })| {
            let hands = [("skilled", skilled), ("random", random)];
            hands.into_iter().filter_map(move |(hand, found)| {
                Some((
                    vec![format!("{name}, {}, {hand}", counted(*references))],
                    found.as_ref()?,
                    &set.figures,
                ))
            })
        })
    })
}

fn thresholds(report: &Report) -> Markup {
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
        "pairs",
        "FAR at LLR 0",
        "FRR at LLR 0",
        "FAR, threshold for 1 %",
        "FRR, threshold for 1 %",
        "best FRR at FAR 1 %",
        "FAR, threshold for 0.1 %",
        "FRR, threshold for 0.1 %",
        "best FRR at FAR 0.1 %",
        "no-reference AUC",
    ]);
    html! {
        h2 { "Error rates at thresholds chosen beforehand" }
        p { "Thresholds are those of the manifest, chosen on validation writers; none where those were too few for one. "
            "The best FRR is at a threshold chosen on these very pairs." }
        (table("FAR and FRR, %", &names, &rows.collect::<Vec<_>>()))
    }
}

fn evidence(report: &Report) -> Markup {
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
        "pairs",
        "AUC",
        "Cllr, bits",
        "minCllr, bits",
        "Brier",
        "writers",
        "genuine + forged",
        "no-reference AUC",
    ]);
    html! {
        h2 { "Strength of evidence" }
        p { "Cllr 1 and Brier 0.25 are what a system costs that says nothing. Cllr above minCllr is lost by calibration." }
        (table("AUC, Cllr, Brier score (95 % interval)", &names, &rows.collect::<Vec<_>>()))
    }
}

fn left_out(report: &Report) -> Markup {
    let row = |(name, LeftOut { model, figures, .. }): (&_, &LeftOut)| {
        let mut row = vec![format!("{name}, {model}")];
        let known = report.sets.get(name).map(|set| &set.figures);
        for found in [figures.skilled(1), known.and_then(|figures| figures.skilled(1))] {
            row.push(found.map_or_else(|| NONE.into(), |found| rate(found.eer, found.eer_ci95)));
        }
        for found in [figures.skilled(5), figures.random(1)] {
            row.push(found.map_or_else(|| NONE.into(), |found| rate(found.eer, found.eer_ci95)));
        }
        let rates = figures.skilled(1).map(|found| (found.far, found.frr));
        row.push(rates.map_or_else(|| NONE.into(), |(far, frr)| format!("{far:.1}, {frr:.1}")));
        row.push(control(figures));
        row
    };
    let names = head([
        "set, model that never saw it",
        "EER, 1 reference",
        "this report's model",
        "EER, 5 references",
        "EER, random",
        "FAR, FRR at LLR 0",
        "no-reference AUC",
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

fn official(report: &Report) -> Markup {
    html! {
        h2 { "SigComp2011's official writers: protocol (e)" }
        @match &report.sigcomp2011 {
            None => p { "Not measured: none of this project's Dutch test writers were in this run." },
            Some(official) => {
                p { "Official test writers that no part of training saw: "
                    (official.numbers.iter().map(|number| format!("{number:03}")).collect::<Vec<_>>().join(" "))
                    ". The competition's other test writers trained this model and are not in the table." }
                @let cell = |references| official.figures.skilled(references)
                    .map_or_else(|| NONE.into(), |found| rate(found.eer, found.eer_ci95));
                @let mut names = head(["writers"]);
                @let () = names.extend(REFERENCES.map(counted));
                @let () = names.push("no-reference AUC".into());
                @let mut row = vec![official.figures.writers.to_string()];
                @let () = row.extend(REFERENCES.map(cell));
                @let () = row.push(control(&official.figures));
                (table("Equal error rate against skilled forgeries, %", &names, &[row]))
            }
        }
    }
}

fn counts(report: &Report) -> Markup {
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
        "of them trained on",
        "genuine images",
        "forged images",
        "repeats dropped",
        "refused",
        "FTA, %",
        "no-reference AUC",
    ]);
    html! {
        h2 { "What was measured" }
        (table("Writers and images", &names, &rows.collect::<Vec<_>>()))
    }
}

fn controls(report: &Report) -> Markup {
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

fn figure(chart: &Chart) -> Markup {
    // the file's own attributes follow
    let svg =
        chart.svg.replacen("<svg ", &format!("<svg role=\"img\" aria-labelledby=\"{}\" ", chart.file), 1);
    html! { figure { (PreEscaped(svg)) figcaption id=(chart.file) { (chart.caption) } } }
}

fn mistaken(report: &Report) -> Markup {
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

fn terms() -> Markup {
    let rows = TERMS.map(|row| row.map(str::to_owned).to_vec());
    html! {
        h2 { "Terms" }
        (table("The same rates in two standards", &head(["here", "ISO/IEC 19795-1", "ISO/IEC 30107-3"]), &rows))
    }
}
