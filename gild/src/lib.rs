//! gild, the lab server: hosts lock strategies, runs submitted sweeps on its own thread pool, keeps
//! and streams their events. See ARCHITECTURE.md for the way through it.

pub mod attempt;
pub mod config;
pub mod cores;
pub mod crew;
pub mod embedded;
mod grid;
pub mod host;
pub mod lab;
pub mod lane;
pub mod measure;
pub mod plan;
pub mod predict;
pub mod python;
pub mod registry;
pub mod remarks;
pub mod run;
pub mod seed;
pub mod server;
pub mod service;
pub mod stage;
pub mod statistics;
pub mod store;
pub mod subject;
mod subjects;
pub mod summary;
pub mod sweep;
pub mod text;
pub mod wire;
