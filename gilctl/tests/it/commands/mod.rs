//! Commands against fake servers.

mod effect;
mod explore;
mod history;
mod lab;
mod sweep;
