//! Documents about the history: lists, comparisons, deletions.

pub mod comparison;
mod comparison_fields;
pub mod deleted;
pub mod listing;
pub mod sweeps;
