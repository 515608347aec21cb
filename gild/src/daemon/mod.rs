//! The daemon around a server: command line, settings, signals, service manager, log and exit codes.
//! Knows nothing of what the lab does.

pub mod activation;
pub mod certs;
pub mod cli;
pub mod failure;
pub mod logging;
pub mod reexec;
pub mod reload;
pub mod run;
pub mod settings;
pub mod signals;
pub mod systemd;
