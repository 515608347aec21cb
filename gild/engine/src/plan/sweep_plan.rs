//! Plan of a sweep: its cells in the order of tables, and the turns in which they run. Planning is
//! one line: check the request, expand strategies, cross the axes, check each cell, count attempts.
//! Every limit is refused here, before anything runs. Imports neither the wire nor threads.

use strategies::program::limit::{LimitError, product_within, within};

use crate::limits::{ATTEMPTS_MAX, PRECISION_MAX_PERMILLE, SETTLED_PERMILLE, SWEEP_ATTEMPTS_MAX};
use crate::plan::cell::{Cell, MergedInterval, Skipped};
use crate::plan::check::check;
use crate::plan::expand::subjects;
use crate::plan::grid::cross;
use crate::plan::spec::{Order, SweepSpec};
use crate::plan::turns::{PlannedTurn, turns};
use crate::python::registry::Interpreters;
use crate::sys::affinity;
use crate::sys::affinity::Pin;

/// Attempts of each cell unless the request names a number.
const DEFAULT_ATTEMPTS: u32 = 100;
/// The same where workers make requests: each attempt is a hundred of those.
const DEFAULT_SERVICE_ATTEMPTS: u32 = 10;
/// The same where workers increment for a time: enough for an interval of the median.
const DEFAULT_TIMED_ATTEMPTS: u32 = 9;

/// A sweep ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In the order of tables; at least one.
    pub cells: Vec<Cell>,
    /// Intervals that were asked for too, and are the setting of a cell; in the order of their cells.
    pub merged: Vec<MergedInterval>,
    /// Combinations that a strategy refused.
    pub skipped: Vec<Skipped>,
    /// Fixes the order of rounds and each attempt's start.
    pub seed: u64,
    /// Order in which cells take turns.
    pub order: Order,
    /// Rule by which workers are put on cores.
    pub pin: Pin,
    /// When a cell ends before all its attempts.
    pub early_end: EarlyEnd,
}

/// When a cell ends before all its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlyEnd {
    /// Never: a number of attempts was asked for.
    Never,
    /// Once the interval of the median rate has at most this relative half-width, in thousandths.
    AtPrecision(u32),
    /// The same at [`SETTLED_PERMILLE`], and only of a cell that cannot lose: the others need all
    /// their attempts to show how often they do.
    Settled,
}

impl EarlyEnd {
    fn of(spec: &SweepSpec) -> Self {
        let has_default_tasks =
            spec.attempts.is_none() && spec.duration_ns.is_none() && spec.io_workers.is_empty();
        match spec.precision_permille {
            Some(permille) => Self::AtPrecision(permille),
            None if has_default_tasks => Self::Settled,
            None => Self::Never,
        }
    }

    /// The precision at which `cell` ends, in thousandths; `None` if it runs all its attempts.
    pub fn precision_permille(self, cell: &Cell) -> Option<u32> {
        match self {
            Self::Never => None,
            Self::AtPrecision(permille) => Some(permille),
            Self::Settled => (!cell.can_lose()).then_some(SETTLED_PERMILLE),
        }
    }
}

/// What becomes of switch intervals that take effect as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EqualIntervals {
    /// They are measured once.
    #[default]
    Merged,
    /// Each has a cell, as in sweeps planned before they were merged.
    Separate,
}

impl Plan {
    /// Plans a request for all cores that this process may use; see [`Self::among`].
    pub fn new(
        spec: &SweepSpec,
        interpreters: &Interpreters,
        seed: u64,
    ) -> Result<Self, LimitError> {
        let equal = EqualIntervals::default();
        Self::among(affinity::count(), spec, interpreters, seed, equal)
    }

    /// Plans a request for a lane of so many cores; `seed` applies where the request names none.
    /// The error names the first field that breaks a limit. Asks interpreters for their versions if
    /// the request names any.
    pub fn among(
        cores: usize,
        spec: &SweepSpec,
        interpreters: &Interpreters,
        seed: u64,
        equal: EqualIntervals,
    ) -> Result<Self, LimitError> {
        let attempts = attempts(spec)?;
        check(spec)?;
        let distinct = spec.without_duplicates();
        let subjects = subjects(&distinct, interpreters)?;
        let (mut cells, mut merged) = (Vec::new(), Vec::new());
        let (mut skipped, mut refusal) = (Vec::new(), None);
        for draft in cross(&distinct, &subjects)? {
            let cell = draft.cell(attempts)?;
            let checked = cell.subject.check(&cell.workload);
            match checked.and_then(|()| spec.starvation.check(&cell, spec.pin.cores(cores))) {
                // Axes that mean nothing to an interpreter do not multiply it.
                Ok(()) if cells.contains(&cell) => {}
                Ok(()) => match MergedInterval::of(&cell, &cells) {
                    Some(equals) if equal == EqualIntervals::Merged => merged.push(equals),
                    Some(_) | None => cells.push(cell),
                },
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
        let cells_of = (cells.len() as u64, "cells");
        let each = ("attempts", u64::from(attempts));
        merged.sort_by_key(|it| it.cell);
        product_within(each, cells_of, SWEEP_ATTEMPTS_MAX, "attempts of a sweep")?;
        let seed = spec.seed.unwrap_or(seed);
        let SweepSpec { order, pin, .. } = *spec;
        Ok(Self { cells, merged, skipped, seed, order, pin, early_end: EarlyEnd::of(spec) })
    }

    /// The other intervals of the cell at this position.
    pub fn merged_into(&self, cell: usize) -> &[MergedInterval] {
        let from = self.merged.partition_point(|it| it.cell < cell);
        let to = self.merged.partition_point(|it| it.cell <= cell);
        &self.merged[from..to]
    }

    /// Attempts of all cells together.
    pub fn attempts(&self) -> u64 {
        self.cells.iter().map(|cell| u64::from(cell.attempts)).sum()
    }

    /// Every turn, in the order in which they run.
    pub fn turns(&self) -> Vec<PlannedTurn> {
        turns(self.cells.iter().map(|cell| cell.attempts), self.order, self.seed)
    }
}

/// Attempts of each cell.
fn attempts(spec: &SweepSpec) -> Result<u32, LimitError> {
    let default = match spec.io_workers.as_slice() {
        [] if spec.precision_permille.is_some() => DEFAULT_ATTEMPTS,
        [] if spec.duration_ns.is_some() => DEFAULT_TIMED_ATTEMPTS,
        [] => DEFAULT_ATTEMPTS,
        _ => DEFAULT_SERVICE_ATTEMPTS,
    };
    if let Some(precision) = spec.precision_permille {
        within("precision_permille", precision, 1, PRECISION_MAX_PERMILLE)?;
    }
    within("attempts", spec.attempts.unwrap_or(default), 1, ATTEMPTS_MAX)
}

#[cfg(test)]
#[path = "tests/sweep_plan.rs"]
mod tests;

#[cfg(test)]
#[path = "tests/load.rs"]
mod load_tests;
