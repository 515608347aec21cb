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
    include!("generated/gild.v1.server.rs");
}

/// Responses that the server sends without decoding what it has stored.
pub mod encoded {
    use prost::bytes::Bytes;

    use crate::v1;

    /// `WatchSweepResponse` and `WatchExplorationResponse` as the server sends them: on the wire an
    /// encoded event is the same as the event, a length and its bytes behind tag 1.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct WatchResponse {
        /// The encoded event.
        #[prost(bytes = "bytes", optional, tag = "1")]
        pub event: Option<Bytes>,
    }

    impl From<v1::WatchSweepResponse> for WatchResponse {
        fn from(response: v1::WatchSweepResponse) -> Self {
            let event = response.event.map(|event| prost::Message::encode_to_vec(&event).into());
            Self { event }
        }
    }

    impl From<v1::WatchExplorationResponse> for WatchResponse {
        fn from(response: v1::WatchExplorationResponse) -> Self {
            let event = response.event.map(|event| prost::Message::encode_to_vec(&event).into());
            Self { event }
        }
    }
}

/// The descriptors of all files, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/gild.v1.bin");
