//! Commands against fake servers.

mod explore;
mod history;
mod lab;
mod sweep;
