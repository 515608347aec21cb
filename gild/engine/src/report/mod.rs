//! Reports: measurements become verdicts, rankings, notes, explanations and comparisons.

pub mod agreement;
pub mod compare;
pub mod environment;
pub mod explain;
pub mod notes;
pub mod phrases;
pub mod ranking;
pub mod verdict;
