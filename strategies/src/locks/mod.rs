//! Strategies that guard the counter with a lock.

pub mod broken;
pub mod exclusive;
pub mod foreign;
pub mod queue;
pub mod shared;
pub mod spin;
