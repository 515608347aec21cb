//! gild, the lab server: hosts lock strategies, runs submitted sweeps on its own thread pool, keeps
//! and streams their events. See ARCHITECTURE.md for the way through it.

pub mod attempt;
pub mod config;
pub mod cores;
pub mod crew;
pub mod embedded;
pub mod explain;
pub mod exploration;
pub mod explore;
pub mod follow;
pub mod footing;
mod grid;
pub mod host;
pub mod lab;
pub mod lane;
pub mod life;
pub mod measure;
pub mod plan;
pub mod playback;
pub mod python;
pub mod rehearsal;
pub mod remarks;
pub mod run;
pub mod seed;
pub mod server;
pub mod service;
pub mod shelf;
pub mod stage;
pub mod store;
pub mod subject;
mod subjects;
pub mod summary;
pub mod sweep;
pub mod text;
pub mod wire;
pub mod work;
