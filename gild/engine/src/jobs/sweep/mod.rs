//! Sweeps as jobs: their live state and their run.

pub mod job;
pub mod run;
