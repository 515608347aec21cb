//! The daemon as a process of its own, over real sockets.

mod auth;
mod compat;
mod daemon;
mod faults;
mod layers;
mod ops;
mod services;
mod shutdown;
