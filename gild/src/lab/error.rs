//! Why a lab does not start, or does not do what it was asked: each in one line with a way out.
//! Decides nothing.

use strategies::model::replay::ReplayError;
use strategies::program::limit::LimitError;

use crate::store::error::HistoryError;
use crate::store::portable::ExportError;
use engine::exec::replay::ThreadReplayError;
use engine::jobs::scheduler;
use engine::jobs::scheduler::QueueError;
use engine::jobs::state::{IllegalTransition, State};
use engine::python::error::PythonError;

/// Why a lab cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its history cannot be had.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Its lanes cannot be had.
    #[error(transparent)]
    Lane(#[from] scheduler::StartError),
    /// The system refuses it.
    #[error("the lab cannot start: {0}")]
    System(#[from] std::io::Error),
}

/// Why the lab does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// The wish breaks a limit.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// No place in the queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The history does not take or give what it should.
    #[error(transparent)]
    History(HistoryError),
    /// A sweep cannot be exported or imported.
    #[error(transparent)]
    Export(ExportError),
    /// What is stored cannot be gone on with.
    #[error("sweep {id} cannot be resumed: {reason}")]
    NotResumable {
        /// The sweep.
        id: String,
        /// Why not, with the way out.
        reason: String,
    },
    /// It has not ended.
    #[error("the {kind} has not ended: it is {state:?}; cancel it first, or wait for its end")]
    Unended {
        /// What it is.
        kind: &'static str,
        /// Where it is in its life.
        state: State,
    },
    /// There is no such thing.
    #[error("there is no {kind} {id}; `list` shows those that are kept")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// Something runs that nothing may disturb.
    #[error(
        "a sweep is being measured, or an exploration runs; try again when it has ended, or \
         cancel it"
    )]
    Busy,
    /// A schedule is none of its question's.
    #[error("script: {0}")]
    Replay(#[from] ReplayError),
    /// A schedule could not be played on threads.
    #[error(transparent)]
    ThreadReplay(#[from] ThreadReplayError),
    /// A real interpreter failed.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// It has ended already.
    #[error("the {kind} has already ended: it is {:?}; `show` prints it", .why.state)]
    Ended {
        /// What was to be cancelled.
        kind: &'static str,
        /// What was tried.
        why: IllegalTransition,
    },
    /// It is about to end.
    #[error("the {kind} is about to end: how it did is being stored; `show` prints it")]
    Ending {
        /// What was to be cancelled.
        kind: &'static str,
    },
    /// The sequence number lies beyond the end of a log that will not grow.
    #[error("after_sequence: {after} lies beyond the last event, {last}; ask for at most that")]
    BeyondEnd {
        /// What was asked.
        after: u64,
        /// The last there is.
        last: u64,
    },
}

impl From<HistoryError> for LabError {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl From<ExportError> for LabError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::History(error) => Self::History(error),
            other => Self::Export(other),
        }
    }
}
