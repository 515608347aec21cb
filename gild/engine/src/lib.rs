//! The engine of the laboratory: plans sweeps, runs attempts on threads of its own, measures and
//! judges them. It knows no network, no database and no async runtime.

pub mod exec;
pub mod jobs;
pub mod limits;
pub mod measure;
pub mod plan;
pub mod python;
pub mod report;
pub mod stats;
pub mod sys;
