//! Commands: each connects to a lab, calls it and prints the answer. Formats are in
//! [`view::render`], calls in [`crate::client`].

pub mod below;
pub mod context;
pub mod dispatch;
pub mod effect;
pub mod explore;
pub mod history;
pub mod interrupts;
pub mod lab;
pub mod meant;
pub mod stream;
pub mod sweep;
