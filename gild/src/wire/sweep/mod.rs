//! Sweeps on the wire: request, cells, measurements, answers and events.

pub mod axes;
pub mod cell;
pub mod measurement;
pub mod response;
pub mod spec;
