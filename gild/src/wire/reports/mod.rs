//! Conversions of what is computed from stored jobs: comparisons and pictures.

pub(crate) mod comparison;
pub(crate) mod picture;
pub mod picture_request;
