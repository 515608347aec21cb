//! What a person sees meanwhile: of a sweep the table as it fills and one bar, of an exploration
//! one line. Only on a terminal, only on stderr, and gone at the end.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::follow::exploration_log::ExplorationView;
use crate::follow::sweep_view::SweepView;
use crate::render::format::enum_names;
use crate::render::sweep::table;
use crate::render::sweep::table::Style;

/// Most cells whose table is redrawn: more would scroll instead of standing still.
pub const LIVE_ROWS_MAX: usize = 20;
/// Least time between two drawings of the table: an embedded lab measures on the same cores.
const REDRAW_INTERVAL: Duration = Duration::from_millis(200);
/// Steps of the bar of an exploration.
const SHARES: u64 = 1000;
const SEARCH_BAR: &str = "{prefix} {bar:30} {percent} % {msg} ({elapsed})";
const BAR: &str = "{prefix} {bar:30} {pos}/{len} attempts, {rate}/s, {eta} left";

/// Whether there is somebody to show progress to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressTarget {
    /// A terminal.
    Watching,
    /// A file, a pipe, or someone who wants quiet.
    Absent,
}

/// What stands on the terminal, if anything.
#[derive(Debug)]
pub struct Progress {
    drawn: Option<Drawn>,
    style: Style,
}

#[derive(Debug)]
struct Drawn {
    all: MultiProgress,
    table: Option<ProgressBar>,
    bar: ProgressBar,
    last_redraw: Option<Instant>,
}

impl Progress {
    /// Starts to show a sweep.
    pub fn new(board: &SweepView, audience: ProgressTarget, style: Style) -> Self {
        let drawn = (audience == ProgressTarget::Watching).then(|| draw(board));
        let mut progress = Self { drawn, style };
        progress.update(board);
        progress
    }

    /// Shows how far it is.
    pub fn update(&mut self, board: &SweepView) {
        let Some(drawn) = &mut self.drawn else { return };
        let is_due = drawn.last_redraw.is_none_or(|at| at.elapsed() >= REDRAW_INTERVAL);
        if let Some(table) = drawn.table.as_ref().filter(|_| is_due) {
            table.set_message(table::live(board, self.style));
            drawn.last_redraw = Some(Instant::now());
        }
        drawn.bar.set_prefix(enum_names::state(board.state));
        drawn.bar.set_position(board.attempts());
    }

    /// Prints a line beside what stands there.
    pub fn say(&self, line: &str) {
        match &self.drawn {
            Some(drawn) => drawn.all.suspend(|| crate::output::hints::tell(line)),
            None => crate::output::hints::tell(line),
        }
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        if let Some(drawn) = self.drawn.take() {
            drawn.bar.finish_and_clear();
            if let Some(table) = drawn.table {
                table.finish_and_clear();
            }
            // The terminal is gone, or it is not: nothing depends on a cleared line.
            let _ = drawn.all.clear();
        }
    }
}

/// What stands on the terminal of an exploration, if anything.
#[derive(Debug)]
pub struct SearchProgress {
    bar: Option<ProgressBar>,
}

impl SearchProgress {
    /// Starts to show an exploration.
    pub fn new(findings: &ExplorationView, audience: ProgressTarget) -> Self {
        let is_watched = audience == ProgressTarget::Watching;
        let bar = is_watched.then(|| styled(ProgressBar::new(SHARES), SEARCH_BAR));
        let progress = Self { bar };
        progress.update(findings);
        progress
    }

    /// Shows how far it is.
    pub fn update(&self, findings: &ExplorationView) {
        let Some(bar) = &self.bar else { return };
        bar.set_prefix(enum_names::state(findings.exploration.state()));
        if let Some(progress) = &findings.progress {
            bar.set_message(enum_names::one_line(&progress.part));
            bar.set_position(shares(progress.done));
        }
    }

    /// Prints a line beside what stands there.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| crate::output::hints::tell(line)),
            None => crate::output::hints::tell(line),
        }
    }

    /// Takes it away.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn shares(done: f64) -> u64 {
    (done.clamp(0.0, 1.0) * SHARES as f64) as u64
}

fn draw(board: &SweepView) -> Drawn {
    let all = MultiProgress::new();
    let has_table = board.rows.len() <= LIVE_ROWS_MAX;
    let table = has_table.then(|| all.add(styled(ProgressBar::new_spinner(), "{msg}")));
    let bar = all.add(styled(ProgressBar::new(board.attempts_requested()), BAR));
    Drawn { all, table, bar, last_redraw: None }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    // A template that did not parse would fall back to the default bar; a test holds that ours do.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.with_key("rate", rate)),
        Err(_) => bar,
    }
}

/// indicatif's own rate has four decimals.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    // Writing into the line fails only if the terminal does; then nobody reads it.
    let _ = write!(out, "{:.0}", state.per_sec());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stays_within_its_ends() {
        let positions = [-1.0, 0.0, 0.25, 7.0, f64::NAN].map(shares);
        assert_eq!(positions, [0, 0, 250, SHARES, 0]);
    }

    #[test]
    fn templates_parse() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
        assert!(ProgressStyle::with_template(SEARCH_BAR).is_ok());
        assert!(ProgressStyle::with_template("{msg}").is_ok());
    }
}
