//! The errors of a real interpreter.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::limits::{INTERPRETER_LINE_BYTES_MAX, INTERPRETER_PATH_BYTES_MAX};
use crate::python::line_process::ReadError;
use crate::python::version::{SUPPORTED, Version};

/// The error of an interpreter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PythonError {
    /// The program does not exist.
    #[error(
        "interpreter {}: is not there: no such program; name one that `command -v` finds",
        path.display()
    )]
    Missing {
        /// As it was named.
        path: PathBuf,
    },
    /// Its path is too long.
    #[error(
        "an interpreter's path of {bytes} bytes is beyond the limit of \
         {INTERPRETER_PATH_BYTES_MAX}; name it by a symbolic link"
    )]
    LongPath {
        /// Bytes of the path.
        bytes: usize,
    },
    /// The system refused to run it.
    #[error(
        "interpreter {}: cannot be run ({reason}); name an executable CPython",
        path.display()
    )]
    NotRunnable {
        /// As it was named.
        path: PathBuf,
        /// The system's.
        reason: String,
    },
    /// It did not report its version in time.
    #[error(
        "interpreter {}: did not say its version within {limit:?}; \
         see whether `{0} -c 'import sys; print(sys.version)'` ends, or name another",
        path.display()
    )]
    Silent {
        /// As it was named.
        path: PathBuf,
        /// How long it had.
        limit: Duration,
    },
    /// It answered with something unexpected.
    #[error(
        "interpreter {}: answered {answer} where {expected} was expected; name a CPython",
        path.display()
    )]
    Garbage {
        /// As it was named.
        path: PathBuf,
        /// What it said, in quotes and cut short.
        answer: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// Another implementation of Python, or another program.
    #[error("interpreter {}: is {found}; {SUPPORTED}: name one", path.display())]
    NotCpython {
        /// As it was named.
        path: PathBuf,
        /// What it says it is, and how that differs.
        found: String,
    },
    /// Older than the experiment.
    #[error(
        "interpreter {}: version {found} is too old; {SUPPORTED}: name one",
        path.display()
    )]
    TooOld {
        /// As it was named.
        path: PathBuf,
        /// What it says it is.
        found: Version,
    },
    /// Not the version that was probed: the program at that path has changed.
    #[error(
        "interpreter {}: is version {found} now and was {expected} when it was asked; \
         start again, or name it by a path that does not depend on where gild runs",
        path.display()
    )]
    Changed {
        /// As it was named.
        path: PathBuf,
        /// When it was probed.
        expected: Version,
        /// Now.
        found: Version,
    },
    /// It died, or closed its output.
    #[error(
        "interpreter {}: ended before it answered ({status}{}{complaint}); \
         see whether it runs by hand, and whether there is memory for it",
        path.display(), if complaint.is_empty() { "" } else { ": " }
    )]
    Ended {
        /// As it was named.
        path: PathBuf,
        /// How, as the system says it.
        status: String,
        /// The last line it wrote to its standard error.
        complaint: String,
    },
    /// It answers without end.
    #[error(
        "interpreter {}: answers with more than the limit of {INTERPRETER_LINE_BYTES_MAX} bytes; \
         ask for fewer requests",
        path.display()
    )]
    TooMuch {
        /// As it was named.
        path: PathBuf,
    },
    /// This version hands its lock over by another rule.
    #[error("switching by {rule}: CPython {version} switches by {other}; ask for that")]
    OtherRule {
        /// What was asked for.
        rule: &'static str,
        /// Whom.
        version: Version,
        /// What it can do.
        other: &'static str,
    },
    /// The experiment failed inside the interpreter.
    #[error(
        "in CPython {version} the experiment failed: {message}; \
         ask for fewer threads, or name another version"
    )]
    Failed {
        /// Where.
        version: Version,
        /// The exception.
        message: String,
    },
    /// The abort was raised.
    #[error("the attempt was stopped; `resume` goes on with its sweep")]
    Stopped,
    /// It did not end in time and was killed.
    #[error(
        "an attempt in the interpreter took longer than the limit of {limit:?}; \
         ask for fewer increments, tasks or requests"
    )]
    TooLong {
        /// How long it had.
        limit: Duration,
    },
    /// An earlier error ended this child.
    #[error("this interpreter was ended by an earlier error; start another")]
    Used,
}

impl PythonError {
    /// Converts a read error of the interpreter at `path` during an attempt of at most `limit`.
    pub(crate) fn from_silence(silence: ReadError, path: &Path, limit: Duration) -> Self {
        let path = path.to_owned();
        match silence {
            ReadError::Stopped => Self::Stopped,
            ReadError::Late => Self::TooLong { limit },
            ReadError::TooMuch => Self::TooMuch { path },
            ReadError::Ended { status, complaint } => Self::Ended { path, status, complaint },
        }
    }
}
