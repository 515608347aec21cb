//! Commands about stored sweeps and explorations.

pub mod cancel;
pub mod compare;
pub mod delete;
pub mod files;
pub mod label;
pub mod list;
pub mod plot;
pub mod portable;
pub mod resume;
pub mod show;
pub mod watch;
