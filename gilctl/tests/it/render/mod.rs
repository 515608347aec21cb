//! Rendered text.

mod explore;
mod history;
mod lab;
mod picture;
mod report;
mod sweep;
