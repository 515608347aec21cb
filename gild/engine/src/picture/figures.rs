//! The figures of a stored sweep that pictures are made of.

use strategies::harness::durations::Durations;

use crate::measure::measurement::Verdict;
use crate::report::compare::Caveat;
use crate::report::pairing::AxisValues;
use crate::stats::descriptive::Share;
use crate::stats::fairness::WorkerShare;
use crate::stats::lost_increments::LostIncrements;

/// A value of the axis that tells when a lock of an interpreter must be let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// A switch interval in picoseconds, as it was asked for.
    Interval(u64),
    /// A tick budget.
    Ticks(u32),
}

/// The share of a cell that is right.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RightShare {
    /// The share, 0 to 1, with its 95 % interval.
    pub share: Share,
    /// Attempts or increments that it comes from.
    pub count: u64,
    /// Whether it is of increments, not of attempts.
    pub is_by_increments: bool,
}

/// A final value that was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenFigure {
    /// The counter.
    pub value: u64,
    /// Attempts that ended with it.
    pub times: u64,
    /// What the model says of it, where it says anything.
    pub probability: Option<f64>,
}

/// The waits of a cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WaitFigures {
    /// All of them; `None` where only quantiles are kept.
    pub all: Option<Durations>,
    /// How many were timed.
    pub count: u64,
    /// Kept quantiles: the share of waits that are not longer, nanoseconds; 1 for the longest.
    pub quantiles: Vec<(f64, u64)>,
}

/// A round of a cell as it was run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundFigure {
    /// Place of the turn among all turns of the sweep, from 1.
    pub turn: u64,
    /// Median rate of its attempts, per second.
    pub rate: f64,
    /// Attempts in it.
    pub attempts: u64,
    /// Whether others kept the machine busy meanwhile.
    pub is_noisy: bool,
}

/// A cell of a stored sweep.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CellFigures {
    /// Position in the sweep.
    pub cell: usize,
    /// Its value of each axis.
    pub parameters: AxisValues,
    /// Workers of an attempt.
    pub workers: u32,
    /// When its lock must be let go, if it has such a rule.
    pub setting: Option<Setting>,
    /// Other intervals in picoseconds that are one setting with its own; of many the first.
    pub also_intervals: Vec<u64>,
    /// The counter after an attempt that loses nothing; 0 where attempts differ in it.
    pub expected: u64,
    /// Attempts so far.
    pub attempts: u64,
    /// Whether all its workers make requests: nothing is counted then.
    pub only_requests: bool,
    /// What became of its promise; `None` before the first attempt.
    pub verdict: Option<Verdict>,
    /// Whether its figures can be trusted.
    pub caveat: Caveat,
    /// The share that is right.
    pub right: RightShare,
    /// Increments of all attempts that were checked and lost: where tasks end an attempt, known if
    /// rounds were asked for.
    pub lost: Option<LostIncrements>,
    /// Median rate, per second, and its 95 % interval where it is kept.
    pub rate: (f64, Option<(f64, f64)>),
    /// Median rate of each round.
    pub round_rates: Vec<f64>,
    /// Rounds in the order in which they were run, where they were asked for.
    pub rounds: Vec<RoundFigure>,
    /// Final values in order, where they were asked for.
    pub seen: Vec<SeenFigure>,
    /// All values that the model allows, in words; empty without a model.
    pub reachable: String,
    /// Its waits.
    pub waits: WaitFigures,
    /// Jain's index over whole attempts.
    pub jain: f64,
    /// The same in windows of so many milliseconds.
    pub jain_windows: Vec<(u32, f64)>,
    /// Increments of each worker, by position; empty where they are not kept.
    pub worker_shares: Vec<WorkerShare>,
    /// What the slowest worker did, as a share of an even part.
    pub slowest: Option<f64>,
}

impl CellFigures {
    /// Whether it has a measurement.
    pub fn is_measured(&self) -> bool {
        self.attempts > 0
    }

    /// Whether there is anything to draw of it.
    pub fn is_drawn(&self) -> bool {
        self.is_measured() && !self.only_requests
    }

    /// Whether others disturbed it.
    pub fn is_noisy(&self) -> bool {
        self.caveat != Caveat::None
    }

    /// What is wrong with it, in words.
    pub fn flaw(&self) -> Option<&'static str> {
        match self.verdict {
            Some(Verdict::Lost) => Some("lost updates"),
            Some(Verdict::Broken) => Some("broken promise: lost updates"),
            Some(Verdict::Kept | Verdict::Invalid) | None => None,
        }
    }
}

/// A stored sweep.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SweepFigures {
    /// Whether it has ended, so that its figures are final.
    pub has_ended: bool,
    /// Names of the axes of [`CellFigures::parameters`].
    pub axes: &'static [&'static str],
    /// Its cells, in order.
    pub cells: Vec<CellFigures>,
}
