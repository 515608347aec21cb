//! Addresses and limits.
use std::path::PathBuf;

/// Where the daemon listens unless told otherwise.
pub fn default_socket() -> PathBuf {
    PathBuf::from("/tmp/gild-nowhere/gild.sock")
}
