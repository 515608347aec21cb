//! Programs of any length: the bodies of a worker are all alike, so two of them stand for all. Such a
//! program is played, never searched; its rules are those of [`crate::model::program`].

use crate::model::moves::{Move, Ownership};
use crate::model::program::{Program, State, WORKERS_MAX, Workers};
use crate::program::limit::{LimitError, within};

/// Most increments of one worker.
pub const INCREMENTS_MAX: u32 = 1_000_000;
/// Bodies that stand for all: the first begins where no worker has moved, the last ends where one
/// is done.
const BODIES: u32 = 2;

/// Workers that each repeat one body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LongProgram {
    increments: u32,
    length: u32,
    few: Program,
}

/// Where everything is between two moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongState {
    /// The state of the few bodies that stand for all.
    few: State,
    /// Moves that each worker has still before it.
    left: [u32; WORKERS_MAX],
}

impl LongProgram {
    /// Workers that each do `increments` times these moves.
    pub fn new(
        workers: usize,
        increments: u32,
        body: &[Move],
        access: Ownership,
    ) -> Result<Self, LimitError> {
        within("increments", increments, 1, INCREMENTS_MAX)?;
        let few = Program::new(workers, increments.min(BODIES), body, access)?;
        Ok(Self { increments, length: u32::try_from(body.len()).unwrap_or(u32::MAX), few })
    }

    /// A program whose workers have one task each, as one that is played.
    pub fn of(program: &Program) -> Result<Self, LimitError> {
        let length = program.task().len() / program.increments() as usize;
        let body = &program.task()[..length];
        Self::new(program.workers(), program.increments(), body, program.access())
    }

    /// How many workers.
    pub fn workers(&self) -> usize {
        self.few.workers()
    }

    /// Increments of each worker.
    pub fn increments(&self) -> u32 {
        self.increments
    }

    /// The moves of one increment.
    pub fn body(&self) -> &[Move] {
        &self.few.task()[..self.length as usize]
    }

    /// Who may move when.
    pub fn access(&self) -> Ownership {
        self.few.access()
    }

    /// The counter's value if no update is lost.
    pub fn expected(&self) -> u32 {
        self.increments * u32::try_from(self.workers()).unwrap_or(u32::MAX)
    }

    /// Moves of all workers together.
    pub fn moves(&self) -> usize {
        self.expected() as usize * self.length as usize
    }

    /// The same as a program that can be searched, if it is short enough for that.
    pub fn searched(&self) -> Result<Program, LimitError> {
        Program::new(self.workers(), self.increments, self.body(), self.access())
    }

    /// Before the first move.
    pub fn start(&self) -> LongState {
        let mut left = [0; WORKERS_MAX];
        left[..self.workers()].fill(self.increments * self.length);
        LongState { few: self.few.start(), left }
    }

    /// The workers that may make the next move; none at the end, or in a deadlock.
    pub fn choices(&self, state: &LongState) -> Workers {
        self.few.choices(&state.few)
    }

    /// Whether nothing but other workers' turns keeps this worker from its next move.
    pub fn can_move(&self, state: &LongState, worker: usize) -> bool {
        self.few.can_move(&state.few, worker)
    }

    /// Whether every worker is done.
    pub fn is_over(&self, state: &LongState) -> bool {
        state.left[..self.workers()].iter().all(|&left| left == 0)
    }

    /// Which of its increments the worker's next move belongs to, from 0.
    pub fn increment(&self, state: &LongState, worker: usize) -> u32 {
        (self.increments * self.length - state.left[worker]) / self.length
    }

    /// Makes the worker's next move, which must be among the choices.
    pub fn make_move(&self, state: &mut LongState, worker: usize) -> Move {
        let made = self.few.make_move(&mut state.few, worker);
        state.left[worker] -= 1;
        self.fold(state, worker);
        made
    }

    /// The place that stands for the worker's: one in its first body, or its end.
    fn fold(&self, state: &mut LongState, worker: usize) {
        let [length, end] = [self.length as usize, self.few.task().len()];
        let at = usize::from(state.few.at[worker]);
        let folded = match state.left[worker] {
            0 => end,
            _ if at > length => at - length,
            _ => at,
        };
        state.few.at[worker] = u16::try_from(folded).unwrap_or(u16::MAX);
    }

    /// Whether the worker is between two bodies, or before its first.
    pub fn is_between_bodies(&self, state: &LongState, worker: usize) -> bool {
        state.left[worker].is_multiple_of(self.length)
    }

    /// Repeats the body that the worker has just made, if it will go the same way again; at most as
    /// often as `moves` allow, and not the worker's last one. `before` is the state before that body.
    /// How often it was repeated.
    pub fn repeat(
        &self,
        state: &mut LongState,
        before: &LongState,
        worker: usize,
        moves: u32,
    ) -> u32 {
        let rest = state.left[worker].saturating_sub(1);
        let bodies = rest.min(moves) / self.length;
        if bodies == 0 || state.neutral(worker) != before.neutral(worker) {
            return 0;
        }
        if let Ownership::HolderByTicks { .. } = self.access() {
            // The ticker goes on; it does not decide what a worker does alone.
            for _ in 0..bodies * self.length {
                self.make_move(state, worker);
            }
            return bodies;
        }
        state.few.counter += bodies;
        state.left[worker] -= bodies * self.length;
        bodies
    }
}

impl LongState {
    /// The counter.
    pub fn counter(&self) -> u32 {
        self.few.counter
    }

    /// Who moved last.
    pub fn last(&self) -> Option<usize> {
        self.few.last()
    }

    /// What decides how a body goes that this worker makes alone: all but the counter, how far the
    /// worker is, and who moved last and how often, since a worker may always move again.
    fn neutral(&self, worker: usize) -> State {
        let mut few = self.few;
        few.counter = 0;
        few.at[worker] = 0;
        (few.ticker, few.checked) = (0, false);
        few.set_last(None);
        few
    }
}
