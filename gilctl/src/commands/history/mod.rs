//! Commands about stored sweeps and explorations.

pub mod cancel;
pub mod compare;
pub mod delete;
pub mod list;
pub mod plot;
pub mod portable;
pub mod report;
pub mod resume;
pub mod show;
pub mod watch;
pub mod whole_file;
