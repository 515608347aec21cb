//! The gRPC services: each method converts the request, calls the lab, converts the answer.

pub(crate) mod doctor;
pub(crate) mod explorations;
pub(crate) mod history;
pub(crate) mod lab;
pub(crate) mod records;
pub(crate) mod reports;
pub mod services;
pub mod status;
pub(crate) mod sweeps;
pub(crate) mod watch;
