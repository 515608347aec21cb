//! Peers of the lab's benchmarks: what a benchmark author would write by hand, and the lab's hot loops
//! beside it. A crate of its own, so that both are optimised as in gild-engine.

pub mod bare;
pub mod harness;
pub mod pinned;
