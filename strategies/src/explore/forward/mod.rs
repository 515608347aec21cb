//! TODO room.

pub mod bounded_preemption;
pub mod search;
pub mod traces;
