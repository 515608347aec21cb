//! The daemon as a process of its own, over real sockets.

mod auth;
#[path = "../support/browser.rs"]
mod browser;
mod clients;
mod compat;
mod daemon;
mod faults;
mod http;
mod layers;
mod ops;
#[path = "../support/outside_program.rs"]
mod outside_program;
mod services;
mod shutdown;
