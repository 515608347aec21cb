//! TODO room.

pub mod accumulator;
pub mod attempt_stats;
pub mod contention;
#[cfg(test)]
pub mod load_tests;
pub mod measurement;
pub mod model;
pub mod overhead;
pub mod reruns;
pub mod turn;
pub mod validity;
