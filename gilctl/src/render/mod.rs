//! Pure functions from what the daemon said to text. They format and never compute: no statistic
//! and no verdict begins here, and a figure is not shown without its uncertainty or its count.

pub mod explore;
pub mod format;
pub mod history;
pub mod lab;
pub mod sweep;
