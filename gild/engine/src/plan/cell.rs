//! Cell of a sweep's grid: one strategy with one value of each parameter.

use strategies::catalog::Promise;
use strategies::harness::entry::Inclusion;
use strategies::program::era::{SwitchInterval, SwitchRule};
use strategies::program::workload::Workload;

use crate::plan::subject::Subject;

/// A combination of strategy and parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The strategy with its parameters.
    pub subject: Subject,
    /// Work of each task.
    pub workload: Workload,
    /// Workers of an attempt.
    pub workers: usize,
    /// Attempts that were requested.
    pub attempts: u32,
}

impl Cell {
    /// Whether an update may be lost: unless a strategy of the lab's own promises that none is, and is
    /// not there to break its promise. What an interpreter does is for it to show.
    pub fn can_lose(&self) -> bool {
        let is_proven = !self.subject.is_python()
            && self.subject.entry().inclusion != Inclusion::NegativeControl;
        !is_proven || self.subject.promise(&self.workload, self.workers) == Promise::Lossy
    }

    /// Whether correctness is judged by increments, because a time or requests end an attempt: how
    /// many increments it checks then depends on its length alone. Elsewhere attempts are alike, and
    /// are counted. See [`crate::stats::lost_increments`].
    pub fn is_judged_by_increments(&self) -> bool {
        self.workload.is_endless() && self.workload.incrementing(self.workers) > 0
    }
}

/// An interval that was asked for too, and takes effect as that of a cell: 0.5 ns beside 500 ns, where
/// an interpreter counts in whole microseconds, one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedInterval {
    /// The cell's position in the plan.
    pub cell: usize,
    /// The other interval.
    pub interval: SwitchInterval,
}

impl MergedInterval {
    /// Where `cells` have the setting of `cell` under another interval.
    pub fn of(cell: &Cell, cells: &[Cell]) -> Option<Self> {
        let Some(SwitchRule::Interval(interval)) = cell.subject.rule() else { return None };
        let effective = cell.subject.effective_interval_us();
        let is_same = |known: &Cell| {
            let same_rule = known.subject.rule().map(|rule| cell.subject.with_rule(rule));
            known.subject.effective_interval_us() == effective
                && same_rule.is_some_and(|subject| Cell { subject, ..*cell } == *known)
        };
        cells.iter().position(is_same).map(|cell| Self { cell, interval })
    }
}

/// A combination that is left out, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The combination, in words.
    pub combination: String,
    /// The strategy's reason.
    pub reason: String,
}
