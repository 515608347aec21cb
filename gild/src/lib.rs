//! gild, the lab server: runs submitted sweeps and explorations, one at a time in each lane, stores
//! their events and streams them. See ARCHITECTURE.md for its structure.
#![deny(unsafe_code)]

pub mod daemon;
pub mod lab;
pub mod limits;
pub mod rpc;
pub mod server;
pub mod sessions;
pub mod store;
pub mod version;
pub mod web;
pub mod wire;
