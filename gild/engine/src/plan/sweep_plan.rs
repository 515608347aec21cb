//! Plan of a sweep: its cells in the order of tables, and the turns in which they run. Planning is
//! one line: check the request, expand strategies, cross the axes, check each cell, count attempts.
//! Every limit is refused here, before anything runs. Imports neither the wire nor threads.

use strategies::program::limit::{LimitError, product_within, within};

use crate::limits::{ATTEMPTS_MAX, PRECISION_MAX_PERMILLE, SWEEP_ATTEMPTS_MAX};
use crate::plan::cell::{Cell, Skipped};
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
    /// Combinations that a strategy refused.
    pub skipped: Vec<Skipped>,
    /// Fixes the order of rounds and each attempt's start.
    pub seed: u64,
    /// Order in which cells take turns.
    pub order: Order,
    /// Rule by which workers are put on cores.
    pub pin: Pin,
    /// Relative half-width, in thousandths of the median, at which a cell ends early.
    pub precision_permille: Option<u32>,
}

impl Plan {
    /// Plans a request for all cores that this process may use; see [`Self::among`].
    pub fn new(
        spec: &SweepSpec,
        interpreters: &Interpreters,
        seed: u64,
    ) -> Result<Self, LimitError> {
        Self::among(affinity::count(), spec, interpreters, seed)
    }

    /// Plans a request for a lane of so many cores; `seed` applies where the request names none.
    /// The error names the first field that breaks a limit. Asks interpreters for their versions if
    /// the request names any.
    pub fn among(
        cores: usize,
        spec: &SweepSpec,
        interpreters: &Interpreters,
        seed: u64,
    ) -> Result<Self, LimitError> {
        let attempts = attempts(spec)?;
        check(spec)?;
        let distinct = spec.without_duplicates();
        let subjects = subjects(&distinct, interpreters)?;
        let (mut cells, mut skipped, mut refusal) = (Vec::new(), Vec::new(), None);
        for draft in cross(&distinct, &subjects)? {
            let cell = draft.cell(attempts)?;
            let checked = cell.subject.check(&cell.workload);
            match checked.and_then(|()| spec.starvation.check(&cell, spec.pin.cores(cores))) {
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
        let cells_of = (cells.len() as u64, "cells");
        let each = ("attempts", u64::from(attempts));
        product_within(each, cells_of, SWEEP_ATTEMPTS_MAX, "attempts of a sweep")?;
        let seed = spec.seed.unwrap_or(seed);
        let SweepSpec { order, pin, precision_permille, .. } = *spec;
        Ok(Self { cells, skipped, seed, order, pin, precision_permille })
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
