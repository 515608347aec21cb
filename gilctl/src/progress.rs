//! What a person sees while a sweep runs: the table as it fills and one bar. Only on a terminal,
//! only on stderr, and gone at the end.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::board::Board;
use crate::render::table::{self, Style};
use crate::render::words;

/// Most cells whose table is redrawn: more would scroll instead of standing still.
pub const LIVE_ROWS_MAX: usize = 20;
/// Least time between two drawings of the table: an embedded lab measures on the same cores.
const REDRAW_INTERVAL: Duration = Duration::from_millis(200);
const BAR: &str = "{prefix} {bar:30} {pos}/{len} attempts, {rate}/s, {eta} left";

/// Whether there is somebody to show progress to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
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
    pub fn new(board: &Board, audience: Audience, style: Style) -> Self {
        let drawn = (audience == Audience::Watching).then(|| draw(board));
        let mut progress = Self { drawn, style };
        progress.update(board);
        progress
    }

    /// Shows how far it is.
    pub fn update(&mut self, board: &Board) {
        let Some(drawn) = &mut self.drawn else { return };
        let is_due = drawn.last_redraw.is_none_or(|at| at.elapsed() >= REDRAW_INTERVAL);
        if let Some(table) = drawn.table.as_ref().filter(|_| is_due) {
            table.set_message(table::live(board, self.style));
            drawn.last_redraw = Some(Instant::now());
        }
        drawn.bar.set_prefix(words::state(board.state));
        drawn.bar.set_position(board.attempts());
    }

    /// Prints a line beside what stands there.
    pub fn say(&self, line: &str) {
        match &self.drawn {
            Some(drawn) => drawn.all.suspend(|| crate::commands::hints::tell(line)),
            None => crate::commands::hints::tell(line),
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

fn draw(board: &Board) -> Drawn {
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
    fn templates_parse() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
        assert!(ProgressStyle::with_template("{msg}").is_ok());
    }
}
