//! A real `CPython`, in which the lab runs the same experiment: a child process with a time limit.
//! The only module that knows processes; it judges nothing, and knows neither plan nor wire.
//!
//! ```text
//! calibrate: what a step costs there
//!     child: an attempt, or an error and the end of the child
//!         job: what to do and what came of it, a line each way     experiment.py: who does it
//!         process: lines in and out, each wait with a limit
//! interpreter: who is there and in which version                   identify.py: who says so
//! ```

pub mod calibrate;
pub mod child;
pub mod error;
pub mod interpreter;
pub mod job;
mod line_process;
pub mod registry;
pub mod version;
