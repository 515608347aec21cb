//! Order of the jobs on the screen.

use std::cmp::Reverse;

use proto::v1::{Exploration, Sweep, SweepState};

use view::listed::Jobs;

/// Most jobs of a kind that are on the screen; `gilctl list` has all.
pub const JOBS_MAX: usize = 200;

/// By what jobs are sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Newest first, as `gilctl list` has them.
    #[default]
    Newest,
    /// What runs, what waits in the order of the queue, what has ended.
    State,
    /// By the names of their owners, the newest of each first.
    Owner,
}

impl SortOrder {
    /// The order after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Newest => Self::State,
            Self::State => Self::Owner,
            Self::Owner => Self::Newest,
        }
    }

    /// The order in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Newest => "newest first",
            Self::State => "by state",
            Self::Owner => "by owner",
        }
    }

    /// The sweeps in this order, at most [`JOBS_MAX`].
    pub fn sweeps(self, jobs: &Jobs) -> Vec<Sweep> {
        let mut sweeps = jobs.sweeps.jobs.clone();
        match self {
            Self::Newest => {}
            Self::State => sweeps.sort_by_key(|it| {
                (rank(it.state()), it.queue_position, Reverse(it.create_time_ns))
            }),
            Self::Owner => sweeps.sort_by(|a, b| a.owner.cmp(&b.owner)),
        }
        sweeps.truncate(JOBS_MAX);
        sweeps
    }

    /// The explorations in this order, at most [`JOBS_MAX`].
    pub fn explorations(self, jobs: &Jobs) -> Vec<Exploration> {
        let mut explorations = jobs.explorations.jobs.clone();
        match self {
            Self::Newest => {}
            Self::State => explorations.sort_by_key(|it| rank(it.state())),
            Self::Owner => explorations.sort_by(|a, b| a.owner.cmp(&b.owner)),
        }
        explorations.truncate(JOBS_MAX);
        explorations
    }

    /// The resource names in this order, sweeps first.
    pub fn names(self, jobs: &Jobs) -> Vec<String> {
        let sweeps = self.sweeps(jobs).into_iter().map(|it| it.name);
        sweeps.chain(self.explorations(jobs).into_iter().map(|it| it.name)).collect()
    }
}

/// Where a state stands among others.
fn rank(state: SweepState) -> u8 {
    match state {
        SweepState::Running => 0,
        SweepState::Cancelling => 1,
        SweepState::Queued => 2,
        SweepState::Unspecified
        | SweepState::Succeeded
        | SweepState::Failed
        | SweepState::Cancelled
        | SweepState::Interrupted => 3,
    }
}
