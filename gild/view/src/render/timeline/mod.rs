//! Timelines: what a sweep or a witness did over time, for the programs that show traces.

pub mod chrome;
pub mod data;
pub mod firefox;
pub mod sweep;
pub mod witness;
