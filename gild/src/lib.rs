//! gild, the lab server: hosts lock strategies, runs submitted sweeps and explorations on threads
//! of its own, one at a time in each lane, keeps and streams their events. See ARCHITECTURE.md for
//! the way through it.

pub mod attempt;
mod attempts;
pub mod clock;
pub mod compare;
pub mod comparison;
pub mod config;
pub mod contention;
pub mod cores;
pub mod counters;
pub mod courtesy;
pub mod crew;
pub mod daemon;
pub mod degraded;
#[cfg(any(test, debug_assertions))]
pub(crate) mod detention;
pub mod doctor;
pub mod doors;
pub mod embedded;
pub mod explain;
pub mod exploration;
pub mod explore;
pub mod finals;
pub mod footing;
mod grid;
pub mod history;
pub mod host;
pub mod lab;
pub mod lane;
pub mod life;
pub mod measure;
pub mod metrics;
pub mod modelled;
pub mod noise;
pub mod own;
pub mod owner;
pub mod plan;
pub mod playback;
pub mod predict;
pub mod process;
pub mod python;
pub mod reexec;
pub mod registry;
pub mod rehearsal;
pub mod remarks;
pub mod reservoir;
pub mod roll;
pub mod run;
pub mod seed;
pub mod server;
pub mod service;
pub mod stage;
pub mod starvation;
pub mod statistics;
pub mod steady;
pub mod store;
pub mod subject;
mod subjects;
pub mod summary;
pub mod sweep;
pub mod text;
pub mod timed;
pub mod turn;
pub mod usage;
pub mod validity;
pub mod version;
pub mod watch;
pub mod wire;
pub mod work;

#[cfg(test)]
mod load_tests;
