//! A schedule played in the model: what each move read and wrote, and which updates were lost to
//! which stale read. Searches nothing.

use crate::model::moves::{Act, Move};
use crate::model::program::Program;
use crate::model::schedule::Schedule;

/// One move as it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Who.
    pub worker: usize,
    /// What.
    pub made: Move,
    /// Which of the worker's increments it belongs to, from 0.
    pub increment: u32,
    /// The counter after it.
    pub counter: u32,
    /// For a load what was read, for a store or an add what was written.
    pub value: Option<u32>,
}

/// Updates that a store wiped out, because it goes back to an older load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Position of the load in the events.
    pub load: usize,
    /// Position of the store that goes back to it.
    pub store: usize,
    /// Positions of the others' stores between them: what was lost.
    pub lost: Vec<usize>,
}

/// A schedule played to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Every move.
    pub events: Vec<Event>,
    /// Every store that wiped out others'.
    pub losses: Vec<Loss>,
    /// The counter in the end.
    pub value: u32,
    /// How often a worker was left that was not done and could have gone on.
    pub preemptions: u32,
}

/// Why a schedule cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// There is no such worker.
    #[error("move {at}: there is no worker T{worker}; the last is T{last}")]
    NoSuchWorker {
        /// The move, from 1.
        at: usize,
        /// Who was to make it.
        worker: usize,
        /// The last worker.
        last: usize,
    },
    /// It is not that worker's turn.
    #[error("move {at}: T{worker} cannot move here; {who}")]
    NotItsTurn {
        /// The move, from 1.
        at: usize,
        /// Who was to make it.
        worker: usize,
        /// Who could.
        who: String,
    },
    /// Some worker is not done.
    #[error("the schedule ends after {moves} of {of} moves; {who}")]
    TooShort {
        /// Moves made.
        moves: usize,
        /// Moves of a whole schedule.
        of: usize,
        /// Who could go on.
        who: String,
    },
}

/// Plays a schedule.
pub fn replay(program: &Program, schedule: &Schedule) -> Result<Trace, ReplayError> {
    let mut state = program.start();
    let mut trace = Trace { events: Vec::new(), losses: Vec::new(), value: 0, preemptions: 0 };
    let per_increment = (program.task().len() / program.increments() as usize).max(1);
    for worker in schedule.workers() {
        let at = trace.events.len() + 1;
        if worker >= program.workers() {
            let last = program.workers() - 1;
            return Err(ReplayError::NoSuchWorker { at, worker, last });
        }
        let choices = program.choices(&state);
        if choices & 1 << worker == 0 {
            let who = who_can(choices);
            return Err(ReplayError::NotItsTurn { at, worker, who });
        }
        let left = state.last().filter(|&last| last != worker);
        let is_preempted = left.is_some_and(|last| program.can_move(&state, last));
        trace.preemptions += u32::from(is_preempted);
        let increment = usize::from(state.at[worker]) / per_increment;
        let made = program.make_move(&mut state, worker);
        let counter = u32::from(state.counter);
        let value = matches!(made.act, Act::Load | Act::Store | Act::Add).then_some(counter);
        let increment = u32::try_from(increment).unwrap_or(u32::MAX);
        trace.events.push(Event { worker, made, increment, counter, value });
    }
    if !program.is_over(&state) {
        let (moves, of) = (trace.events.len(), program.moves());
        return Err(ReplayError::TooShort { moves, of, who: who_can(program.choices(&state)) });
    }
    trace.value = u32::from(state.counter);
    trace.losses = losses(&trace.events);
    Ok(trace)
}

fn who_can(choices: u8) -> String {
    let able: Vec<_> = (0..8).filter(|worker| choices >> worker & 1 == 1).collect();
    match able.as_slice() {
        [] => "none can".into(),
        [one] => format!("only T{one} can"),
        several => {
            let names: Vec<_> = several.iter().map(|worker| format!("T{worker}")).collect();
            format!("one of {} can", names.join(", "))
        }
    }
}

fn losses(events: &[Event]) -> Vec<Loss> {
    let writes = |event: &Event| matches!(event.made.act, Act::Store | Act::Add);
    let loss = |(store, event): (usize, &Event)| {
        let is_load = |other: &Event| other.worker == event.worker && other.made.act == Act::Load;
        let load = events[..store].iter().rposition(is_load)?;
        let lost: Vec<_> = (load + 1..store).filter(|&at| writes(&events[at])).collect();
        (!lost.is_empty()).then_some(Loss { load, store, lost })
    };
    events
        .iter()
        .enumerate()
        .filter(|(_, event)| event.made.act == Act::Store)
        .filter_map(loss)
        .collect()
}
