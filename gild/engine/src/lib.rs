//! The engine of the lab: it plans sweeps, runs attempts on its own threads, measures and judges
//! them. It uses no network, no database and no async runtime.
#![deny(unsafe_code)]

pub mod exec;
pub mod jobs;
pub mod limits;
pub mod measure;
#[cfg(test)]
#[path = "../../tests/support/outside_program.rs"]
pub(crate) mod outside_program;
pub mod picture;
pub mod plan;
pub mod python;
pub mod report;
pub mod stats;
pub mod sys;
