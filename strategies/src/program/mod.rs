//! Programs under test: steps, bodies, eras, workloads and their limits.

pub mod bodies;
pub mod body_spec;
pub mod era;
pub mod limit;
pub mod sanitize;
pub mod step;
pub mod workload;
