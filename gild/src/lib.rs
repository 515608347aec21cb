//! gild, the lab server: hosts lock strategies, runs submitted sweeps and explorations on threads
//! of its own, one at a time in each lane, keeps and streams their events. See ARCHITECTURE.md for
//! the way through it.

pub mod daemon;
pub mod lab;
pub mod limits;
pub mod rpc;
pub mod server;
pub mod store;
pub mod version;
pub mod wire;
