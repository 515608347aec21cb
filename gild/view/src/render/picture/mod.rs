//! Pictures, drawn by two pens over one layout, text for terminals and SVG for documents, or written as
//! data for other programs. Pure; what is drawn is the lab's finding.

pub mod document;
pub mod layout;
pub mod numbers;
pub mod scale;
pub mod shades;
pub mod svg;
pub mod text;
pub mod vega;
