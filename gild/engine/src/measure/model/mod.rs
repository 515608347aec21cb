//! TODO room.

pub mod model_fit;
pub mod prediction;
pub mod rare_switch;
