//! Calls of a lab, one file per theme.

mod explorations;
mod history;
mod lab;
mod sweeps;
