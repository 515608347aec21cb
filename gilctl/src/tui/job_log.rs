//! Log of the job that is followed, a sweep's or an exploration's: stored state first, then its events.

use proto::v1::{Exploration, GetSweepResponse, SweepState};

use view::follow::exploration_log::{ExplorationLog, ExplorationView};
use view::follow::sweep_log::SweepLog;
use view::follow::sweep_view::SweepView;

/// A job with what is known of it so far.
#[derive(Debug, Clone, PartialEq)]
pub enum JobLog {
    /// A sweep.
    Sweep(Box<SweepLog>),
    /// An exploration.
    Exploration(Box<ExplorationLog>),
}

impl JobLog {
    /// A stored sweep with its results; `None` if the answer holds none.
    pub fn of_sweep(answer: GetSweepResponse) -> Option<Self> {
        let view = SweepView::from_answer(answer)?;
        let last = view.next_sequence.saturating_sub(1);
        Some(Self::Sweep(Box::new(SweepLog::resume(view, last))))
    }

    /// A stored exploration with what was found.
    pub fn of_exploration(stored: Exploration) -> Self {
        let last = stored.next_sequence.saturating_sub(1);
        Self::Exploration(Box::new(ExplorationLog::new(stored, last)))
    }

    /// The resource name.
    pub fn name(&self) -> &str {
        match self {
            Self::Sweep(log) => &log.view().sweep.name,
            Self::Exploration(log) => &log.view().exploration.name,
        }
    }

    /// The sequence number of the last event that is known.
    pub fn last_sequence(&self) -> u64 {
        match self {
            Self::Sweep(log) => log.last_sequence(),
            Self::Exploration(log) => log.last_sequence(),
        }
    }

    /// The state.
    pub fn state(&self) -> SweepState {
        match self {
            Self::Sweep(log) => log.view().state,
            Self::Exploration(log) => log.view().exploration.state(),
        }
    }

    /// Whether it has ended; a sweep can run again if it is resumed.
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Sweep(log) => log.view().has_ended(),
            Self::Exploration(log) => ExplorationView::has_ended(log.view()),
        }
    }
}
