//! Errors of the lab, each in one line with a way out.

use strategies::model::replay::ReplayError;
use strategies::program::limit::LimitError;

use crate::store::error::HistoryError;
use crate::store::portable::ExportError;
use crate::store::record::state_word;
use engine::exec::replay::ThreadReplayError;
use engine::jobs::owner::Owner;
use engine::jobs::scheduler::error;
use engine::jobs::scheduler::error::QueueError;
use engine::jobs::state::{IllegalTransition, State};
use engine::python::error::PythonError;

/// Why a lab cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its history cannot be opened.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Its scheduler cannot be started.
    #[error(transparent)]
    Scheduler(#[from] error::StartError),
    /// The system refuses it.
    #[error("the lab cannot start: {0}; end another program, or raise the process limit")]
    System(#[from] std::io::Error),
}

/// Why the lab refuses a request, or fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// The request breaks a limit.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The queue has no place.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The history cannot be read or written.
    #[error(transparent)]
    History(HistoryError),
    /// A sweep cannot be exported or imported.
    #[error(transparent)]
    Export(ExportError),
    /// A stored sweep cannot be resumed.
    #[error("sweep {id} cannot be resumed: {reason}")]
    NotResumable {
        /// The sweep.
        id: String,
        /// Why not, with the way out.
        reason: String,
    },
    /// The job has not ended.
    #[error(
        "{kind} {id} has not ended: it is {}; cancel it first, or wait for its end",
        state_word(*state).to_uppercase()
    )]
    Unended {
        /// The kind of job.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Its state.
        state: State,
    },
    /// The job belongs to another owner.
    #[error(
        "{kind} {id} belongs to {owner}, and you are {caller}; its owner or an admin of this lab may \
         change it"
    )]
    NotOwner {
        /// The kind of job.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Its owner.
        owner: Owner,
        /// Who asks.
        caller: Owner,
    },
    /// The job belongs to another owner, and the lab shows jobs only to their owners.
    #[error(
        "{kind} {id} belongs to another owner than {caller}; this lab shows jobs to their owners and \
         to admins only"
    )]
    Private {
        /// The kind of job.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Who asks.
        caller: Owner,
    },
    /// The history has no such job.
    #[error("there is no {kind} {id}; `list` shows those that are kept")]
    NotFound {
        /// The kind of job.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A job runs that must not be disturbed.
    #[error(
        "a sweep is being measured, or an exploration runs; try again when it has ended, or \
         cancel it"
    )]
    Busy,
    /// A schedule does not fit its program.
    #[error("script: {0}")]
    Replay(#[from] ReplayError),
    /// A schedule could not be replayed on threads.
    #[error(transparent)]
    ThreadReplay(#[from] ThreadReplayError),
    /// A real interpreter failed.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// The job has ended already.
    #[error(
        "the {kind} has already ended: it is {}; `show` prints it",
        state_word(.why.state).to_uppercase()
    )]
    Ended {
        /// The kind of job.
        kind: &'static str,
        /// The transition that was refused.
        why: IllegalTransition,
    },
    /// The job is about to end.
    #[error("the {kind} is about to end: its result is being stored; `show` prints it")]
    Ending {
        /// The kind of job.
        kind: &'static str,
    },
    /// The sequence number lies beyond the end of a log that will not grow.
    #[error("after_sequence: {after} lies beyond the last event, {last}; ask for at most that")]
    BeyondEnd {
        /// The requested sequence number.
        after: u64,
        /// The last of the log.
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
