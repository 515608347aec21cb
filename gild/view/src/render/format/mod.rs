//! Building blocks of the output: documents, tables, CSV, JSON, numbers, names, colours.

pub mod color;
pub mod csv;
pub mod document;
pub mod enum_names;
pub mod grid;
pub mod json;
pub mod page;
pub mod quantity;
pub mod value;
pub mod wrap;
pub mod xml;
