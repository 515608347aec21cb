//! A turn: one cell's share of a round, as measured and as read from the history.

use crate::exec::attempt::Observation;
use crate::measure::measurement::Measurement;
use crate::measure::validity::Disturbance;
use crate::plan::seed::of_attempt;

/// One cell's share of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The sweep's seed, from which the attempts' seeds are derived.
    pub sweep_seed: u64,
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// Number of its first attempt within the cell.
    pub first_attempt: u32,
    /// The observation of each attempt.
    pub seen: Vec<Observation>,
    /// Bodies done per second in each attempt.
    pub rates: Vec<f64>,
    /// Source of the expected total of an attempt.
    pub expected: Expected,
    /// Interference with the cell's turns so far.
    pub disturbance: Disturbance,
    /// The cell's statistics with this turn included.
    pub measurement: Measurement,
}

/// Source of the expected total of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The cell's plan.
    OfCell,
    /// The increments that each attempt counted.
    OfAttempt,
}

impl Turn {
    /// Seed of each attempt, derived from the sweep's seed and the attempt's number.
    pub fn seeds(&self) -> Vec<u64> {
        let seed = |attempt| of_attempt(self.sweep_seed, self.cell, attempt);
        (self.first_attempt..).take(self.seen.len()).map(seed).collect()
    }
}

/// A turn as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTurn {
    /// Sequence number of its event.
    pub sequence: u64,
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// Number of its first attempt within the cell.
    pub first_attempt: u32,
    /// The observation of each attempt; counts and times that are only summed up are stored with
    /// the first.
    pub seen: Vec<Observation>,
    /// Interference with the cell's turns up to this one.
    pub disturbance: Disturbance,
}
