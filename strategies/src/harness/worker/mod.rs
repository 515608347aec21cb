//! Worker loops: one worker's whole part in an attempt.

pub mod run;
pub mod site;
pub mod timed;
pub mod timeline;
pub mod worker_loop;
