//! Command-line client of the gild laboratory: submits sweeps and explorations, follows them and
//! prints what the daemon reports. It computes no statistic and no verdict.
//!
//! The folders, in the order of the data: [`cli`] (flags to requests), [`client`] (connect and
//! call), [`view`] (events to views, views to text), [`output`]
//! (stdout and stderr), `tui` (a live terminal), [`commands`] (one per subcommand) and [`exit`] (exit codes).
#![deny(unsafe_code)]

pub mod cli;
pub mod client;
pub mod commands;
pub mod error;
pub mod exit;
pub mod ids;
pub mod output;
#[cfg(feature = "tui")]
pub mod tui;
