//! The server of a lab: listeners, encryption, authentication, health and metrics around the gRPC
//! services. Knows nothing of what the services do.

pub mod auth;
pub mod embedded;
pub mod endpoint;
pub mod error;
pub mod health;
pub mod message_guard;
pub mod metrics;
pub(crate) mod reflection;
pub mod routes;
pub mod serve;
pub mod transport;
