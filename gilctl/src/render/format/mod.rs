//! TODO room.

pub mod color;
pub mod csv;
pub mod enum_names;
pub mod grid;
pub mod json;
pub mod page;
pub mod quantity;
pub mod wrap;
