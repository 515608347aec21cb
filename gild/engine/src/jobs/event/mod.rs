//! Events of jobs: what can happen in each kind, and the port through which a job stores them.

pub mod exploration;
#[cfg(test)]
pub(crate) mod recorder;
pub mod sink;
pub mod sweep;
