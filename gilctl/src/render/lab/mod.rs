//! TODO room.

pub mod bodies;
pub mod calibration;
pub mod catalog;
pub mod doctor;
pub mod status;
