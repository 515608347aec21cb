//! Commands against fake servers, and all that show a sweep under load against a real lab.

mod effect;
mod explore;
mod history;
mod lab;
mod live_board;
mod load_units;
mod sweep;
