//! TODO room.

pub mod exploration_log;
pub mod stream;
pub mod sweep_log;
pub mod sweep_view;
