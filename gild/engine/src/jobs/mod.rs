//! Jobs: sweeps and explorations with their states, events, queue and runners.

pub mod counters;
pub mod counting_log;
pub mod event;
pub mod exploration;
pub mod job;
pub mod owner;
pub mod registry;
pub mod scheduler;
pub mod state;
pub mod sweep;
