//! The model's predictions for a cell, and their agreement with the measured values.

pub mod model_fit;
pub mod prediction;
pub mod rare_switch;
