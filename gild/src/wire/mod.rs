//! Conversions between the wire and the lab's own types, and the only checks of the wire. Both
//! directions destructure exhaustively, so that a field that either side gains breaks the build
//! until it is converted.

pub mod calibration;
pub mod catalog;
pub mod exploration;
pub mod exploration_request;
pub mod names;
pub mod number;
pub mod reports;
pub mod request;
pub mod state;
pub mod sweep;
