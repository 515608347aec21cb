//! Sweeps: what is run, how, and how it ends.

pub(crate) mod end;
pub mod job;
pub(crate) mod run;
