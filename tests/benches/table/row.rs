//! A row of the table.

use std::time::Duration;

/// A figure, and the aim that it is held against.
pub(crate) struct Row {
    what: String,
    aim: String,
    measured: String,
    beside: String,
    met: Option<bool>,
}

impl Row {
    /// Names what was measured and what it should be.
    pub(crate) fn new(what: impl Into<String>, aim: impl Into<String>) -> Self {
        let (what, aim) = (what.into(), aim.into());
        Self { what, aim, measured: String::new(), beside: String::new(), met: None }
    }

    /// Says what was measured, and whether that meets the aim.
    pub(crate) fn is(self, measured: impl Into<String>, met: bool) -> Self {
        Self { measured: measured.into(), met: Some(met), ..self }
    }

    /// Says what the machine can do at most, and what else is to be known.
    pub(crate) fn beside(self, beside: impl Into<String>) -> Self {
        Self { beside: beside.into(), ..self }
    }

    /// Returns the row as it is printed.
    pub(crate) fn line(&self, name: &str) -> String {
        let met = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        format!(
            "{name:<8} {:<38} {:<18} {:<30} {met:<7} {}",
            self.what, self.aim, self.measured, self.beside
        )
    }
}

/// Returns the heads of the columns.
pub(crate) fn heading() -> String {
    format!("{:<8} {:<38} {:<18} {:<30} {:<7} beside it", "row", "what", "aim", "measured", "aim")
}

/// Returns how many of these a second that was.
pub(crate) fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Writes milliseconds.
pub(crate) fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.0} ms") }
}

/// Writes the processor's time for each of these.
pub(crate) fn each(time: Duration, count: usize) -> String {
    format!("{:.1} us CPU each", time.as_secs_f64() * 1e6 / count as f64)
}

/// Returns the time below which this part of the sorted times is.
pub(crate) fn percentile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length is a place"
    )]
    let place = (last as f64 * part).round() as usize;
    times.get(place).copied().unwrap_or_default()
}
