//! Ctrl-C for commands that keep what is finished.

use burn_train::Interrupter;
use countersign::{Error, Result};

/// Told to stop by the first Ctrl-C (or SIGTERM); the second ends the program at once.
pub fn on_ctrl_c() -> Result<Interrupter> {
    let interrupter = Interrupter::new();
    let stop = interrupter.clone();
    ctrlc::set_handler(move || {
        if stop.should_stop() {
            std::process::exit(super::INTERRUPTED.into());
        }
        eprintln!("\nstopping; what is finished is kept");
        stop.stop(None);
    })
    .map_err(|error| Error::Training(error.to_string()))?;
    Ok(interrupter)
}
