//! Progress of long work: burn-train's display on a terminal, a line an epoch elsewhere, JSON for programs.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use burn_train::Interrupter;
use burn_train::renderer::MetricsRenderer;
use burn_train::renderer::tui::TuiMetricsRendererWrapper;
use serde::Serialize;

use super::corpus::Set;
use super::history::EpochRecord;
use super::quiet::Quiet;
use crate::evaluate::figures::SetFigures;
use crate::evaluate::report::Table;
use crate::ink::Stage;

/// Counts on standard error, where that is a terminal: how many of how many are done.
pub fn counter(what: &str) -> impl Fn(usize, usize) + Sync + '_ {
    let shown = std::io::stderr().is_terminal();
    move |done, total| {
        // a write that fails leaves nothing to do about it
        if shown && (done % 50 == 0 || total < 1000 || done == total) {
            let end = if done == total { "\n" } else { "" };
            let _ = write!(std::io::stderr(), "\r{what} {done}/{total}{end}");
        }
    }
}

/// What happens in a run. As JSON an object a line, whose `event` is the name of the variant in lower case;
/// `{}` is the same for people.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event<'a> {
    /// Training begins with `epoch`, which is above 1 for a resumed run. `run` is its folder, `batches` are
    /// those of an epoch.
    Start { name: &'a str, run: &'a Path, epoch: usize, epochs: usize, batches: usize },
    /// The model whose weights the run starts from was trained on frames of another stage.
    Stage { trained: Stage, asked: Stage },
    /// A batch was trained. Told of the first in an epoch, then at most every two seconds.
    Step { epoch: usize, step: usize, steps: usize, loss: f64 },
    /// An epoch is done; `best` if none before it was as good.
    Epoch {
        #[serde(flatten)]
        record: &'a EpochRecord,
        epochs: usize,
        best: bool,
    },
    /// Training is over. `epoch` is the last that is done, `best` the best of them.
    End { outcome: End, epoch: usize, best: Option<usize> },
    /// The model was written to `folder`; its weights are those of `epoch`.
    Model { folder: &'a Path, epoch: usize, validation: &'a BTreeMap<Set, SetFigures> },
    /// A run of cross-validation is over; it writes no model.
    Fold { fold: usize, epoch: usize, validation: &'a BTreeMap<Set, SetFigures> },
    /// Nothing follows.
    Error { code: &'a str, message: &'a str },
}

/// Why training is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// All epochs are done.
    Finished,
    /// The validation was not getting better.
    EarlyStopping,
    /// Somebody asked for it.
    Interrupted,
}

impl Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { name, run, epoch, epochs, batches } => {
                let run = run.display();
                write!(f, "training {name} in {run}: epochs {epoch} to {epochs} of {batches} batches")
            }
            Self::Stage { trained, asked } => write!(
                f,
                "note: the weights of start were trained on frames of the stage {trained}, this run draws those of {asked}; \
                 if that is not meant, set input.stage"
            ),
            Self::Step { epoch, step, steps, loss } => {
                write!(f, "epoch {epoch}  step {step}/{steps}  loss {loss:.4}")
            }
            Self::Epoch { record, epochs, best } => {
                let EpochRecord { epoch, seconds, train_loss, validation_loss, eer, eer_by_set } = record;
                write!(f, "epoch {epoch}/{epochs}  {seconds:.0} s  loss {train_loss:.4}")?;
                write!(f, "  validation loss {validation_loss:.4}")?;
                if let Some(eer) = eer {
                    write!(f, "  EER {eer:.2} %")?;
                }
                if eer_by_set.len() > 1 {
                    eer_by_set.iter().try_for_each(|(set, rate)| write!(f, "  {set} {rate:.2}"))?;
                }
                if *best { write!(f, "  best so far") } else { Ok(()) }
            }
            Self::End { outcome, epoch, best } => {
                match outcome {
                    End::Finished => write!(f, "finished after epoch {epoch}")?,
                    End::EarlyStopping => write!(f, "stopped after epoch {epoch}: no better validation")?,
                    End::Interrupted => {
                        write!(f, "interrupted after epoch {epoch}; continue with --resume")?;
                    }
                }
                best.map_or(Ok(()), |best| write!(f, "; the best epoch is {best}"))
            }
            Self::Model { folder, epoch, validation } => {
                write!(f, "\nvalidation writers, skilled forgeries:\n\n{}\n", Table::of(validation))?;
                write!(f, "the model of epoch {epoch} is in {}", folder.display())
            }
            Self::Fold { fold, epoch, validation } => {
                write!(
                    f,
                    "\nwriters of fold {fold}, skilled forgeries, epoch {epoch}:\n\n{}\n",
                    Table::of(validation)
                )?;
                write!(f, "a fold compares recipes; no model is written")
            }
            Self::Error { message, .. } => write!(f, "error: {message}"),
        }
    }
}

/// Where the progress of a run goes.
#[derive(Clone)]
pub enum Progress {
    /// burn-train's display; its keys stop the run through the interrupter.
    Terminal(Interrupter),
    Events(Arc<dyn Fn(&Event<'_>) + Send + Sync>),
}

impl Progress {
    /// The display where standard output is a terminal, lines elsewhere.
    pub fn for_people() -> Self {
        if std::io::stdout().is_terminal() { Self::Terminal(Interrupter::new()) } else { Self::lines() }
    }

    /// A line an epoch on standard output.
    pub fn lines() -> Self {
        Self::Events(Arc::new(|event| {
            if !matches!(event, Event::Step { .. } | Event::Error { .. }) {
                print(event);
            }
        }))
    }

    /// Every event as a line of JSON on standard output.
    pub fn json() -> Self {
        // the events hold nothing that JSON cannot say, except paths that are not UTF-8
        Self::Events(Arc::new(|event| print(serde_json::to_string(event).unwrap_or_default())))
    }

    pub fn tell(&self, event: &Event<'_>) {
        match self {
            Self::Events(tell) => tell(event),
            // the display shows the rest
            Self::Terminal(_) => match event {
                Event::Stage { .. } | Event::End { .. } | Event::Model { .. } | Event::Fold { .. } => {
                    print(event)
                }
                _ => {}
            },
        }
    }

    /// The display that burn-train drives.
    pub(super) fn renderer(&self, checkpoint: Option<usize>) -> Box<dyn MetricsRenderer> {
        match self {
            // an interrupter of its own, for it forgets every stop and error when training ends
            Self::Terminal(keys) => Box::new(TuiMetricsRendererWrapper::new(keys.clone(), checkpoint)),
            Self::Events(_) => Box::new(Quiet),
        }
    }

    /// Whether a key of the display stopped the run.
    pub(super) fn asks_to_stop(&self) -> bool {
        let Self::Terminal(keys) = self else { return false };
        allow_ctrl_c();
        keys.should_stop()
    }
}

/// The display reads keys one by one, which turns Ctrl-C into a key that it does not know.
fn allow_ctrl_c() {
    #[cfg(unix)]
    {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let terminal = rustix::stdio::stdin();
        if let Ok(mut settings) = tcgetattr(terminal)
            && !settings.local_modes.contains(LocalModes::ISIG)
        {
            settings.local_modes |= LocalModes::ISIG;
            // without it, the display's own key q is left
            let _ = tcsetattr(terminal, OptionalActions::Now, &settings);
        }
    }
}

/// Unlike `println!`, does not panic where the reader has gone.
fn print(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
