//! Commands that write what a lab keeps into files of other programs' forms, and such files.

pub mod report;
pub mod trace;
pub mod whole_file;
