//! Measurement: the observations of a cell's attempts become one row of figures.

pub mod accumulator;
pub mod attempt_stats;
pub mod contention;
pub mod measurement;
pub mod model;
pub mod overhead;
pub mod reruns;
pub mod turn;
pub mod validity;

#[cfg(test)]
#[path = "tests/load.rs"]
mod load_tests;
