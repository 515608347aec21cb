//! Real `CPython` interpreters, which run the lab's experiment in child processes with time limits.
//!
//! ```text
//! calibrate: cost of a step and a task
//!     child: runs attempts; an error ends the child
//!         job: a job and its outcome, one line each            experiment.py runs it
//!         line_process: lines in and out, each wait limited
//! interpreter: probes path and version                         identify.py reports it
//! ```

pub mod calibrate;
pub mod child;
pub mod error;
pub mod interpreter;
pub mod job;
pub(crate) mod line_process;
pub mod registry;
pub mod version;
