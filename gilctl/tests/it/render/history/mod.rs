//! Lists and comparisons.

mod comparison;
mod sweeps;
