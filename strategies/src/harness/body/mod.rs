//! Bodies: compiled from a workload, and drawn from distributions where they differ.

pub mod compile;
pub mod sampling;
pub mod segments;
