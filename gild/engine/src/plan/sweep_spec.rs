//! From a wish to a plan: an ordered grid of cells. Every limit is refused here, before anything
//! runs. Knows neither the wire nor any thread.

use strategies::catalog::Name;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::{Era, SwitchInterval};
use strategies::program::limit::{LimitError, within};
use strategies::program::workload::{Lengths, Request, Workload};

use crate::limits::{
    ATTEMPTS_MAX, PRECISION_MAX_PERMILLE, ROUNDS, SWEEP_ATTEMPTS_MAX, TURN_ATTEMPTS_MAX,
};
use crate::plan::grid::drafts;
use crate::plan::oversubscription::Oversubscription;
use crate::plan::subject::Subject;
use crate::python::registry::Interpreters;
use crate::sys::affinity;
use crate::sys::affinity::Pin;
use strategies::harness::rng::SplitMix64;

/// Attempts of each cell when the wish does not say.
const DEFAULT_ATTEMPTS: u32 = 100;
/// The same where workers make requests: each attempt is a hundred of those.
const DEFAULT_SERVICE_ATTEMPTS: u32 = 10;
/// The same where workers increment for a time: enough for an interval of the median.
const DEFAULT_TIMED_ATTEMPTS: u32 = 9;

/// In which order cells take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Rounds in which each cell has a turn, shuffled anew from the seed.
    #[default]
    Interleaved,
    /// Cell after cell.
    Blocked,
}

/// A strategy as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StrategySelector {
    /// Every strategy of the catalogue; real interpreters are not in it.
    All,
    /// That one.
    One(Name),
    /// Real interpreters.
    Python,
}

/// An era as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EraSelector {
    /// One of each generation, each with rules of its own kind.
    All,
    /// That one, with every rule that is named.
    One(Era),
}

/// What was asked for, in the lab's own types; an empty list is the axis' default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SweepSpec {
    /// At least one.
    pub strategies: Vec<StrategySelector>,
    /// For the GIL; default: each rule's own.
    pub eras: Vec<EraSelector>,
    /// For the GIL; one axis with `ticks`.
    pub intervals: Vec<SwitchInterval>,
    /// For the GIL; one axis with `intervals`.
    pub ticks: Vec<u32>,
    /// Workers of an attempt.
    pub workers: Vec<u32>,
    /// Tasks of an attempt.
    pub tasks: Vec<u64>,
    /// Increments of a task.
    pub increments: Vec<u64>,
    /// Bodies of an increment; one axis with `steps`.
    pub bodies: Vec<BodyName>,
    /// Bodies by hand.
    pub steps: Vec<CustomBody>,
    /// Steps of a task outside its bodies.
    pub task_steps: Vec<u32>,
    /// Cost of every step; default depends on whether a GIL is among the strategies.
    pub step_cost_ns: Option<u64>,
    /// Work between load and store.
    pub inside_ns: Vec<u64>,
    /// Work after each body.
    pub outside_ns: Vec<u64>,
    /// Lengths of a sleep; 0 for none. One axis with `io_calls`.
    pub io_ns: Vec<u64>,
    /// Requests that are no sleep.
    pub io_calls: Vec<Request>,
    /// Increments between two requests.
    pub io_every: Vec<u64>,
    /// Workers that compute beside those that make requests.
    pub cpu_workers: Vec<u32>,
    /// Workers that make requests and nothing else; without any, all take tasks.
    pub io_workers: Vec<u32>,
    /// Requests of each of them.
    pub requests: Option<u64>,
    /// Paths of interpreters; default: all that the lab has.
    pub pythons: Vec<String>,
    /// How long workers increment, instead of taking tasks.
    pub duration_ns: Option<u64>,
    /// How lengths inside and outside are drawn.
    pub lengths: Vec<Lengths>,
    /// Locks of an attempt.
    pub locks: Vec<u32>,
    /// Share of bodies that only read, in percent.
    pub reads_percent: Vec<u32>,
    /// Bodies that arrive per second; 0 for a closed loop.
    pub arrivals_per_s: Vec<u64>,
    /// How near to its median a cell's interval must be to end it before all attempts, in
    /// thousandths.
    pub precision_permille: Option<u32>,
    /// Attempts of each cell.
    pub attempts: Option<u32>,
    /// Drawn by whoever plans if absent.
    pub seed: Option<u64>,
    /// In which order cells take turns.
    pub order: Order,
    /// By which rule workers are put on cores.
    pub pin: Pin,
    /// Whether cells may be measured whose workers starve each other.
    pub starvation: Oversubscription,
}

/// A combination of strategy and parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The strategy with its parameters.
    pub subject: Subject,
    /// What each task does.
    pub workload: Workload,
    /// Workers of an attempt.
    pub workers: usize,
    /// Attempts that were asked for.
    pub attempts: u32,
}

/// A combination that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// What was left out.
    pub combination: String,
    /// The strategy's reason.
    pub reason: String,
}

/// A sweep ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In the order of tables; at least one.
    pub cells: Vec<Cell>,
    /// What a strategy refused.
    pub skipped: Vec<Skipped>,
    /// Fixes the order of rounds and each attempt's start.
    pub seed: u64,
    /// In which order cells take turns.
    pub order: Order,
    /// By which rule workers are put on cores.
    pub pin: Pin,
    /// How near to its median a cell's interval must be to end it early, in thousandths.
    pub precision_permille: Option<u32>,
}

/// A cell's share of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTurn {
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// The first attempt's number within the cell.
    pub first_attempt: u32,
    /// Attempts of the turn; at least 1.
    pub attempts: u32,
}

impl PlannedTurn {
    /// What is left of it where so many attempts of its cell are done; `None` if nothing is.
    pub fn after(self, done: u32) -> Option<Self> {
        let end = self.first_attempt + self.attempts;
        let first_attempt = self.first_attempt.max(done);
        (first_attempt < end).then(|| Self { first_attempt, attempts: end - first_attempt, ..self })
    }
}

impl Plan {
    /// Plans a wish for all cores that this process may use; see [`Self::among`].
    pub fn new(
        wish: &SweepSpec,
        interpreters: &Interpreters,
        seed: u64,
    ) -> Result<Self, LimitError> {
        Self::among(affinity::count(), wish, interpreters, seed)
    }

    /// Plans a wish for a lane of so many cores; `seed` applies where the wish names none. The
    /// error names the first field that breaks a limit. Asks interpreters who they are, if the wish
    /// is for any.
    pub fn among(
        cores: usize,
        wish: &SweepSpec,
        interpreters: &Interpreters,
        seed: u64,
    ) -> Result<Self, LimitError> {
        let default = match wish.io_workers.as_slice() {
            [] if wish.precision_permille.is_some() => DEFAULT_ATTEMPTS,
            [] if wish.duration_ns.is_some() => DEFAULT_TIMED_ATTEMPTS,
            [] => DEFAULT_ATTEMPTS,
            _ => DEFAULT_SERVICE_ATTEMPTS,
        };
        if let Some(precision) = wish.precision_permille {
            within("precision_permille", precision, 1, PRECISION_MAX_PERMILLE)?;
        }
        let attempts = within("attempts", wish.attempts.unwrap_or(default), 1, ATTEMPTS_MAX)?;
        let drafts = drafts(wish, interpreters)?;
        let (mut cells, mut skipped, mut refusal) = (Vec::new(), Vec::new(), None);
        for draft in drafts {
            let cell = draft.cell(attempts)?;
            let checked = cell.subject.check(&cell.workload);
            match checked.and_then(|()| wish.starvation.check(&cell, wish.pin.cores(cores))) {
                // Axes that mean nothing to an interpreter do not multiply it.
                Ok(()) if cells.contains(&cell) => {}
                Ok(()) => cells.push(cell),
                Err(error) => {
                    let combination =
                        format!("{}, body {}", cell.subject.name(), cell.workload.body);
                    let left_out = Skipped { combination, reason: error.to_string() };
                    if !skipped.contains(&left_out) {
                        skipped.push(left_out);
                    }
                    refusal.get_or_insert(error);
                }
            }
        }
        if let (true, Some(refusal)) = (cells.is_empty(), refusal) {
            return Err(refusal);
        }
        let total = cells.len() as u64 * u64::from(attempts);
        within("cells x attempts", total, 1, SWEEP_ATTEMPTS_MAX)?;
        let seed = wish.seed.unwrap_or(seed);
        let SweepSpec { order, pin, precision_permille, .. } = *wish;
        Ok(Self { cells, skipped, seed, order, pin, precision_permille })
    }

    /// Attempts of all cells together.
    pub fn attempts(&self) -> u64 {
        self.cells.iter().map(|cell| u64::from(cell.attempts)).sum()
    }

    /// Every turn, in the order in which they run.
    pub fn turns(&self) -> Vec<PlannedTurn> {
        let cells = 0..self.cells.len();
        match self.order {
            Order::Blocked => cells.flat_map(|cell| self.turns_of(cell)).collect(),
            Order::Interleaved => {
                let by_cell: Vec<_> = cells.map(|cell| self.turns_of(cell)).collect();
                let rounds = by_cell.iter().map(Vec::len).max().unwrap_or(0);
                (0..rounds).flat_map(|round| self.shuffled_round(&by_cell, round)).collect()
            }
        }
    }

    fn shuffled_round(&self, by_cell: &[Vec<PlannedTurn>], round: usize) -> Vec<PlannedTurn> {
        let mut turns: Vec<_> =
            by_cell.iter().filter_map(|turns| turns.get(round).copied()).collect();
        SplitMix64::of(&[self.seed, round as u64]).shuffle(&mut turns);
        turns
    }

    fn turns_of(&self, cell: usize) -> Vec<PlannedTurn> {
        let attempts = self.cells[cell].attempts;
        let share = attempts.div_ceil(ROUNDS).clamp(1, TURN_ATTEMPTS_MAX);
        (0..attempts.div_ceil(share))
            .map(|round| {
                let first_attempt = round * share;
                let attempts = share.min(attempts - first_attempt);
                PlannedTurn { cell, round, first_attempt, attempts }
            })
            .collect()
    }
}

#[cfg(test)]
#[path = "sweep_spec_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "load_plan_tests.rs"]
mod load_tests;
