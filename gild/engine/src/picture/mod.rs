//! Pictures: figures of stored sweeps and explorations become series, intervals, marks and notes that
//! any pen can draw. Pure; draws nothing.

pub mod choose;
pub mod data;
pub mod figures;
pub mod kinds;
mod names;
pub mod thin;
pub mod words;

#[cfg(test)]
#[path = "tests/kinds.rs"]
mod tests;
