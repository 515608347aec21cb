//! Lines for people, on stderr: what happened, and the next useful command.

use std::io::Write as _;

use crate::cli::Global;

/// How much a person wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// Errors alone.
    Quiet,
    /// What is useful.
    Useful,
    /// Details too.
    All,
}

impl Hints {
    /// What the flags ask for.
    pub fn choose(flags: &Global) -> Self {
        match (flags.quiet, flags.verbose) {
            (true, _) => Self::Quiet,
            (false, true) => Self::All,
            (false, false) => Self::Useful,
        }
    }

    /// Says what is useful.
    pub fn say(self, line: &str) {
        if self != Self::Quiet {
            tell(line);
        }
    }

    /// Says a detail.
    pub fn detail(self, line: &str) {
        if self == Self::All {
            tell(line);
        }
    }
}

/// Says a line; if nobody hears it, so be it.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
