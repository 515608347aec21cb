//! TODO room.

pub mod comparison;
pub mod deleted;
pub mod list;
