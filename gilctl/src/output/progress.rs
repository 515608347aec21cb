//! Progress display on stderr. On a terminal it is removed at the end: the filling table and a bar for a
//! sweep, one line for an exploration. Elsewhere it is a line from time to time.

use std::io;
use std::time::{Duration, Instant};

use anstream::adapter::strip_str;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use proto::v1::SweepState;

use crate::output::hints::write_line;
use crate::output::screen::{ascii, terminal_columns};
use view::follow::exploration_log::ExplorationView;
use view::follow::sweep_view::SweepView;
use view::render::format::enum_names;
use view::render::format::page::Width;
use view::render::format::wrap::{columns_of, cut};
use view::render::picture::text::page::Charset;
use view::render::sweep::table;
use view::render::sweep::table::Style;

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
/// The same where there is no room for the bar.
const SEARCH_LINE: &str = "{prefix} {percent} % {msg}";
/// What stands beside the bar and the message, with a state and a time at their longest.
const SEARCH_REST_COLUMNS: usize = 30;
/// Columns of the bar of a sweep.
const BAR_COLUMNS: usize = 30;
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
    board: Option<Board>,
    target: ProgressTarget,
    style: Style,
    charset: Charset,
    /// When this display began, and the attempts that were done by then.
    began: (Instant, u64),
}

/// The table and the bar as they stand on the terminal.
#[derive(Debug)]
struct Board {
    drawn: ProgressBar,
    /// Columns of each line.
    lines: Vec<usize>,
    width: Width,
    state: SweepState,
    at: Instant,
}

impl Progress {
    /// Shows a sweep.
    pub fn new(view: &SweepView, target: ProgressTarget, style: Style, charset: Charset) -> Self {
        let began = (Instant::now(), view.attempts());
        let mut progress = Self { board: None, target, style, charset, began };
        if target == ProgressTarget::Terminal {
            let drawn = styled(ProgressBar::new_spinner(), "{msg}", charset);
            let (width, at) = (progress.style.width, Instant::now());
            progress.board = Some(Board { drawn, lines: Vec::new(), width, state: view.state, at });
            progress.redraw(view);
        }
        progress
    }

    /// Redraws the display where a new state, another width or enough time asks for it.
    pub fn update(&mut self, view: &SweepView) {
        let is_due = self.board.as_ref().is_some_and(|board| {
            board.state != view.state
                || board.at.elapsed() >= REDRAW_INTERVAL
                || self.width() != board.width
        });
        if is_due {
            self.redraw(view);
        }
    }

    /// Redraws the display as wide as the terminal is now.
    pub fn redraw(&mut self, view: &SweepView) {
        self.style.width = self.width();
        let text = self.text(view);
        let Some(board) = &mut self.board else { return };
        let wrapped = wrapped_rows(&board.lines, self.style.width);
        board.lines = text.lines().map(|line| columns_of(&strip_str(line).to_string())).collect();
        board.drawn.set_message(text);
        if board.width != self.style.width {
            board.drawn.suspend(|| erase_above(wrapped));
        }
        (board.width, board.state, board.at) = (self.style.width, view.state, Instant::now());
    }

    /// The width of the terminal now; where it has none, what it had.
    fn width(&self) -> Width {
        terminal_columns(io::stderr()).map_or(self.style.width, Width::Most)
    }

    fn text(&self, view: &SweepView) -> String {
        let (since, before) = self.began;
        let line = progress_line(view, before, since.elapsed());
        let bar = bar(view, self.charset);
        let most = self.style.width.most();
        let has_room = columns_of(&line) + 1 + BAR_COLUMNS <= most;
        let line = if has_room { format!("{bar} {line}") } else { cut(&line, most) };
        let has_table = view.rows.len() <= LIVE_ROWS_MAX;
        let table = has_table.then(|| table::live(view, self.style));
        let text = table.into_iter().chain([line]).collect::<Vec<_>>().join("\n");
        match self.charset {
            Charset::Ascii => ascii(&text),
            Charset::Unicode => text,
        }
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
        match &self.board {
            Some(board) => board.drawn.suspend(|| write_line(line)),
            None => write_line(line),
        }
    }

    /// Removes the display.
    pub fn clear(&mut self) {
        if let Some(board) = self.board.take() {
            board.drawn.finish_and_clear();
        }
    }
}

/// Rows that lines take beyond one each, where a terminal that became narrower wraps them.
fn wrapped_rows(lines: &[usize], width: Width) -> usize {
    let most = width.most().max(1);
    lines.iter().map(|columns| columns.saturating_sub(1) / most).sum()
}

/// Erases so many rows above the cursor, and what is below.
fn erase_above(rows: usize) {
    if rows > 0 {
        // An error means that the terminal is gone.
        let _ = io::Write::write_all(&mut io::stderr(), format!("\x1b[{rows}A\x1b[J").as_bytes());
    }
}

/// The share of the attempts that is done, as a bar.
fn bar(view: &SweepView, charset: Charset) -> String {
    let columns = BAR_COLUMNS as u64;
    let done = view.attempts().saturating_mul(columns) / view.attempts_requested().max(1);
    let sign = |at| if at < done { charset.pick('█', '#') } else { charset.pick('░', '-') };
    (0..columns).map(sign).collect()
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
    charset: Charset,
    began: Instant,
}

impl SearchProgress {
    /// Shows an exploration.
    pub fn new(view: &ExplorationView, target: ProgressTarget, charset: Charset) -> Self {
        let is_watched = target == ProgressTarget::Terminal;
        let bar = is_watched.then(|| styled(ProgressBar::new(SHARES), SEARCH_BAR, charset));
        let progress = Self { bar, target, charset, began: Instant::now() };
        progress.update(view);
        progress
    }

    /// Redraws the display.
    pub fn update(&self, view: &ExplorationView) {
        let Some(bar) = &self.bar else { return };
        let state = enum_names::state(view.exploration.state());
        bar.set_prefix(state);
        let Some(progress) = &view.progress else { return };
        let part = enum_names::one_line(&progress.part);
        let most = terminal_columns(io::stderr()).unwrap_or(usize::MAX);
        let (template, message) = search_display(&part, state, most);
        restyle(bar, template, self.charset);
        bar.set_message(message);
        bar.set_position(shares(progress.done));
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

/// The template that has room on so many columns, and the message, cut to what is left of them.
fn search_display(part: &str, state: &str, most: usize) -> (&'static str, String) {
    if BAR_COLUMNS + SEARCH_REST_COLUMNS + columns_of(part) <= most {
        return (SEARCH_BAR, part.to_owned());
    }
    // The state, a percentage of up to three digits, and the spaces between.
    let beside = columns_of(state) + " 100 % ".len();
    let message = cut(part, most.saturating_sub(beside));
    (SEARCH_LINE, message)
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

fn styled(bar: ProgressBar, template: &str, charset: Charset) -> ProgressBar {
    restyle(&bar, template, charset);
    bar
}

fn restyle(bar: &ProgressBar, template: &str, charset: Charset) {
    // A template that does not parse falls back to the default bar; a test checks that ours parse.
    match (ProgressStyle::with_template(template), charset) {
        (Ok(style), Charset::Ascii) => bar.set_style(style.progress_chars("#>-")),
        (Ok(style), Charset::Unicode) => bar.set_style(style),
        (Err(_), _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::v1::{Cell, Sweep};

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
        assert!(ProgressStyle::with_template(SEARCH_BAR).is_ok());
        assert!(ProgressStyle::with_template(SEARCH_LINE).is_ok());
        assert!(ProgressStyle::with_template("{msg}").is_ok());
    }

    #[test]
    fn search_line_fits_a_narrow_terminal() {
        let part = "counting interleavings of every state";
        let shown = |most| search_display(part, "RUNNING", most);
        assert_eq!(shown(120), (SEARCH_BAR, part.to_owned()));
        for most in [20, 40, 60] {
            let (template, message) = shown(most);
            assert_eq!(template, SEARCH_LINE);
            let line = format!("RUNNING 100 % {message}");
            assert!(columns_of(&line) <= most, "{line} on {most}");
        }
        assert_eq!(shown(0).1, cut(part, 0));
    }

    #[test]
    fn lines_of_a_terminal_that_became_narrower_take_more_rows() {
        assert_eq!(wrapped_rows(&[0, 60, 61, 120, 121], Width::Most(60)), 4);
        assert_eq!(wrapped_rows(&[120], Width::Any), 0);
    }
}
