//! Documents about a lab and its machine.

pub mod bodies;
pub mod calibration;
pub mod catalog;
pub mod doctor;
pub mod status;
pub mod tour;
