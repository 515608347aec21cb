//! What waits its turn in the lane: a sweep or an exploration. Decides nothing: each kind's own
//! file says how it runs and ends.

use std::fmt;
use std::sync::Arc;

use crate::exec::executor::Executor;
use crate::jobs::event::EventSink;
use crate::jobs::exploration;
use crate::jobs::exploration::job::Exploration;
use crate::jobs::owner::Owner;
use crate::jobs::registry::Lives;
use crate::jobs::state::{State, StopReason};
use crate::jobs::sweep;
use crate::jobs::sweep::job::SweepJob;
use crate::jobs::sweep::run::RunError;

/// Something to do.
#[derive(Debug, Clone)]
pub enum Job {
    /// Attempts to measure.
    Sweep(Arc<SweepJob>),
    /// A model to search.
    Exploration(Arc<Exploration>),
}

/// Where each kind's events go.
#[derive(Debug, Clone)]
pub struct EventSinks {
    /// Of sweeps.
    pub sweeps: Arc<dyn EventSink>,
    /// Of explorations.
    pub explorations: Arc<dyn EventSink<exploration::job::ExplorationEvent>>,
}

impl Job {
    /// The id that it has on its shelf.
    pub fn id(&self) -> &str {
        match self {
            Self::Sweep(live) => &live.id,
            Self::Exploration(exploration) => &exploration.id,
        }
    }

    /// Its resource name.
    pub fn name(&self) -> String {
        match self {
            Self::Sweep(live) => format!("sweeps/{}", live.id),
            Self::Exploration(exploration) => format!("explorations/{}", exploration.id),
        }
    }

    /// Who asked for it.
    pub fn owner(&self) -> &Owner {
        match self {
            Self::Sweep(live) => &live.owner,
            Self::Exploration(exploration) => &exploration.owner,
        }
    }

    /// Where it is in its life.
    pub fn state(&self) -> State {
        match self {
            Self::Sweep(live) => live.state(),
            Self::Exploration(exploration) => exploration.state(),
        }
    }

    /// Asks it to stop.
    pub fn stop(&self, reason: StopReason) {
        match self {
            Self::Sweep(live) => live.stop(reason),
            Self::Exploration(exploration) => exploration.stop(reason),
        }
    }

    /// Does it, to its end.
    pub fn run(&self, stage: &mut Executor, logs: &EventSinks) -> Result<(), RunError> {
        match self {
            Self::Sweep(live) => sweep::run::run(live, stage, &logs.sweeps),
            Self::Exploration(exploration) => {
                exploration::run::explore(exploration, &logs.explorations)
            }
        }
    }

    /// Ends it before it has begun.
    pub fn end_unstarted(&self, logs: &EventSinks, reason: StopReason) -> Result<(), RunError> {
        match self {
            Self::Sweep(live) => sweep::run::end_unstarted(live, &logs.sweeps, reason),
            Self::Exploration(exploration) => {
                exploration::run::end_unstarted(exploration, &logs.explorations, reason)
            }
        }
    }

    /// Ends it after a panic.
    pub fn end_panicked(&self, logs: &EventSinks) -> Result<(), RunError> {
        match self {
            Self::Sweep(live) => sweep::run::end_panicked(live, &logs.sweeps),
            Self::Exploration(exploration) => {
                exploration::run::end_panicked(exploration, &logs.explorations)
            }
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Sweep(_) => SweepJob::KIND,
            Self::Exploration(_) => Exploration::KIND,
        };
        write!(f, "{kind} {}", self.id())
    }
}
