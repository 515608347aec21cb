//! Explorations as jobs: their specification, their run and the replay of a schedule.

pub mod job;
pub mod run;
pub mod trace;
