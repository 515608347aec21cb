//! Exit codes of gild: one list, from which the help and the documentation are made.

use std::fmt::Write as _;
use std::process::ExitCode;

/// Exit codes; the numbers are those of sysexits.h where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Stopped by a signal.
    Stopped = 0,
    /// An unexpected failure.
    Unexpected = 1,
    /// The command line is rejected.
    Usage = 2,
    /// The address or the history is in use.
    InUse = 69,
    /// A socket or the history cannot be created.
    CannotCreate = 73,
    /// The disk is full, or the history is damaged.
    Disk = 74,
    /// The environment, the config file or an inherited socket is rejected.
    Configuration = 78,
}

impl Exit {
    /// All codes in ascending order.
    pub const ALL: [Self; 7] = [
        Self::Stopped,
        Self::Unexpected,
        Self::Usage,
        Self::InUse,
        Self::CannotCreate,
        Self::Disk,
        Self::Configuration,
    ];

    /// Its meaning, for the help and the documentation.
    const fn meaning(self) -> &'static str {
        match self {
            Self::Stopped => "stopped as asked",
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::InUse => "the address or the history is in use",
            Self::CannotCreate => "a socket, a file or the history cannot be created",
            Self::Disk => "the disk is full, or the history is damaged",
            Self::Configuration => "configuration",
        }
    }
}

/// The list of exit codes for `--help`.
pub fn help() -> String {
    let mut text = String::from("Exit codes:");
    for exit in Exit::ALL {
        let _ = write!(text, "\n  {:>2}  {}", exit as u8, exit.meaning());
    }
    text
}

/// The table of exit codes for the documentation, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit as u8, exit.meaning());
    }
    text
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
