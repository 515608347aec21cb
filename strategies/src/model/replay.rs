//! A schedule played in the model: what each move read and wrote, and which updates were lost to
//! which stale read. Searches nothing.

use crate::model::long_program::{LongProgram, LongState};
use crate::model::moves::{Act, Move};
use crate::model::program::Program;
use crate::model::schedule::{Run, Schedule};
use crate::program::limit::LimitError;

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
    /// How many bodies in a row it stands for, made by the worker alone: what was read is of the
    /// first, what was written and the counter after it of the last. Mostly 1.
    pub times: u32,
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
    /// Every move, or one body for many that are alike.
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
    /// What it does takes more events than wanted.
    #[error(
        "move {at}: the schedule takes more than the limit of {limit} moves, even with repeated \
         increments as one; give workers longer turns, or ask for fewer increments"
    )]
    TooManyEvents {
        /// The move, from 1.
        at: usize,
        /// Most events.
        limit: usize,
    },
    /// The program breaks a limit.
    #[error("{0}")]
    Limit(LimitError),
}

/// Plays a schedule, each move an event of its own.
pub fn replay(program: &Program, schedule: &Schedule) -> Result<Trace, ReplayError> {
    let program = LongProgram::of(program).map_err(ReplayError::Limit)?;
    replay_long(&program, schedule, program.moves())
}

/// Plays a schedule of a program of any length. Where that has more than `events_max` moves, bodies
/// that a worker repeats alone are one body's events.
pub fn replay_long(
    program: &LongProgram,
    schedule: &Schedule,
    events_max: usize,
) -> Result<Trace, ReplayError> {
    let is_folded = program.moves() > events_max;
    let mut player = Player {
        program,
        state: program.start(),
        made: 0,
        events: Vec::new(),
        preemptions: 0,
        events_max,
    };
    for run in schedule.runs() {
        if is_folded { player.play_folded(*run)? } else { player.play(*run)? }
    }
    player.end()
}

/// A schedule that is being played.
struct Player<'a> {
    program: &'a LongProgram,
    state: LongState,
    /// Moves made.
    made: usize,
    events: Vec<Event>,
    preemptions: u32,
    events_max: usize,
}

impl Player<'_> {
    fn play(&mut self, run: Run) -> Result<(), ReplayError> {
        (0..run.moves).try_for_each(|_| self.make_move(run.worker))
    }

    /// Plays a run move by move up to the end of a whole body, and repeats that one at once.
    fn play_folded(&mut self, Run { worker, moves }: Run) -> Result<(), ReplayError> {
        let mut left = moves;
        let mut body: Option<(usize, LongState)> = None;
        while left > 0 {
            if worker < self.program.workers()
                && self.program.is_between_bodies(&self.state, worker)
            {
                if let Some((first, before)) = body {
                    let times = self.program.repeat(&mut self.state, &before, worker, left);
                    let moves = times as usize * self.program.body().len();
                    left -= u32::try_from(moves).unwrap_or(left);
                    self.made += moves;
                    repeat(&mut self.events[first..], times);
                }
                body = Some((self.events.len(), self.state));
            }
            if left > 0 {
                self.make_move(worker)?;
                left -= 1;
            }
        }
        Ok(())
    }

    fn make_move(&mut self, worker: usize) -> Result<(), ReplayError> {
        let at = self.made + 1;
        if worker >= self.program.workers() {
            let last = self.program.workers() - 1;
            return Err(ReplayError::NoSuchWorker { at, worker, last });
        }
        let choices = self.program.choices(&self.state);
        if choices & 1 << worker == 0 {
            return Err(ReplayError::NotItsTurn { at, worker, who: who_can(choices) });
        }
        if self.events.len() == self.events_max {
            return Err(ReplayError::TooManyEvents { at, limit: self.events_max });
        }
        let left = self.state.last().filter(|&last| last != worker);
        let is_preempted = left.is_some_and(|last| self.program.can_move(&self.state, last));
        self.preemptions += u32::from(is_preempted);
        let increment = self.program.increment(&self.state, worker);
        let made = self.program.make_move(&mut self.state, worker);
        let counter = self.state.counter();
        let value = matches!(made.act, Act::Load | Act::Store | Act::Add).then_some(counter);
        self.events.push(Event { worker, made, increment, counter, value, times: 1 });
        self.made = at;
        Ok(())
    }

    fn end(self) -> Result<Trace, ReplayError> {
        if !self.program.is_over(&self.state) {
            let (moves, of) = (self.made, self.program.moves());
            let who = who_can(self.program.choices(&self.state));
            return Err(ReplayError::TooShort { moves, of, who });
        }
        let losses = losses(&self.events);
        let (value, preemptions) = (self.state.counter(), self.preemptions);
        Ok(Trace { events: self.events, losses, value, preemptions })
    }
}

/// Makes one body's events those of `times` more bodies: what was written, and the counter from then
/// on, are those of the last.
fn repeat(body: &mut [Event], times: u32) {
    let mut has_written = false;
    for event in body {
        event.times += times;
        let writes = matches!(event.made.act, Act::Store | Act::Add);
        has_written |= writes;
        if has_written {
            event.counter += times;
        }
        if let Some(value) = event.value.as_mut().filter(|_| writes) {
            *value += times;
        }
    }
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
