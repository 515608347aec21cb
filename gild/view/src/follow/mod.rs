//! Client state: views of sweeps and explorations, and the event logs that fill them. No I/O.

pub mod cursor;
pub mod exploration_log;
pub mod lost_increments;
pub mod sweep_log;
pub mod sweep_view;
mod uncounted_increments;
