//! Commands about the lab and its machine.

pub mod calibrate;
pub mod config;
pub mod doctor;
pub mod manual;
pub mod schema;
pub mod status;
pub mod strategies;
pub mod tour;
pub mod ui;
