//! Reverse reading: schedules read backwards from the end, without values.

pub mod chain;
pub(crate) mod layer;
pub mod tasks;
