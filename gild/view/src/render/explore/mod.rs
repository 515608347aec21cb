//! Documents of the explorer: outcomes, schedules as diagrams, explanations. Pure functions; what
//! is lost, possible or likely is the daemon's finding.

pub mod diagram;
pub mod explanation;
pub mod exploration;
pub mod header;
pub mod list;
pub mod narrative;
pub mod outcomes;
pub mod record;
pub mod replay;
pub mod svg;
pub mod trace;
