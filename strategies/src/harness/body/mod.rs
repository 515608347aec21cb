//! TODO room.

pub mod compile;
pub mod sampling;
pub mod segments;
