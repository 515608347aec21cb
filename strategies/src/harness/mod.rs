//! Harness: compiled workloads, the strategy trait and the worker loop that runs it, with counters
//! and the probe.

pub mod access;
pub mod body;
pub mod counters;
pub mod durations;
pub mod entry;
pub mod probe;
pub mod rng;
pub mod shared;
pub mod strategy;
pub mod worker;
