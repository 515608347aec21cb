//! The wire of gild: messages and services of `gild.v1`, generated from `proto/gild/v1/*.proto`.
//!
//! The generated code is checked in, so that a build needs neither protoc nor a build script; a
//! test regenerates it and compares. Nothing here is written by hand but this file, and nothing
//! beyond `wire.rs` of the daemon and the client's requests should name these types.

/// Package `gild.v1`.
#[allow(
    clippy::pedantic,
    clippy::all,
    missing_docs,
    unreachable_pub,
    reason = "generated code; what it documents is in the .proto files"
)]
pub mod v1 {
    include!("generated/gild.v1.rs");
}

/// The descriptors of all files, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/gild.v1.bin");
