//! Progress display on a terminal's stderr, removed at the end: the filling table and a bar for a
//! sweep, one line for an exploration.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::follow::exploration_log::ExplorationView;
use crate::follow::sweep_view::SweepView;
use crate::output::hints::write_line;
use crate::render::format::enum_names;
use crate::render::sweep::table;
use crate::render::sweep::table::Style;

/// Most cells whose table is redrawn; a longer table would scroll.
pub const LIVE_ROWS_MAX: usize = 20;
/// Least time between two drawings of the table, because an embedded lab measures on the same
/// cores.
const REDRAW_INTERVAL: Duration = Duration::from_millis(200);
/// Steps of the bar of an exploration.
const SHARES: u64 = 1000;
const SEARCH_BAR: &str = "{prefix} {bar:30} {percent} % {msg} ({elapsed})";
const BAR: &str = "{prefix} {bar:30} {pos}/{len} attempts, {rate}/s, {eta} left";

/// Where progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressTarget {
    /// On the terminal.
    Terminal,
    /// Nowhere: stderr is a file or a pipe, or `--quiet` was given.
    None,
}

/// Progress display of a sweep; empty without a terminal.
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
    /// Shows a sweep.
    pub fn new(view: &SweepView, target: ProgressTarget, style: Style) -> Self {
        let drawn = (target == ProgressTarget::Terminal).then(|| draw(view));
        let mut progress = Self { drawn, style };
        progress.update(view);
        progress
    }

    /// Redraws the display.
    pub fn update(&mut self, view: &SweepView) {
        let Some(drawn) = &mut self.drawn else { return };
        let is_due = drawn.last_redraw.is_none_or(|at| at.elapsed() >= REDRAW_INTERVAL);
        if let Some(table) = drawn.table.as_ref().filter(|_| is_due) {
            table.set_message(table::live(view, self.style));
            drawn.last_redraw = Some(Instant::now());
        }
        drawn.bar.set_prefix(enum_names::state(view.state));
        drawn.bar.set_position(view.attempts());
    }

    /// Writes a line above the display.
    pub fn say(&self, line: &str) {
        match &self.drawn {
            Some(drawn) => drawn.all.suspend(|| write_line(line)),
            None => write_line(line),
        }
    }

    /// Removes the display.
    pub fn clear(&mut self) {
        if let Some(drawn) = self.drawn.take() {
            drawn.bar.finish_and_clear();
            if let Some(table) = drawn.table {
                table.finish_and_clear();
            }
            // An error means that the terminal is gone.
            let _ = drawn.all.clear();
        }
    }
}

/// Progress display of an exploration; empty without a terminal.
#[derive(Debug)]
pub struct SearchProgress {
    bar: Option<ProgressBar>,
}

impl SearchProgress {
    /// Shows an exploration.
    pub fn new(view: &ExplorationView, target: ProgressTarget) -> Self {
        let is_watched = target == ProgressTarget::Terminal;
        let bar = is_watched.then(|| styled(ProgressBar::new(SHARES), SEARCH_BAR));
        let progress = Self { bar };
        progress.update(view);
        progress
    }

    /// Redraws the display.
    pub fn update(&self, view: &ExplorationView) {
        let Some(bar) = &self.bar else { return };
        bar.set_prefix(enum_names::state(view.exploration.state()));
        if let Some(progress) = &view.progress {
            bar.set_message(enum_names::one_line(&progress.part));
            bar.set_position(shares(progress.done));
        }
    }

    /// Writes a line above the display.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| write_line(line)),
            None => write_line(line),
        }
    }

    /// Removes the display.
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

fn draw(view: &SweepView) -> Drawn {
    let all = MultiProgress::new();
    let has_table = view.rows.len() <= LIVE_ROWS_MAX;
    let table = has_table.then(|| all.add(styled(ProgressBar::new_spinner(), "{msg}")));
    let bar = all.add(styled(ProgressBar::new(view.attempts_requested()), BAR));
    Drawn { all, table, bar, last_redraw: None }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    // A template that does not parse falls back to the default bar; a test checks that ours parse.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.with_key("rate", rate)),
        Err(_) => bar,
    }
}

/// The rate without decimals; indicatif's own has four.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    // Writing to the line fails only if the terminal is gone.
    let _ = write!(out, "{:.0}", state.per_sec());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_position_out_of_range_is_clamped() {
        let positions = [-1.0, 0.0, 0.25, 7.0, f64::NAN].map(shares);
        assert_eq!(positions, [0, 0, 250, SHARES, 0]);
    }

    #[test]
    fn bar_templates_parse() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
        assert!(ProgressStyle::with_template(SEARCH_BAR).is_ok());
        assert!(ProgressStyle::with_template("{msg}").is_ok());
    }
}
