//! Counts beyond what can be written down, to 17 digits.

pub mod fixed_point;
pub mod orders;
