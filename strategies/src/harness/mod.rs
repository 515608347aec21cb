//! TODO room.

pub mod access;
pub mod body;
pub mod counters;
pub mod entry;
pub mod probe;
pub mod rng;
pub mod shared;
pub mod strategy;
pub mod worker;
