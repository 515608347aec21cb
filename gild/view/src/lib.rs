//! Jobs of the laboratory as people and programs see them; the daemon's page and gilctl print the same.
//! It knows no network, and computes no statistic and no verdict.
//!
//! The folders, in the order of the data: [`request`] (flags to requests and back), [`follow`] (events
//! to views) and [`render`] (views to text, JSON, pictures and pages; pure functions).
#![deny(unsafe_code)]

pub mod follow;
pub mod ids;
pub mod listed;
pub mod render;
pub mod request;
pub mod suggest;
