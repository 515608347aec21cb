//! What the lab tells Prometheus, and where.

mod address;

pub use address::MetricsAddress;
