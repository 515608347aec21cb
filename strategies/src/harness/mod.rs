//! TODO room.

pub mod body;
pub mod counters;
pub mod entry;
pub mod probe;
pub mod rng;
pub mod strategy;
pub mod worker;
