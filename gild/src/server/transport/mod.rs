//! TODO room.

pub(crate) mod connection;
pub(crate) mod connection_limit;
pub(crate) mod handshake;
pub(crate) mod listener;
pub(crate) mod peer;
pub(crate) mod tls;
pub mod unix_socket;
