//! Forward search: from the start through the states of a program.

pub mod bounded_preemption;
pub mod search;
pub(crate) mod state_bound;
pub mod traces;
