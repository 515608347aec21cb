//! Output streams: stdout in the chosen format, hints and progress on stderr.

pub mod hints;
pub mod printer;
pub mod progress;
