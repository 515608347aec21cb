//! The daemon around the lab: settings, signals, the service manager, logs. Starts and stops; knows
//! nothing of what the lab does.

pub mod check;
pub mod file;
pub mod flags;
pub mod sources;
pub mod values;
