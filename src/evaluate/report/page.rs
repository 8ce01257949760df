//! A report as one page: no scripts, nothing from elsewhere, plots inside.

mod tables;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::protocol::{HIGH_CONTROL, TERMS};
use super::table::number;
use super::{Report, SetReport, Writers};
use crate::evaluate::plot::charts::Chart;
use tables::{head, table};

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 84rem; margin: 0 auto; padding: 1rem }
h1, h2 { line-height: 1.2 } h2 { margin-top: 2.5rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem }
th, td { border-bottom: 1px solid #ccc; padding: .25rem .6rem; text-align: left; vertical-align: top }
thead th { border-bottom: 2px solid #666; vertical-align: bottom } tbody th { font-weight: 500 }
td { white-space: nowrap } .text td { white-space: normal }
dt { font-weight: 600 } dd { margin: 0 0 .6rem 1.5rem }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.5rem }
figure { margin: 0 } figure svg { width: 100%; height: auto }
.warning { border-left: 4px solid #b45309; padding: .3rem 1rem; background: #fff7ed }
";

/// The whole page.
pub(super) fn page(report: &Report, charts: &[Chart]) -> Markup {
    let who = match report.writers {
        Writers::Validation => {
            "validation writers, who also chose thresholds and calibration where the model knows the set: an optimistic estimate"
        }
        Writers::Test => "test writers, whom neither training nor thresholds nor calibration saw",
        Writers::Development => "training and validation writers of sets that the model did not learn from",
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
                    (tables::error_rates(report))
                    h2 { "Plots" }
                    p { "Protocol (a), one reference, unless a caption says otherwise." }
                    div class="plots" { @for chart in charts { (figure(chart)) } }
                    (tables::left_out(report))
                    (tables::official(report))
                    (tables::counts(report))
                    (tables::controls(report))
                    (tables::thresholds(report))
                    (tables::evidence(report))
                    (tables::mistaken(report))
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
                (set.figures.writers) " writers, or its thresholds and calibration were fitted on them. "
                "Their figures prove nothing for anybody else." }
        }
        @for (name, _) in report.sets.iter().filter(|(_, set)| !set.known_set) {
            p { (name) ": the model learned from no writer of this set." }
        }
    }
}

fn figure(chart: &Chart) -> Markup {
    // the file's own attributes follow
    let svg =
        chart.svg.replacen("<svg ", &format!("<svg role=\"img\" aria-labelledby=\"{}\" ", chart.file), 1);
    html! { figure { (PreEscaped(svg)) figcaption id=(chart.file) { (chart.caption) } } }
}

fn terms() -> Markup {
    let rows = TERMS.map(|row| row.map(str::to_owned).to_vec());
    html! {
        h2 { "Terms" }
        div class="text" {
            (table("The same rates in two standards", &head(["here", "ISO/IEC 19795-1", "ISO/IEC 30107-3"]), &rows))
        }
    }
}
