//! The lab and its machine.

mod bodies;
mod calibration;
mod catalog;
mod doctor;
mod status;
