//! Rendered text.

mod explore;
mod history;
mod lab;
mod sweep;
