//! Cell of a sweep's grid: one strategy with one value of each parameter.

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
    /// Whether correctness is judged by increments, because a time or requests end an attempt: how
    /// many increments it checks then depends on its length alone. Elsewhere attempts are alike, and
    /// are counted. See [`crate::stats::lost_increments`].
    pub fn is_judged_by_increments(&self) -> bool {
        self.workload.is_endless() && self.workload.incrementing(self.workers) > 0
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
