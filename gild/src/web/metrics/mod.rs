//! Metrics of the lab in the format of Prometheus.

pub(crate) mod families;
pub(crate) mod page;
pub(crate) mod snapshot;
