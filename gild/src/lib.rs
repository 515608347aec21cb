//! The lab server.
pub mod config;
pub mod embedded;
