//! Exit codes of gilctl: one list, from which the help and the documentation are made, and the
//! codes of sweep states and of failed calls.

use std::fmt::Write as _;

use proto::v1::{SweepState, Verdict};
use tonic::{Code, Status};
use view::follow::exploration_log::ExplorationView;
use view::follow::sweep_view::{Row, SweepView};

/// An exit code of gilctl. The numbers are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Success; a lossy strategy that loses updates is a success.
    Fine,
    /// An unexpected error.
    Unexpected,
    /// The command line is invalid, or the daemon refused the request.
    Usage,
    /// An exact strategy lost updates, an impossible value appeared, or threads differ from the
    /// model.
    PromiseBroken,
    /// An assertion failed, or the machine is unfit to measure.
    AssertFailed,
    /// The results cannot be compared.
    NotComparable,
    /// The sweep or exploration failed.
    SweepFailed,
    /// The sweep or exploration was cancelled or interrupted.
    SweepStopped,
    /// No such id, or no schedule leads to the value that `witness` searches for.
    NotFound,
    /// No daemon answers.
    Unreachable,
    /// The daemon's queue is full, or another lab has the history.
    QueueFull,
    /// The daemon denies access.
    Denied,
    /// The config file cannot be used.
    Configuration,
    /// Ctrl-C left a job running.
    Interrupted,
}

impl Exit {
    /// All codes in ascending order.
    pub const ALL: [Self; 14] = [
        Self::Fine,
        Self::Unexpected,
        Self::Usage,
        Self::PromiseBroken,
        Self::AssertFailed,
        Self::NotComparable,
        Self::SweepFailed,
        Self::SweepStopped,
        Self::NotFound,
        Self::Unreachable,
        Self::QueueFull,
        Self::Denied,
        Self::Configuration,
        Self::Interrupted,
    ];

    /// The number and its meaning, one element per line of the help.
    const fn row(self) -> (u8, &'static [&'static str]) {
        match self {
            Self::Fine => (0, &["fine; a lossy strategy that loses is fine"]),
            Self::Unexpected => (1, &["unexpected"]),
            Self::Usage => (2, &["usage, or the daemon refused the request"]),
            Self::PromiseBroken => (
                3,
                &[
                    "a promise was broken: an exact strategy lost updates, an impossible value \
                     appeared,",
                    "or threads did not do what the model does",
                ],
            ),
            Self::AssertFailed => {
                (4, &["an assertion failed (reserved), or `doctor` found something bad"])
            }
            Self::NotComparable => (5, &["not comparable; `compare` names what differs"]),
            Self::SweepFailed => (6, &["the sweep or exploration failed"]),
            Self::SweepStopped => (7, &["it was cancelled or interrupted; results are partial"]),
            Self::NotFound => {
                (8, &["not found: no such id, or in `witness` no schedule leads to the value"])
            }
            Self::Unreachable => (69, &["no daemon answers"]),
            Self::QueueFull => (
                75,
                &["the queue, or your share of it, is full, or another lab has the history; \
                     try later"],
            ),
            Self::Denied => (77, &["denied: token, certificate or socket owner"]),
            Self::Configuration => (78, &["the config file cannot be read or has a wrong line"]),
            Self::Interrupted => (
                130,
                &["a second Ctrl-C (the first cancels what was started, 7), or Ctrl-C in `watch`"],
            ),
        }
    }

    /// The number of the exit code.
    pub const fn code(self) -> u8 {
        self.row().0
    }

    /// The code of a sweep.
    pub fn of_sweep(view: &SweepView) -> Self {
        Self::from_outcome(view.state, view.rows.iter().map(Row::verdict))
    }

    /// The code of an exploration.
    pub fn of_exploration(view: &ExplorationView) -> Self {
        Self::from_outcome(view.exploration.state(), [])
    }

    /// The code of a sweep's state and its cells' verdicts; a broken promise takes precedence.
    pub fn from_outcome(state: SweepState, verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        if verdicts.into_iter().any(|verdict| verdict == Verdict::Broken) {
            return Self::PromiseBroken;
        }
        match state {
            SweepState::Failed => Self::SweepFailed,
            SweepState::Cancelled | SweepState::Interrupted => Self::SweepStopped,
            SweepState::Unspecified => Self::Unexpected,
            SweepState::Queued
            | SweepState::Running
            | SweepState::Cancelling
            | SweepState::Succeeded => Self::Fine,
        }
    }

    /// The code of a refused or failed call.
    pub fn from_status(status: &Status) -> Self {
        if is_broken_connection(status) {
            return Self::Unreachable;
        }
        match status.code() {
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::AlreadyExists => Self::Usage,
            Code::NotFound => Self::NotFound,
            Code::ResourceExhausted => Self::QueueFull,
            Code::DeadlineExceeded => Self::Unreachable,
            Code::Unauthenticated | Code::PermissionDenied => Self::Denied,
            _ => Self::Unexpected,
        }
    }
}

/// Whether a call failed because the connection broke. A daemon that dies during a stream causes an
/// UNKNOWN status with a source, not UNAVAILABLE.
pub fn is_broken_connection(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Unknown | Code::Internal | Code::Cancelled => {
            std::error::Error::source(status).is_some()
        }
        _ => false,
    }
}

/// Whether a stream that failed so can be opened again: its connection broke, or a daemon that has just been
/// restarted answers late.
pub fn is_retried(status: &Status) -> bool {
    Exit::from_status(status) == Exit::Unreachable
}

/// The list of exit codes for `--help`.
pub fn help() -> String {
    let mut text = String::from("Exit codes:");
    for exit in Exit::ALL {
        let (code, meaning) = exit.row();
        let _ = write!(text, "\n  {code:>3}  {}", meaning.join("\n       "));
    }
    text
}

/// The table of exit codes for the documentation, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let (code, meaning) = exit.row();
        let _ = writeln!(text, "| {code} | {} |", meaning.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lines_fit_100_columns() {
        assert!(help().lines().all(|line| line.chars().count() <= 100), "{}", help());
    }

    #[test]
    fn codes_are_the_documented_numbers() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 69, 75, 77, 78, 130]);
    }

    #[test]
    fn broken_promise_takes_precedence_over_every_state() {
        use SweepState::{Cancelled, Failed, Interrupted, Succeeded};
        let with = |state, verdict| Exit::from_outcome(state, [Verdict::Kept, verdict]);
        for state in [Succeeded, Failed, Cancelled, Interrupted] {
            assert_eq!(with(state, Verdict::Broken), Exit::PromiseBroken);
        }
        assert_eq!(with(Succeeded, Verdict::Lost), Exit::Fine);
        assert_eq!(with(Failed, Verdict::Lost), Exit::SweepFailed);
        assert_eq!(with(Cancelled, Verdict::Invalid), Exit::SweepStopped);
        assert_eq!(with(Interrupted, Verdict::Kept), Exit::SweepStopped);
    }

    #[test]
    fn status_codes_map_to_exit_codes() {
        let exit = |code| Exit::from_status(&Status::new(code, ""));
        assert_eq!(exit(Code::InvalidArgument), Exit::Usage);
        assert_eq!(exit(Code::FailedPrecondition), Exit::Usage);
        assert_eq!(exit(Code::AlreadyExists), Exit::Usage);
        assert_eq!(exit(Code::NotFound), Exit::NotFound);
        assert_eq!(exit(Code::ResourceExhausted), Exit::QueueFull);
        assert_eq!(exit(Code::Unavailable), Exit::Unreachable);
        assert_eq!(exit(Code::Unauthenticated), Exit::Denied);
        assert_eq!(exit(Code::PermissionDenied), Exit::Denied);
        assert_eq!(exit(Code::Unknown), Exit::Unexpected);
    }

    #[test]
    fn unknown_status_with_a_source_is_a_broken_connection() {
        let status = Status::from_error(Box::new(std::io::Error::other("reset")));
        assert_eq!((status.code(), is_broken_connection(&status)), (Code::Unknown, true));
        assert!(!is_broken_connection(&Status::unknown("a bug in the daemon")));
    }
}
