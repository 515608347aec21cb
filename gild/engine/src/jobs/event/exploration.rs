//! Events of an exploration, and the results that they carry.

use strategies::explore::estimate::Estimate;

use crate::jobs::replay::Replay;
use crate::jobs::state::State;

/// An event of an exploration.
#[derive(Debug, Clone, PartialEq)]
pub enum ExplorationEvent {
    /// The exploration left the queue.
    Started(Estimate),
    /// The search got further.
    Progress {
        /// The part of the search that runs now.
        part: &'static str,
        /// Share of that part that is done, 0 to 1.
        done: f64,
    },
    /// A final value and all that is known of it.
    Outcome(FinalValue),
    /// The exploration ended; the last event.
    Ended(Box<ExplorationEnd>),
}

/// One final value of the counter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FinalValue {
    /// The counter in the end.
    pub value: u32,
    /// How many interleavings lead to it; empty where they are not counted.
    pub count: String,
    /// Its probability, 0 to 1.
    pub probability: f64,
    /// The common logarithm of the probability; `None` for 0.
    pub probability_log10: Option<f64>,
    /// Numerator and denominator of the probability; empty unless exact fractions were requested.
    pub ratio: (String, String),
    /// A schedule that leads to it, with as few preemptions as possible; `None` where none was
    /// sought.
    pub witness: Option<Witness>,
}

/// A schedule that leads to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its preemptions, if no schedule has fewer.
    pub fewest_preemptions: Option<u32>,
    /// The schedule, as runs of moves of one worker each.
    pub schedule: String,
    /// The same as a script that can be replayed.
    pub script: String,
}

/// What an exploration found apart from the final values; empty or 0 where it is not known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExplorationResult {
    /// How many interleavings there are.
    pub interleavings: String,
    /// The same to 17 digits and a power of ten, where a closed form counts them.
    pub interleavings_rounded: String,
    /// How many machine states.
    pub states: u64,
    /// How many interleavings that differ in more than the order of independent moves.
    pub classes: String,
    /// States in which a worker is not done and no worker can move.
    pub deadlocks: u64,
    /// The verdict in one sentence.
    pub verdict: String,
    /// The witness of the requested value, move by move.
    pub trace: Option<Replay>,
}

/// The end of an exploration.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplorationEnd {
    /// Its final state.
    pub state: State,
    /// When, in nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// What was found apart from the final values.
    pub found: ExplorationResult,
    /// Why it failed; empty otherwise.
    pub error: String,
}

impl FinalValue {
    /// Bytes of its text.
    pub fn text_bytes(&self) -> usize {
        let Self { count, ratio: (numerator, denominator), witness, .. } = self;
        let shown = witness.as_ref().map_or(0, |found| found.schedule.len() + found.script.len());
        count.len() + numerator.len() + denominator.len() + shown
    }
}
