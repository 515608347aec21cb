//! What can happen in a sweep, and the port through which it is told: [`EventSink`] takes happenings in
//! order, and whoever runs work knows no more of the history than that. Keeps nothing itself.

use crate::jobs::state::State;
use crate::measure::measurement::Measurement;
use crate::measure::turn::Turn;
use crate::sys::host::Host;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum SweepEvent {
    /// The sweep left the queue.
    Started(Host),
    /// A cell had a turn.
    Turn(Box<Turn>),
    /// A cell is complete, or its sweep ended before it was.
    CellEnded {
        /// The cell's position.
        cell: usize,
        /// Whether all requested attempts were done.
        complete: bool,
        /// Its statistics.
        measurement: Box<Measurement>,
    },
    /// The sweep ended; the last event.
    Ended {
        /// Its final state.
        state: State,
        /// The verdict in one sentence.
        verdict: String,
        /// Remarks.
        notes: Vec<String>,
        /// Why it failed; empty otherwise.
        error: String,
    },
}

/// What an event changes beside the log.
#[derive(Debug, Clone, PartialEq)]
pub enum StateChange {
    /// Nothing.
    Nothing,
    /// The work runs.
    Starts,
    /// Attempts were done.
    Attempts(Box<Turn>),
    /// The work is over.
    Ends {
        /// Its final state.
        state: State,
        /// Why it failed; empty otherwise.
        error: String,
    },
}

/// What a log can hold.
pub trait JobEvent: std::fmt::Debug + Send + Sync + 'static {
    /// What kind of event it is, in one word.
    fn word(&self) -> &'static str;
    /// Which cell it is about, if any.
    fn cell(&self) -> Option<usize>;
    /// What it changes.
    fn into_change(self) -> StateChange;
}

impl JobEvent for SweepEvent {
    fn word(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Turn(_) => "turn",
            Self::CellEnded { .. } => "cell_ended",
            Self::Ended { .. } => "ended",
        }
    }

    fn cell(&self) -> Option<usize> {
        match self {
            Self::Turn(turn) => Some(turn.cell),
            Self::CellEnded { cell, .. } => Some(*cell),
            Self::Started(_) | Self::Ended { .. } => None,
        }
    }

    fn into_change(self) -> StateChange {
        match self {
            Self::Started(_) => StateChange::Starts,
            Self::Turn(turn) => StateChange::Attempts(turn),
            Self::CellEnded { .. } => StateChange::Nothing,
            Self::Ended { state, error, .. } => StateChange::Ends { state, error },
        }
    }
}

/// Why a happening cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// There is none of that id, or not any more.
    #[error("there is no such log")]
    Unknown,
    /// The history takes nothing any more.
    #[error("{0}")]
    Broken(String),
}

/// Where happenings of one kind are told, in order.
pub trait EventSink<H: JobEvent = SweepEvent>: std::fmt::Debug + Send + Sync {
    /// Adds an event; returns its sequence number. The last one of all is durable before this
    /// returns, the others soon after; none is shown to anybody before.
    fn append(&self, id: &str, happening: H) -> Result<u64, AppendError>;

    /// What was told of a work, where a test listens.
    #[cfg(test)]
    fn told_of(&self, _id: &str) -> Vec<H> {
        Vec::new()
    }
}

#[cfg(test)]
pub(crate) mod memory {
    //! Happenings as they were told, for tests of those who tell them.

    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, PoisonError};

    use crate::jobs::event::{AppendError, EventSink, JobEvent, SweepEvent};

    /// What was told of any work.
    #[derive(Debug)]
    pub(crate) struct Memory<H = SweepEvent>(Mutex<Vec<(String, H)>>, AtomicBool);

    impl<H> Default for Memory<H> {
        fn default() -> Self {
            Self(Mutex::default(), AtomicBool::new(false))
        }
    }

    impl<H: Clone> Memory<H> {
        /// All of it so far.
        pub(crate) fn told(&self) -> Vec<H> {
            let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.iter().map(|(_, happening)| happening.clone()).collect()
        }

        /// Takes nothing more.
        pub(crate) fn close(&self) {
            self.1.store(true, Ordering::Relaxed);
        }
    }

    impl<H: JobEvent + Clone> EventSink<H> for Memory<H> {
        fn append(&self, id: &str, happening: H) -> Result<u64, AppendError> {
            if self.1.load(Ordering::Relaxed) {
                return Err(AppendError::Unknown);
            }
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.push((id.to_owned(), happening));
            Ok(told.len() as u64)
        }

        fn told_of(&self, id: &str) -> Vec<H> {
            let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.iter().filter(|(of, _)| of == id).map(|(_, happening)| happening.clone()).collect()
        }
    }
}
