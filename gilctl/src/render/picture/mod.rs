//! Pictures, drawn by two pens over one layout: text for terminals, SVG for documents. Pure; what is
//! drawn is the lab's finding.

pub mod document;
pub mod layout;
pub mod numbers;
pub mod scale;
pub mod svg;
pub mod text;
pub mod vega;
