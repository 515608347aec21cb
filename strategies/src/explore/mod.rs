//! Exact exploration: every outcome of a program, its count and probability, and witnesses.

pub mod closed_form;
pub mod estimate;
pub mod forward;
pub mod long_run;
pub mod query;
pub mod random;
pub mod reachable;
pub mod reverse;
pub mod round_robin;
pub mod survey;
pub mod witness;
