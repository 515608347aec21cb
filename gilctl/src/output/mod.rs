//! Output streams: stdout in the chosen format, hints and progress on stderr.

pub mod clock;
pub mod hints;
pub mod next;
pub mod progress;
pub mod screen;
