//! How much the processor worked: on a machine that does other things too, the wall clock tells less.

/// Seconds of all threads of this process so far; `None` where there is no `/proc`.
pub fn processor_seconds() -> Option<f64> {
    /// Linux reports to programs in hundredths of a second on all its processors.
    const TICKS: f64 = 100.0;
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // after the name, which is in brackets: user time is field 12 and system time field 13 of the rest
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS)
}
