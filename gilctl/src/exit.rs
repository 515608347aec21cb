//! Exit codes: one enum, one table in the help, and the two ways that lead to it: how a sweep ended
//! and what a call answered.

use std::fmt::Write as _;

use proto::v1::{SweepState, Verdict};
use tonic::{Code, Status};

/// How gilctl ends; scripts rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// All went well; a lossy strategy that loses is fine.
    Fine,
    /// Something that nobody foresaw.
    Unexpected,
    /// The command line is wrong, or the daemon refused what it asks for.
    Usage,
    /// An exact strategy lost updates, or an impossible value appeared.
    PromiseBroken,
    /// An assertion about results, or a regression check, failed, or the machine is unfit to
    /// measure.
    AssertFailed,
    /// Results that cannot be compared.
    NotComparable,
    /// The sweep or exploration failed.
    SweepFailed,
    /// The sweep or exploration was cancelled or interrupted.
    SweepStopped,
    /// Nothing of that id, or no schedule that leads to the value that `witness` looks for.
    NotFound,
    /// No daemon answers.
    Unreachable,
    /// The daemon's queue is full.
    QueueFull,
    /// The daemon denies access.
    Denied,
    /// Ctrl-C here; the sweep may go on.
    Interrupted,
}

const BROKEN: &str = "\
a promise was broken: an exact strategy lost updates, an impossible value appeared,
       or threads did not do what the model does";

impl Exit {
    /// Every code, in the order of numbers.
    pub const ALL: [Self; 13] = [
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
        Self::Interrupted,
    ];

    /// The number that the shell sees, and what the help says about it.
    pub const fn facts(self) -> (u8, &'static str) {
        match self {
            Self::Fine => (0, "fine; a lossy strategy that loses is fine"),
            Self::Unexpected => (1, "unexpected"),
            Self::Usage => (2, "usage, or the daemon refused what was asked"),
            Self::PromiseBroken => (3, BROKEN),
            Self::AssertFailed => {
                (4, "an assertion or a regression check failed, or `doctor` found something bad")
            }
            Self::NotComparable => (5, "not comparable; `compare` names what differs"),
            Self::SweepFailed => (6, "the sweep or exploration failed"),
            Self::SweepStopped => (7, "it was cancelled or interrupted; results are partial"),
            Self::NotFound => {
                (8, "not found: no such id, or in `witness` no schedule leads to the value")
            }
            Self::Unreachable => (69, "the daemon cannot be reached"),
            Self::QueueFull => (75, "the queue is full, try later"),
            Self::Denied => (77, "denied"),
            Self::Interrupted => {
                (130, "Ctrl-C once more (the first cancels what was started: 7), or in `watch`")
            }
        }
    }

    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        self.facts().0
    }

    /// How a sweep's state and its cells' verdicts end gilctl: a broken promise wins.
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

    /// How a refused or failed call ends gilctl.
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

/// Whether a call failed for want of a connection. A daemon that dies in mid-stream shows as an
/// unknown error with a source, not as unavailable.
pub fn is_broken_connection(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Unknown | Code::Internal | Code::Cancelled => {
            std::error::Error::source(status).is_some()
        }
        _ => false,
    }
}

/// The table of exit codes for the help.
pub fn help() -> String {
    let mut text = String::from("Exit codes:");
    for exit in Exit::ALL {
        let (code, meaning) = exit.facts();
        let _ = write!(text, "\n  {code:>3}  {meaning}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_documented_ones() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 69, 75, 77, 130]);
    }

    #[test]
    fn a_broken_promise_wins_over_every_state() {
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
    fn answers_have_their_codes() {
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
    fn an_unknown_error_with_a_source_is_a_broken_connection() {
        let status = Status::from_error(Box::new(std::io::Error::other("reset")));
        assert_eq!((status.code(), is_broken_connection(&status)), (Code::Unknown, true));
        assert!(!is_broken_connection(&Status::unknown("a bug in the daemon")));
    }
}
