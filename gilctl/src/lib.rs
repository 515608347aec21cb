//! The command line of the gild laboratory: it submits sweeps, follows them and prints what the
//! daemon says. It computes nothing that the daemon should have said: no statistic, no verdict.
//!
//! The way through it: [`flags`] (what was typed) -> [`request`] (what is asked for) -> [`client`]
//! (connect, call, reconnect) -> [`follow`] (events onto a [`board`]; those of explorations become
//! [`findings`]) -> [`render`] (pure functions to text) -> [`exit`]. Only [`client`], [`commands`]
//! and [`progress`] touch the world.

pub mod cli;
pub mod client;
pub mod commands;
pub mod error;
pub mod exit;
pub mod follow;
pub mod ids;
pub mod output;
pub mod render;
