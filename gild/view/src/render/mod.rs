//! Pure functions from the daemon's answers to text. They format and never compute a statistic or a
//! verdict, and show no figure without its uncertainty or its count.

pub mod explore;
pub mod format;
pub mod history;
pub mod lab;
pub mod picture;
pub mod report;
pub mod schema;
pub mod sweep;
pub mod timeline;
