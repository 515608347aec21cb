//! Progress display on stderr. On a terminal it is removed at the end: the filling table and a bar for a
//! sweep, one line for an exploration. Elsewhere it is a line from time to time.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressState, ProgressStyle};

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
/// Longest time that is estimated.
const SECONDS_MAX: f64 = 1e9;
/// Steps of the bar of an exploration.
const SHARES: u64 = 1000;
const SEARCH_BAR: &str = "{prefix} {bar:30} {percent} % {msg} ({elapsed})";
const BAR: &str = "{prefix} {bar:30} {pos}/{len} attempts, {rate}/s, {left} left";
/// Time between two lines where stderr is not a terminal.
pub const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Where progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressTarget {
    /// On the terminal.
    Terminal,
    /// As a line every [`LINE_INTERVAL`]: stderr is a file or a pipe.
    Lines,
    /// Nowhere: `--quiet` was given.
    None,
}

/// Progress display of a sweep.
#[derive(Debug)]
pub struct Progress {
    /// On a terminal.
    drawn: Option<Drawn>,
    target: ProgressTarget,
    style: Style,
    /// When this display began, and the attempts that were done by then.
    began: (Instant, u64),
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
        let began = (Instant::now(), view.attempts());
        let mut progress = Self { drawn, target, style, began };
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

    /// Writes a line if lines are shown; to be called every [`LINE_INTERVAL`].
    pub fn tick(&self, view: &SweepView) {
        if self.target == ProgressTarget::Lines {
            let (since, before) = self.began;
            write_line(&progress_line(view, before, since.elapsed()));
        }
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

/// The line of a sweep that had `before` attempts when this program began to follow it.
fn progress_line(view: &SweepView, before: u64, elapsed: Duration) -> String {
    let (state, done, all) =
        (enum_names::state(view.state), view.attempts(), view.attempts_requested());
    let line = format!("{state}: {done}/{all} attempts");
    let rate = done.saturating_sub(before) as f64 / elapsed.as_secs_f64();
    // Nothing was done yet, or no time has passed.
    if !(rate.is_finite() && rate > 0.0) {
        return line;
    }
    let left = Duration::from_secs_f64((all.saturating_sub(done) as f64 / rate).min(SECONDS_MAX));
    format!("{line}, {}/s, about {:#} left", significant(rate), HumanDuration(left))
}

/// Two digits of what is small, no decimals of what is large.
fn significant(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

/// Progress display of an exploration.
#[derive(Debug)]
pub struct SearchProgress {
    /// On a terminal.
    bar: Option<ProgressBar>,
    target: ProgressTarget,
    began: Instant,
}

impl SearchProgress {
    /// Shows an exploration.
    pub fn new(view: &ExplorationView, target: ProgressTarget) -> Self {
        let is_watched = target == ProgressTarget::Terminal;
        let bar = is_watched.then(|| styled(ProgressBar::new(SHARES), SEARCH_BAR));
        let progress = Self { bar, target, began: Instant::now() };
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

    /// Writes a line if lines are shown; to be called every [`LINE_INTERVAL`].
    pub fn tick(&self, view: &ExplorationView) {
        if self.target == ProgressTarget::Lines {
            write_line(&search_line(view, self.began.elapsed()));
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

fn search_line(view: &ExplorationView, elapsed: Duration) -> String {
    let state = enum_names::state(view.exploration.state());
    let time = HumanDuration(elapsed);
    match &view.progress {
        Some(progress) => {
            let (percent, part) =
                (progress.done.clamp(0.0, 1.0) * 100.0, enum_names::one_line(&progress.part));
            format!("{state}: {part}, {percent:.0} % after {time:#}")
        }
        None => format!("{state} for {time:#}"),
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
        Ok(style) => bar.with_style(style.with_key("rate", rate).with_key("left", left)),
        Err(_) => bar,
    }
}

/// The rate without decimals; indicatif's own has four.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    // Writing to the line fails only if the terminal is gone.
    let _ = write!(out, "{:.0}", state.per_sec());
}

/// The time that is left, once there is a rate to estimate it from.
fn left(state: &ProgressState, out: &mut dyn Write) {
    let _ = match state.pos() {
        0 => write!(out, "unknown time"),
        _ => write!(out, "{:#}", HumanDuration(state.eta())),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::v1::{Cell, Sweep, SweepState};

    #[test]
    fn line_has_an_estimate_once_something_was_done() {
        let cells = vec![Cell { attempts_requested: 400, ..Cell::default() }];
        let mut sweep = Sweep { cells, ..Sweep::default() };
        sweep.set_state(SweepState::Queued);
        let view = SweepView::new(sweep);
        let line = |before, seconds| progress_line(&view, before, Duration::from_secs(seconds));
        assert_eq!(line(0, 10), "QUEUED: 0/400 attempts");
        assert_eq!(line(7, 0), "QUEUED: 0/400 attempts");
    }

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
