//! Commands of the explorer.

pub mod explain;
pub mod exploration;
pub mod replay;
pub mod svg_file;
pub mod witness;
