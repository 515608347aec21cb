//! The port through which jobs store their events: [`EventSink`] takes the events of a job in
//! order. Running jobs know nothing else of the history. Stores nothing itself.

use crate::jobs::event::exploration::ExplorationEvent;
use crate::jobs::event::sweep::SweepEvent;
use crate::jobs::state::State;
use crate::measure::turn::Turn;

/// An event of a job of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEvent {
    /// Of a sweep.
    Sweep(SweepEvent),
    /// Of an exploration.
    Exploration(ExplorationEvent),
}

/// What an event changes apart from the log.
#[derive(Debug, Clone, PartialEq)]
pub enum StateChange {
    /// Nothing.
    Nothing,
    /// The job runs.
    Starts,
    /// Attempts were done.
    Attempts(Box<Turn>),
    /// The job is over.
    Ends {
        /// Its final state.
        state: State,
        /// Why it failed; empty otherwise.
        error: String,
    },
}

/// Why an event cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The log does not exist, or not any more.
    #[error("there is no such log")]
    Unknown,
    /// The history takes nothing any more.
    #[error("{0}")]
    Broken(String),
}

/// A store of events.
pub trait EventSink: std::fmt::Debug + Send + Sync {
    /// Adds an event to the log of a job; returns its sequence number, from 1. The last event of a
    /// log is durable before this returns, the others soon after. No event is shown to a watcher
    /// before it is durable.
    fn append(&self, id: &str, event: JobEvent) -> Result<u64, AppendError>;
}

impl From<SweepEvent> for JobEvent {
    fn from(event: SweepEvent) -> Self {
        Self::Sweep(event)
    }
}

impl From<ExplorationEvent> for JobEvent {
    fn from(event: ExplorationEvent) -> Self {
        Self::Exploration(event)
    }
}

impl JobEvent {
    /// The kind of event, in one word as the history stores it.
    pub fn word(&self) -> &'static str {
        use ExplorationEvent as Explored;
        match self {
            Self::Sweep(SweepEvent::Started(_)) | Self::Exploration(Explored::Started(_)) => {
                "started"
            }
            Self::Sweep(SweepEvent::Turn(_)) => "turn",
            Self::Sweep(SweepEvent::CellEnded { .. }) => "cell_ended",
            Self::Exploration(Explored::Progress { .. }) => "progress",
            Self::Exploration(Explored::Outcome(_)) => "outcome",
            Self::Sweep(SweepEvent::Ended { .. }) | Self::Exploration(Explored::Ended(_)) => {
                "ended"
            }
        }
    }

    /// The position of the cell that the event concerns, if any.
    pub fn cell(&self) -> Option<usize> {
        match self {
            Self::Sweep(SweepEvent::Turn(turn)) => Some(turn.cell),
            Self::Sweep(SweepEvent::CellEnded { cell, .. }) => Some(*cell),
            Self::Sweep(SweepEvent::Started(_) | SweepEvent::Ended { .. })
            | Self::Exploration(_) => None,
        }
    }

    /// What the event changes.
    pub fn into_change(self) -> StateChange {
        use ExplorationEvent as Explored;
        match self {
            Self::Sweep(SweepEvent::Started(_)) | Self::Exploration(Explored::Started(_)) => {
                StateChange::Starts
            }
            Self::Sweep(SweepEvent::Turn(turn)) => StateChange::Attempts(turn),
            Self::Sweep(SweepEvent::CellEnded { .. })
            | Self::Exploration(Explored::Progress { .. } | Explored::Outcome(_)) => {
                StateChange::Nothing
            }
            Self::Sweep(SweepEvent::Ended { state, error, .. }) => {
                StateChange::Ends { state, error }
            }
            Self::Exploration(Explored::Ended(end)) => {
                StateChange::Ends { state: end.state, error: end.error }
            }
        }
    }
}
