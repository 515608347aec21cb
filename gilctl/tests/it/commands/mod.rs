//! Commands against fake servers.

mod compare;
mod delete;
mod explore;
mod lab;
mod list;
mod portable;
mod replay;
mod resume;
mod show;
mod sweep;
mod witness;
