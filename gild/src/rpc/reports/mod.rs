//! The gRPC methods that compute an answer from stored jobs: comparisons and pictures.

pub(crate) mod compare;
pub(crate) mod picture;
