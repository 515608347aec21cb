//! Errors of the scheduler.

use std::io;
use std::time::Duration;

use strategies::program::limit::LimitError;

use crate::jobs::owner::Owner;

/// Why work cannot queue up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no place left.
    #[error(
        "the queue is full: at most {limit} sweeps and explorations wait; try again when one has \
         ended"
    )]
    Crowded {
        /// Most that wait.
        limit: usize,
        /// When it may be worth while to try again.
        retry: Duration,
    },
    /// Its owner has enough there.
    #[error(
        "{owner} has {limit} sweeps and explorations that wait or run, which is the quota; try \
         again \
         when one has ended, or cancel one"
    )]
    Quota {
        /// The owner whose quota it is.
        owner: Owner,
        /// Most of theirs that wait or run.
        limit: usize,
        /// When it may be worth while to try again.
        retry: Duration,
    },
    /// The lab takes no more work.
    #[error("the lab is shutting down; try again when it has started again")]
    Stopping,
}

/// Why there is no lane.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The terms break a limit.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The system has no thread for it.
    #[error(
        "the system has no thread for a lane: {0}; end another program, or raise the process limit"
    )]
    Thread(#[from] io::Error),
}
