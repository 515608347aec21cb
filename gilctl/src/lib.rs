//! The command line of the gild laboratory: it submits sweeps, follows them and prints what the
//! daemon says. It computes nothing that the daemon should have said: no statistic, no verdict.
//!
//! The way through it: [`flags`] (what was typed) -> [`request`] (what is asked for) -> [`client`]
//! (connect, call, reconnect) -> [`follow`] (events onto a [`board`]; those of explorations become
//! [`findings`]) -> [`render`] (pure functions to text) -> [`exit`]. Only [`client`], [`commands`]
//! and [`progress`] touch the world.

pub mod board;
pub mod client;
pub mod commands;
pub mod exit;
pub mod failure;
pub mod findings;
pub mod flags;
pub mod follow;
pub mod ids;
pub mod progress;
pub mod render;
pub mod request;
pub mod value;
