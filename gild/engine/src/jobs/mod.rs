//! Jobs: sweeps and explorations with their state machine, their events, and the scheduler that runs
//! them.

pub mod counters;
pub mod event;
pub mod exploration;
pub mod job;
pub mod owner;
pub mod registry;
pub mod replay;
pub mod scheduler;
pub mod state;
pub mod sweep;
