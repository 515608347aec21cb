//! TODO room.

pub mod job;
pub mod run;
pub mod trace;
