//! Events of a sweep.

use crate::jobs::state::State;
use crate::measure::measurement::Measurement;
use crate::measure::turn::Turn;
use crate::sys::host::Host;

/// An event of a sweep.
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
