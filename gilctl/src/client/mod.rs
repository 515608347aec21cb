//! Client: connects to a lab and calls it over gRPC. The commands decide what the answers mean.

pub mod address;
pub mod backoff;
mod call;
pub mod credentials;
mod embedded;
pub mod failures;
pub mod lab;
mod local_socket;
mod rpc;
pub mod tls;
pub mod tls_errors;
