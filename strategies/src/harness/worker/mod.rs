//! TODO room.

pub mod site;
pub mod tasks;
pub mod timed;
