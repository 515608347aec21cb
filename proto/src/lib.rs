//! The wire of gild: messages and services of `gild.v1`, generated from `proto/gild/v1/*.proto`.
//!
//! The generated code is checked in, so that a build needs neither protoc nor a build script; a
//! test regenerates it and compares. Nothing here is written by hand but this file, [`codec`],
//! [`parts`] and [`shapes`], and nothing beyond `wire.rs` of the daemon and the client's requests
//! should name these types.

pub mod codec;
pub mod parts;
pub mod shapes;

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

    use crate::parts::Cut;
    use crate::v1;

    /// Fields of a response that may be cut, where it has only fields that repeat.
    pub const REPEATED_CUTS: &[Cut] = &[];
    /// The same of `GetSweepResponse`: the sweep.
    pub const SWEEP_CUTS: &[Cut] = &[Cut(1, &[])];
    /// The same of `GetExplorationResponse`: the exploration and, in it, the trace.
    pub const EXPLORATION_CUTS: &[Cut] = &[Cut(1, &[Cut(16, &[])])];
    /// The same of `ReplayScheduleResponse`: the trace.
    pub const REPLAY_CUTS: &[Cut] = &[Cut(1, &[])];
    /// The same of an `ExplorationEvent`: the end and, in it, the trace.
    pub const EVENT_CUTS: &[Cut] = &[Cut(6, &[Cut(16, &[])])];

    /// `WatchSweepResponse` and `WatchExplorationResponse` as the server sends them: on the wire an
    /// encoded event is the same as the event, a length and its bytes behind tag 1.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct WatchResponse {
        /// The encoded event.
        #[prost(bytes = "bytes", optional, tag = "1")]
        pub event: Option<Bytes>,
        /// Whether the next response has the rest of the event.
        #[prost(bool, tag = "2")]
        pub continued: bool,
    }

    /// A response of the rpcs named `...InParts` as the server sends it: fields of the whole response,
    /// encoded, behind tag 1.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Part {
        /// The encoded fields.
        #[prost(bytes = "bytes", optional, tag = "1")]
        pub part: Option<Bytes>,
    }

    impl From<v1::WatchSweepResponse> for WatchResponse {
        fn from(response: v1::WatchSweepResponse) -> Self {
            let event = response.event.map(|event| prost::Message::encode_to_vec(&event).into());
            Self { event, continued: false }
        }
    }

    impl From<v1::WatchExplorationResponse> for WatchResponse {
        fn from(response: v1::WatchExplorationResponse) -> Self {
            let event = response.event.map(|event| prost::Message::encode_to_vec(&event).into());
            Self { event, continued: response.continued }
        }
    }
}

/// The descriptors of all files, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/gild.v1.bin");
