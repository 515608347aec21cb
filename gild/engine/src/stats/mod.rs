//! Statistics without knowledge of cells, clocks or files.

pub mod descriptive;
pub mod fairness;
pub mod format;
pub mod lost_increments;
pub mod reservoir;
pub mod scalability;
pub mod two_sample;
pub mod value_counts;
pub mod warmup;
