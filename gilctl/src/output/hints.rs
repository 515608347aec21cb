//! Hints on stderr: events and the next useful command.

use std::io::Write as _;

use crate::cli::Global;

/// Which hints are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// None; only errors are written.
    Quiet,
    /// Useful hints.
    Useful,
    /// Useful hints and details.
    All,
}

impl Hints {
    /// The setting of `--quiet` and `--verbose`.
    pub fn choose(flags: &Global) -> Self {
        match (flags.quiet, flags.verbose) {
            (true, _) => Self::Quiet,
            (false, true) => Self::All,
            (false, false) => Self::Useful,
        }
    }

    /// Writes a useful hint.
    pub fn say(self, line: &str) {
        if self != Self::Quiet {
            write_line(line);
        }
    }

    /// Writes a detail.
    pub fn detail(self, line: &str) {
        if self == Self::All {
            write_line(line);
        }
    }
}

/// Writes a line to stderr; a write error is ignored, because it could not be reported either.
pub fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
