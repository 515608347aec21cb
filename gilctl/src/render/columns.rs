//! The columns of a sweep's table: what each shows of a row, and where it applies at all.

use proto::v1::{Cell, Measurement, Validity, Verdict};

use super::grid::Align;
use super::ink::Mark;
use super::quantity::{Spread, count};
use crate::board::{Board, Row, Stage};
use crate::value::duration::{show, show_nanoseconds};

/// A parameter of the workload that may vary among cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Workers of an attempt.
    Workers,
    /// Tasks and increments of each.
    Work,
    /// Name of the body.
    Body,
    /// Steps outside the bodies.
    TaskSteps,
    /// Cost of a step.
    StepCost,
    /// Work in the window.
    Inside,
    /// Work after the body.
    Outside,
    /// Blocking calls.
    Io,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Name, era, switch rule.
    Strategy,
    /// A parameter that varies.
    Axis(Axis),
    /// Share of right attempts.
    Correct,
    /// Its range among rounds.
    Rounds,
    /// The least final value.
    Seen,
    /// Share of lost updates.
    Lost,
    /// Hand-overs.
    Switches,
    /// Increments a second.
    Speed,
    /// Fairness.
    Jain,
    /// Share of the time that at least two worked.
    Overlap,
    /// What became of the promise.
    Verdict,
}

impl Axis {
    /// Every axis, in the order of columns.
    pub const ALL: [Self; 8] = [
        Self::Workers,
        Self::Work,
        Self::Body,
        Self::TaskSteps,
        Self::StepCost,
        Self::Inside,
        Self::Outside,
        Self::Io,
    ];

    /// Whether cells differ in it.
    pub fn varies(self, rows: &[Row]) -> bool {
        rows.windows(2).any(|pair| self.text(&pair[0].cell) != self.text(&pair[1].cell))
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Workers => "WORKERS",
            Self::Work => "TASKS\nX INC",
            Self::Body => "BODY",
            Self::TaskSteps => "TASK\nSTEPS",
            Self::StepCost => "STEP\nCOST",
            Self::Inside => "INSIDE",
            Self::Outside => "OUTSIDE",
            Self::Io => "IO",
        }
    }

    fn text(self, cell: &Cell) -> String {
        match self {
            Self::Workers => cell.workers.to_string(),
            Self::Work => format!("{} x {}", cell.tasks, cell.increments),
            Self::Body => cell.body.clone(),
            Self::TaskSteps => cell.task_steps.to_string(),
            Self::StepCost => show_nanoseconds(cell.step_cost_ns),
            Self::Inside => show_nanoseconds(cell.inside_ns),
            Self::Outside => show_nanoseconds(cell.outside_ns),
            Self::Io => io(cell).unwrap_or_else(|| "none".to_owned()),
        }
    }
}

impl Column {
    /// Every column, from left to right.
    pub fn all() -> Vec<Self> {
        use Column::{Correct, Jain, Lost, Overlap, Rounds, Seen, Speed, Strategy, Switches};
        let mut all = vec![Strategy];
        all.extend(Axis::ALL.map(Self::Axis));
        all.extend([Correct, Rounds, Seen, Lost, Switches, Speed, Jain, Overlap, Self::Verdict]);
        all
    }

    /// Whether it says anything about any of these cells.
    pub fn applies(self, board: &Board) -> bool {
        let any =
            |says: fn(&Measurement) -> bool| board.rows.iter().filter_map(Row::figures).any(says);
        match self {
            Self::Strategy => true,
            Self::Axis(axis) => axis.varies(&board.rows),
            Self::Correct | Self::Seen | Self::Speed => any(|_| true),
            Self::Verdict => board.rows.iter().any(|row| !verdict(row).is_empty()),
            Self::Rounds => any(rounds_say_more),
            Self::Lost => any(|it| it.lost_low != 0.0 || it.lost_high != 0.0),
            Self::Switches => any(|it| it.switches.is_some()),
            Self::Jain | Self::Overlap => {
                any(|_| true) && board.rows.iter().any(|row| row.cell.workers > 1)
            }
        }
    }

    /// Its heading, of one or two lines.
    pub fn heading(self, board: &Board) -> String {
        match self {
            Self::Strategy => "STRATEGY".to_owned(),
            Self::Axis(axis) => axis.heading().to_owned(),
            Self::Correct => match one_count(board) {
                Some(attempts) => format!("CORRECT\nOF {attempts}"),
                None => "CORRECT".to_owned(),
            },
            Self::Rounds => "ROUNDS\n%".to_owned(),
            Self::Seen => match one_expected(board) {
                Some(expected) => format!("SEEN\nOF {expected}"),
                None => "SEEN".to_owned(),
            },
            Self::Lost => "LOST".to_owned(),
            Self::Switches => "SWITCHES".to_owned(),
            Self::Speed => "INC/S".to_owned(),
            Self::Jain => "JAIN".to_owned(),
            Self::Overlap => "OVERLAP".to_owned(),
            Self::Verdict => "VERDICT".to_owned(),
        }
    }

    /// Where its texts stand.
    pub fn align(self) -> Align {
        match self {
            Self::Strategy | Self::Verdict | Self::Axis(Axis::Body) => Align::Left,
            _ => Align::Right,
        }
    }

    /// What it shows of a row; empty where nothing can be said.
    pub fn text(self, board: &Board, row: &Row) -> String {
        let figures = |text: &dyn Fn(&Measurement) -> String| row.figures().map(text);
        match self {
            Self::Strategy => Some(strategy(&row.cell)),
            Self::Axis(axis) => Some(axis.text(&row.cell)),
            Self::Correct => figures(&|it| correct(board, row, it)),
            Self::Rounds => row.figures().filter(|it| rounds_say_more(it)).map(rounds),
            Self::Seen => figures(&|it| seen(board, row, it)),
            Self::Lost => figures(&lost),
            Self::Switches => row.figures().and_then(|it| it.switches).map(count),
            Self::Speed => figures(&speed),
            Self::Jain => figures(&|it| format!("{:.2}", it.jain)),
            Self::Overlap => figures(&|it| format!("{:.0} %", 100.0 * it.overlap_fraction)),
            Self::Verdict => Some(verdict(row)),
        }
        .unwrap_or_default()
    }
}

/// How much a row asks to be looked at.
pub fn mark(row: &Row) -> Mark {
    match row.verdict() {
        Verdict::Broken => Mark::Broken,
        Verdict::Lost => Mark::Lost,
        Verdict::Kept | Verdict::Invalid | Verdict::Unspecified => Mark::None,
    }
}

/// Blocking calls in words, if there are any.
pub fn io(cell: &Cell) -> Option<String> {
    let length = show_nanoseconds(cell.io_ns?);
    Some(format!("{length} / {}", cell.io_every.unwrap_or(1)))
}

/// Name, era and rule: `gil 3.9 500 ns (1 us)` asks for 500 ns, of which 1 us takes effect.
fn strategy(cell: &Cell) -> String {
    let mut words = vec![cell.strategy.clone()];
    words.extend(Some(cell.era.clone()).filter(|era| !era.is_empty()));
    words.extend(cell.switch_ticks.map(|ticks| format!("ticks {ticks}")));
    words.extend(cell.switch_interval_ps.map(show));
    let asked = cell.switch_interval_ps.map(show);
    let effective = cell.effective_switch_interval_ns.map(show_nanoseconds);
    words.extend(effective.filter(|it| Some(it) != asked.as_ref()).map(|it| format!("({it})")));
    words.extend(cell.hypothetical.then(|| "hypothetical".to_owned()));
    words.join(" ")
}

/// The share with its interval and count; `of 40/100` where attempts are missing.
fn correct(board: &Board, row: &Row, it: &Measurement) -> String {
    let spread = Spread { middle: it.correct_fraction, low: it.correct_low, high: it.correct_high };
    let share = spread.percent();
    if one_count(board).is_some() {
        return share;
    }
    let (done, asked) = (it.attempts, row.cell.attempts_requested);
    let of = if done == asked { done.to_string() } else { format!("{done}/{asked}") };
    format!("{share} of {of}")
}

/// Attempts are not independent of the machine's moods: where rounds differ by more than the
/// interval allows, the interval alone would claim too much.
fn rounds_say_more(it: &Measurement) -> bool {
    it.rounds > 1 && it.round_high - it.round_low > it.correct_high - it.correct_low
}

fn rounds(it: &Measurement) -> String {
    format!("{:.0}-{:.0}", 100.0 * it.round_low, 100.0 * it.round_high)
}

/// The least value, and the greatest where it is more than can be.
fn seen(board: &Board, row: &Row, it: &Measurement) -> String {
    let expected = row.cell.expected;
    let values = if it.observed_max > expected {
        format!("{}-{}", it.observed_min, it.observed_max)
    } else {
        it.observed_min.to_string()
    };
    match one_expected(board) {
        Some(_) => values,
        None => format!("{values} of {expected}"),
    }
}

/// The attempts of every cell, if they are the same and all done; the heading says them then.
fn one_count(board: &Board) -> Option<u32> {
    let asked = board.rows.first()?.cell.attempts_requested;
    let is_done = |row: &Row| row.cell.attempts_requested == asked && row.attempts() == asked;
    board.rows.iter().all(is_done).then_some(asked)
}

fn one_expected(board: &Board) -> Option<u64> {
    let first = board.rows.first()?.cell.expected;
    board.rows.iter().all(|row| row.cell.expected == first).then_some(first)
}

fn lost(it: &Measurement) -> String {
    Spread { middle: it.lost_fraction, low: it.lost_low, high: it.lost_high }.short_percent()
}

fn speed(it: &Measurement) -> String {
    let (low, high) = (it.increments_per_second_low, it.increments_per_second_high);
    Spread { middle: it.increments_per_second, low, high }.scaled()
}

fn verdict(row: &Row) -> String {
    let word = match (row.verdict(), row.stage) {
        (Verdict::Unspecified, _) | (Verdict::Invalid, Stage::Open) => return String::new(),
        (Verdict::Kept, _) => "kept",
        (Verdict::Lost, _) => "lost !",
        (Verdict::Broken, _) => "BROKEN !!!",
        (Verdict::Invalid, _) => "not run",
    };
    match row.validity() {
        Validity::Sequential => format!("{word} (sequential)"),
        Validity::Ok | Validity::Unspecified => word.to_owned(),
    }
}
