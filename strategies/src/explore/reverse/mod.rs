//! TODO room.

pub mod chain;
pub(crate) mod layer;
pub mod tasks;
