//! What was seen of a cell beside what the model says can come out. Judges nothing: grades are
//! given by [`crate::measure::model::prediction`].

use strategies::explore::reachable::Tightness;

use crate::measure::model::prediction::Grade;

/// What was seen beside what can come out.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFit {
    /// All that can come out, in words.
    pub reachable: String,
    /// Whether each of that can really be reached.
    pub tightness: Tightness,
    /// How likely the expected value is if at each step all who may move are equally likely.
    pub correct: Option<f64>,
    /// The worst grade of the values seen; `None` before the first.
    pub grade: Option<Grade>,
    /// The first impossible value, and the seed of its attempt.
    pub impossible: Option<(u64, u64)>,
    /// The values seen, least first; at most [`SEEN_MAX`], and none before the cell's end.
    pub seen: Vec<ObservedValue>,
}

/// Most values that a cell's end lists one by one.
pub const SEEN_MAX: usize = 64;

/// A final value that was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObservedValue {
    /// The counter.
    pub value: u64,
    /// In how many attempts.
    pub times: u32,
    /// How likely it is by chance, where that was computed.
    pub probability: Option<f64>,
    /// How it stands to the model.
    pub grade: Grade,
}
