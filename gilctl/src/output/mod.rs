//! TODO room.

pub mod hints;
pub mod printer;
pub mod progress;
