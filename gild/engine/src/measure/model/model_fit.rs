//! Agreement of a cell's observed values with the model's prediction. The grades come from
//! [`crate::measure::model::prediction`].

use strategies::explore::reachable::Tightness;

use crate::measure::model::prediction::Grade;

/// Observed values beside the reachable ones.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFit {
    /// The reachable values, in words.
    pub reachable: String,
    /// Whether each of them is known to be reachable.
    pub tightness: Tightness,
    /// Probability of the expected value if at each step all runnable workers are equally likely.
    pub correct: Option<f64>,
    /// The worst grade of the observed values; `None` before the first.
    pub grade: Option<Grade>,
    /// The first impossible value, and the seed of its attempt.
    pub impossible: Option<(u64, u64)>,
    /// The observed values in ascending order; at most [`SEEN_MAX`], and none before the cell's
    /// end.
    pub seen: Vec<ObservedValue>,
}

/// Most observed values that are listed at a cell's end.
pub const SEEN_MAX: usize = 64;

/// An observed final value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObservedValue {
    /// The value of the counter.
    pub value: u64,
    /// Number of attempts with this value.
    pub times: u32,
    /// Its probability, where computed.
    pub probability: Option<f64>,
    /// Its grade by the model.
    pub grade: Grade,
}
