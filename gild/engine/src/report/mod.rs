//! Reports: measurements become verdicts, rankings, notes, explanations and comparisons.

pub mod agreement;
pub mod compare;
pub mod comparison_text;
pub mod environment;
pub mod explain;
pub mod notes;
pub mod pairing;
pub mod phrases;
pub mod ranking;
pub mod verdict;
