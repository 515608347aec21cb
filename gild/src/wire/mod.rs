//! Proto to domain and back: the only place that validates the wire, and the only one besides
//! [`crate::rpc::sweeps`] that names its types. Conversions destructure exhaustively, so that a new
//! field on either side breaks the build until somebody decides about it.

pub mod calibration;
pub mod catalog;
pub mod exploration;
pub mod exploration_request;
pub mod measurement;
pub mod sweep;
pub mod sweep_request;
