//! TODO room.

pub mod examine;
pub mod facts;
pub mod rules;
