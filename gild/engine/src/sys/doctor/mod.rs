//! TODO room.

pub mod examine;
pub mod facts;
pub mod finding;
pub mod rules;
