//! Documents about the history: lists, comparisons, deletions.

pub mod comparison;
pub mod deleted;
pub mod listing;
pub mod sweeps;
