//! Commands about the lab and its machine.

pub mod calibrate;
pub mod config;
pub mod doctor;
pub mod manual;
pub mod schema;
pub mod status;
pub mod strategies;
#[cfg(feature = "tui")]
pub mod top;
#[cfg(not(feature = "tui"))]
#[path = "without_tui.rs"]
pub mod top;
pub mod tour;
pub mod ui;
