//! Explorations: what was requested, and how it is searched, stored and ended.

pub mod job;
pub(crate) mod run;
