//! A turn: one cell's share of a round, as it is measured and as it is read again from a history.

use crate::exec::attempt::Observation;
use crate::measure::measurement::Measurement;
use crate::measure::validity::Disturbance;
use crate::plan::seed::of_attempt;

/// One cell's share of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The sweep's seed, of which the attempts' seeds are made.
    pub sweep_seed: u64,
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// Number of its first attempt within the cell.
    pub first_attempt: u32,
    /// What was seen in each attempt.
    pub seen: Vec<Observation>,
    /// Bodies done per second in each attempt.
    pub rates: Vec<f64>,
    /// Where it is said what an attempt should come to.
    pub expected: Expected,
    /// How the machine disturbed the cell's turns so far.
    pub disturbance: Disturbance,
    /// The cell's statistics with this turn included.
    pub measurement: Measurement,
}

/// Where it is said what an attempt should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The cell knows beforehand.
    OfCell,
    /// Each attempt says how much was done.
    OfAttempt,
}

impl Turn {
    /// Seed of each attempt: the sweep's seed and the attempt's number make it.
    pub fn seeds(&self) -> Vec<u64> {
        let seed = |attempt| of_attempt(self.sweep_seed, self.cell, attempt);
        (self.first_attempt..).take(self.seen.len()).map(seed).collect()
    }
}

/// A turn as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTurn {
    /// Number of its event.
    pub sequence: u64,
    /// The cell's position.
    pub cell: usize,
    /// The round, from 0.
    pub round: u32,
    /// Number of its first attempt within the cell.
    pub first_attempt: u32,
    /// What was seen in each attempt; counts and times that are only ever added up are all with the
    /// first.
    pub seen: Vec<Observation>,
    /// How the machine disturbed the cell's turns up to this one.
    pub disturbance: Disturbance,
}
