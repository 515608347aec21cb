//! Transport: listeners, handshakes and connections, each with its limits. Serves no request.

pub(crate) mod connection;
pub(crate) mod connection_limit;
pub(crate) mod handshake;
pub(crate) mod listener;
pub(crate) mod malformed_request;
pub mod unix_socket;
