//! Prometheus metrics: `GET /metrics` on a listener of its own, in the text format 0.0.4. A scrape
//! reads atomics and `/proc`; it takes no lock that an attempt could wait for.

pub mod address;
pub mod http;
