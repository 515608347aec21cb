//! An exploration that this daemon knows: what was asked, what it will take, its life, and what can
//! happen in it. One owner changes it: the [`Exploration`] record. Searches nothing; names neither
//! an executor nor the wire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strategies::explore::estimate::Estimate;
use strategies::explore::query::Query;
use strategies::explore::survey::QueryOptions;
use strategies::model::program::Program;
use strategies::program::limit::LimitError;

use crate::jobs::event::{JobEvent, StateChange};
use crate::jobs::exploration::trace::Replay;
use crate::jobs::owner::Owner;
use crate::jobs::registry::Lives;
use crate::jobs::state::{
    IllegalTransition, Lifecycle, PublishedState, State, StopReason, Transition,
};

/// What was asked for, in the lab's own types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplorationSpec {
    /// The strategy and what its workers do.
    pub question: Query,
    /// What is wanted of it.
    pub wanted: QueryOptions,
    /// The probability of a switch as it was written, which may not be a decimal.
    pub q: Option<String>,
    /// What can be explored of the question.
    pub program: Program,
}

/// An exploration that this daemon knows.
#[derive(Debug)]
pub struct Exploration {
    /// Time-sortable id.
    pub id: String,
    /// Who asked for it.
    pub owner: Owner,
    /// What was asked for.
    pub asked: ExplorationSpec,
    /// What it will take.
    pub estimate: Estimate,
    standing: PublishedState,
    life: Mutex<Lifecycle>,
}

/// One final value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The counter in the end.
    pub value: u32,
    /// How many interleavings lead to it; empty where they are not what is counted.
    pub count: String,
    /// How likely it is.
    pub probability: f64,
    /// Its common logarithm; `None` for 0.
    pub probability_log10: Option<f64>,
    /// Numerator and denominator of the probability; empty where nobody asked.
    pub ratio: (String, String),
    /// How it comes out, with as few preemptions as can be; `None` where none was sought.
    pub witness: Option<Witness>,
}

/// A schedule that leads to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its preemptions, if no schedule has fewer.
    pub fewest_preemptions: Option<u32>,
    /// Who moves when, in runs.
    pub schedule: String,
    /// The same as a script that can be replayed.
    pub script: String,
}

/// What there is to say at the end besides the outcomes; empty or 0 where it is not known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExplorationResult {
    /// How many interleavings there are.
    pub interleavings: String,
    /// How many machine states.
    pub states: u64,
    /// How many interleavings that differ in more than the order of independent moves.
    pub classes: String,
    /// States in which somebody is not done and nobody can move.
    pub deadlocks: u64,
    /// What there is to say, in one sentence.
    pub verdict: String,
    /// The witness of the value that was asked for, move by move.
    pub trace: Option<Replay>,
}

/// How an exploration ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Its final state.
    pub state: State,
    /// When, in nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// What was found besides the outcomes.
    pub found: ExplorationResult,
    /// Why it failed; empty otherwise.
    pub error: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum ExplorationEvent {
    /// It left the queue.
    Started(Estimate),
    /// It got further.
    Progress {
        /// What it does now.
        part: &'static str,
        /// Share of that part that is done.
        done: f64,
    },
    /// A value and all that is known of it.
    Outcome(Outcome),
    /// It ended; the last event.
    Ended(Box<Ending>),
}

/// What changes of an exploration, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where it is in its life.
    pub state: State,
    /// When it ended; 0 while it has not.
    pub end_time_ns: u64,
    /// Why it failed; empty otherwise.
    pub error: String,
}

impl ExplorationSpec {
    /// A question that can be explored; `q` as it was written.
    pub fn new(
        question: Query,
        wanted: QueryOptions,
        q: Option<String>,
    ) -> Result<Self, LimitError> {
        let program = question.program()?;
        Ok(Self { question, wanted, q, program })
    }
}

impl Exploration {
    /// An exploration in the queue.
    pub fn new(id: String, owner: Owner, asked: ExplorationSpec, estimate: Estimate) -> Arc<Self> {
        let (standing, life) = (PublishedState::default(), Mutex::default());
        Arc::new(Self { id, owner, asked, estimate, standing, life })
    }

    /// How it stands.
    pub fn progress(&self) -> Progress {
        let life = self.life();
        Progress {
            state: life.state(),
            end_time_ns: life.end_time_ns(),
            error: life.error().to_owned(),
        }
    }

    /// Changes the state; the new one, or why not.
    pub fn apply(&self, transition: Transition) -> Result<State, IllegalTransition> {
        self.standing.apply(&mut self.life(), transition)
    }

    /// Ends it; see [`Lifecycle::end`].
    pub fn end<E: From<IllegalTransition>>(
        &self,
        transition: Transition,
        error: &str,
        tell: impl FnOnce(State, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        self.standing.end(&mut self.life(), transition, error, tell)
    }

    /// Asks it to stop; its search hears of it when it next asks whether to go on.
    pub fn stop(&self, reason: StopReason) {
        self.life().stop(reason);
    }

    /// Why it must stop, if it must.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.life().stop_reason()
    }

    fn life(&self) -> MutexGuard<'_, Lifecycle> {
        // Every section leaves a consistent life, even if a later one panics.
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lives for Exploration {
    const KIND: &'static str = "exploration";

    fn id(&self) -> &str {
        &self.id
    }

    fn state(&self) -> State {
        self.standing.state()
    }
}

impl Outcome {
    /// Bytes of its text.
    pub fn letters(&self) -> usize {
        let Self { count, ratio: (numerator, denominator), witness, .. } = self;
        let shown = witness.as_ref().map_or(0, |found| found.schedule.len() + found.script.len());
        count.len() + numerator.len() + denominator.len() + shown
    }
}

impl JobEvent for ExplorationEvent {
    fn word(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Progress { .. } => "progress",
            Self::Outcome(_) => "outcome",
            Self::Ended(_) => "ended",
        }
    }

    fn cell(&self) -> Option<usize> {
        None
    }

    fn into_change(self) -> StateChange {
        match self {
            Self::Started(_) => StateChange::Starts,
            Self::Progress { .. } | Self::Outcome(_) => StateChange::Nothing,
            Self::Ended(ending) => StateChange::Ends { state: ending.state, error: ending.error },
        }
    }
}
