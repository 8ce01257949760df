//! Measuring how well a model tells hands apart, and what it could cheat with.
//!
//! ```text
//! encoded     signatures of a corpus, compared as a check compares them
//! scores      every signature of a writer against every reference -> raw scores
//! errors      of all writers of a corpus
//! calibrate   what the manifest says of scores, fitted on validation writers (templates: of references; impostors:
//!             of strangers)
//! figures     rates and evidence of a set (metrics) with intervals (bootstrap), and the no-reference control
//!             (control: one number of the image; probe: a trained classifier on the encoder's features)
//! report      all of it as metrics.json, a page and plots
//! identify    one signature against all people of a set (shortlist: against very many)
//! pairs       a list of pairs, through the checker that the page uses
//! one_shot    accuracies of choosing the right category, as a file that several programs add to
//! episodes    one-shot classification among N categories by K examples each
//! robustness  the same signatures altered (alter);  cohort: an experiment on score normalisation
//! forgers     whose imitations are alike;  known: whom a model learned from
//! ```

pub mod alter;
pub mod bootstrap;
pub mod calibrate;
pub mod cohort;
pub mod control;
mod encoded;
pub mod episodes;
pub mod errors;
pub mod figures;
pub mod forgers;
pub mod fuse;
pub mod identify;
pub mod impostors;
pub mod known;
pub mod metrics;
pub mod one_shot;
pub mod pairs;
mod plot;
pub mod probe;
pub mod report;
pub mod robustness;
pub mod scores;
pub mod shortlist;
mod templates;
