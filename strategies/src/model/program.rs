//! Program that is explored: workers that each make the same row of moves on one counter, and the rule
//! for which may move. States are plain values; nothing here searches.

use crate::model::moves::{Act, Effect, Move, Ownership, Releases};
use crate::program::limit::{LimitError, product_within, within};
use crate::program::step::Check;

/// Most workers of a program: a state has a place for each.
pub const WORKERS_MAX: usize = 8;
/// Most increments of all workers together: their count must fit a state's registers.
pub const INCREMENTS_MAX: u32 = 16_383;
/// Most moves of one worker.
pub const MOVES_MAX: usize = 60_000;
/// Stands for "no worker has moved yet".
const NO_WORKER: u8 = u8::MAX;

/// How the tasks get to the workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tasks {
    /// Each worker has one of its own.
    OneEach,
    /// A free worker takes the next of this many.
    Queue(u16),
}

/// A closed program: all that can happen in it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Program {
    workers: usize,
    increments: u32,
    task: Vec<Move>,
    tasks: Tasks,
    access: Ownership,
    /// Per position: whether the worker has the program's lock there.
    locked: Vec<bool>,
    /// Per position: whether the worker has read and not yet written.
    pending: Vec<bool>,
    /// Per move: what it does to the counter.
    effects: Vec<Effect>,
}

/// Where everything is between two moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// How many moves of its task each worker has made.
    pub at: [u16; WORKERS_MAX],
    /// What each worker has read, while it has not written yet; else 0.
    pub seen: [u32; WORKERS_MAX],
    /// Each worker's place in line from 1; 0 if it is not in line.
    pub place: [u8; WORKERS_MAX],
    /// The counter.
    pub counter: u32,
    /// Tasks that no worker has taken.
    pub left: u16,
    /// Ticks left of the budget.
    pub ticker: i32,
    /// One bit a worker: it has begun.
    pub begun: u8,
    /// The last move was a check that lets the holder be changed.
    pub checked: bool,
    last: u8,
}

/// A set of workers, one bit each.
pub type Workers = u8;

impl Program {
    /// Workers that each do `increments` times these moves.
    pub fn new(
        workers: usize,
        increments: u32,
        body: &[Move],
        access: Ownership,
    ) -> Result<Self, LimitError> {
        within("workers", workers, 1, WORKERS_MAX)?;
        within("increments", increments, 1, INCREMENTS_MAX)?;
        let each = ("increments", u64::from(increments));
        let explored = "increments that can be explored";
        product_within(each, (workers as u64, "workers"), u64::from(INCREMENTS_MAX), explored)?;
        let moves = "steps that can be explored";
        product_within(each, (body.len() as u64, "steps"), MOVES_MAX as u64, moves)?;
        let task = body.repeat(increments as usize);
        Ok(Self::of_task(workers, increments, task, Tasks::OneEach, access))
    }

    /// The same moves, as `tasks` tasks in a queue, with moves before and after each task's bodies.
    pub fn queued(
        workers: usize,
        tasks: u16,
        increments: u32,
        [lead, body, tail]: [&[Move]; 3],
        access: Ownership,
    ) -> Result<Self, LimitError> {
        within("workers", workers, 1, WORKERS_MAX)?;
        within(
            "tasks x increments",
            u64::from(tasks) * u64::from(increments),
            1,
            u64::from(INCREMENTS_MAX),
        )?;
        let moves = lead.len() + increments as usize * body.len() + tail.len();
        within("moves of a task", moves, 1, MOVES_MAX)?;
        let task = [lead, &body.repeat(increments as usize), tail].concat();
        Ok(Self::of_task(workers, increments, task, Tasks::Queue(tasks), access))
    }

    fn of_task(
        workers: usize,
        increments: u32,
        task: Vec<Move>,
        tasks: Tasks,
        access: Ownership,
    ) -> Self {
        let between = |opens: Act, closes: Act| {
            let mut is_open = false;
            let after = |step: &Move| {
                is_open = (is_open || step.act == opens) && step.act != closes;
                is_open
            };
            std::iter::once(false).chain(task.iter().map(after)).collect::<Vec<_>>()
        };
        let locked = between(Act::Acquire, Act::Release);
        let pending = between(Act::Load, Act::Store);
        let effects = task.iter().map(|made| Effect::of(made.act)).collect();
        Self { workers, increments, task, tasks, access, locked, pending, effects }
    }

    /// How many workers.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Increments of one task.
    pub fn increments(&self) -> u32 {
        self.increments
    }

    /// One task's moves.
    pub fn task(&self) -> &[Move] {
        &self.task
    }

    /// How the tasks get to the workers.
    pub fn tasks(&self) -> Tasks {
        self.tasks
    }

    /// Who may move when.
    pub fn access(&self) -> Ownership {
        self.access
    }

    /// The counter's value if no update is lost.
    pub fn expected(&self) -> u32 {
        let tasks = match self.tasks {
            Tasks::OneEach => u32::try_from(self.workers).unwrap_or(u32::MAX),
            Tasks::Queue(tasks) => u32::from(tasks),
        };
        tasks * self.increments
    }

    /// Moves of all workers together.
    pub fn moves(&self) -> usize {
        (self.expected() / self.increments) as usize * self.task.len()
    }

    /// Whether a worker at that position has read and not yet written.
    pub fn is_pending(&self, at: u16) -> bool {
        self.pending[usize::from(at)]
    }

    /// Whether a move may depend on who moved last.
    pub fn needs_last(&self) -> bool {
        self.access != Ownership::Anyone
    }

    /// Whether a move depends on nothing but how far each worker is and who moved last.
    pub fn is_positional(&self) -> bool {
        let has_line = self.task.iter().any(|step| step.act == Act::Arrive);
        let by_ticks = matches!(self.access, Ownership::HolderByTicks { .. });
        self.tasks == Tasks::OneEach && !by_ticks && !has_line
    }

    /// The same program for callers that only ask what can be reached: moves on a worker's own data are
    /// left out, and a check after one counts for the move before it. With a tick budget every move
    /// counts.
    #[must_use]
    pub fn essential(&self) -> Self {
        if matches!(self.access, Ownership::HolderByTicks { .. }) {
            return self.clone();
        }
        let mut task: Vec<Move> = Vec::new();
        let mut opens_first = false;
        for made in &self.task {
            let is_open = made.lets_go();
            match task.last_mut() {
                _ if made.act != Act::Local => task.push(*made),
                Some(last) if is_open => last.gap = Releases::Open,
                None => opens_first |= is_open,
                Some(_) => {}
            }
        }
        // Before the first move of a task is after the last one of the task before.
        if let Some(last) = task.last_mut().filter(|_| opens_first) {
            last.gap = Releases::Open;
        }
        Self::of_task(self.workers, self.increments, task, self.tasks, self.access)
    }

    /// Whether every worker can always move until done: no worker ever waits.
    pub fn is_free(&self) -> bool {
        let waits = |made: &Move| matches!(made.act, Act::Acquire | Act::Enter);
        let is_open = self.access == Ownership::Anyone && self.tasks == Tasks::OneEach;
        is_open && !self.task.iter().any(waits)
    }

    /// Before the first move.
    pub fn start(&self) -> State {
        let left = match self.tasks {
            Tasks::OneEach => 0,
            Tasks::Queue(tasks) => tasks,
        };
        let ticker = match self.access {
            Ownership::HolderByTicks { budget, .. } => i32::try_from(budget).unwrap_or(i32::MAX),
            Ownership::Anyone | Ownership::Holder => 0,
        };
        State {
            at: [0; WORKERS_MAX],
            seen: [0; WORKERS_MAX],
            place: [0; WORKERS_MAX],
            counter: 0,
            left,
            ticker,
            begun: 0,
            checked: false,
            last: NO_WORKER,
        }
    }

    /// Where all positions are known and nothing else matters; see [`Self::is_positional`].
    pub(crate) fn state_at(&self, at: &[usize; WORKERS_MAX], last: Option<usize>) -> State {
        let mut state = self.start();
        for (to, &from) in state.at.iter_mut().zip(at) {
            *to = u16::try_from(from).unwrap_or(u16::MAX);
        }
        state.set_last(last);
        state
    }

    /// Whether a worker has nothing left to do.
    pub fn is_done(&self, state: &State, worker: usize) -> bool {
        match self.tasks {
            Tasks::OneEach => usize::from(state.at[worker]) == self.task.len(),
            Tasks::Queue(_) => state.at[worker] == 0 && state.left == 0,
        }
    }

    /// Whether every worker is done.
    pub fn is_over(&self, state: &State) -> bool {
        (0..self.workers).all(|worker| self.is_done(state, worker))
    }

    /// Whether nothing but other workers' turns keeps this worker from its next move.
    pub fn can_move(&self, state: &State, worker: usize) -> bool {
        if self.is_done(state, worker) {
            return false;
        }
        match self.task[usize::from(state.at[worker])].act {
            Act::Acquire => {
                (0..self.workers).all(|other| !self.locked[usize::from(state.at[other])])
            }
            Act::Enter => state.place[worker] == 1,
            _ => true,
        }
    }

    /// Whether the worker that moved last may be replaced by another.
    pub fn may_leave(&self, state: &State, worker: usize) -> bool {
        if !self.can_move(state, worker) {
            return true;
        }
        match self.access {
            Ownership::Anyone => true,
            Ownership::HolderByTicks { .. } => {
                state.checked || self.before(state, worker).gap == Releases::Open
            }
            Ownership::Holder => self.before(state, worker).lets_go(),
        }
    }

    /// The move that a worker has made last; one who has made none has come from another task.
    fn before(&self, state: &State, worker: usize) -> Move {
        let at = usize::from(state.at[worker]);
        self.task[at.checked_sub(1).unwrap_or(self.task.len() - 1)]
    }

    /// The workers that may make the next move; none at the end, or in a deadlock.
    pub fn choices(&self, state: &State) -> Workers {
        match state.last() {
            Some(last) if !self.may_leave(state, last) => 1 << last,
            _ => {
                let able = (0..self.workers).filter(|&worker| self.can_move(state, worker));
                able.fold(0, |set, worker| set | 1 << worker)
            }
        }
    }

    /// Makes the worker's next move, which must be among the choices.
    #[inline]
    pub fn make_move(&self, state: &mut State, worker: usize) -> Move {
        if state.at[worker] == 0 && self.tasks != Tasks::OneEach {
            state.left -= 1;
        }
        let at = usize::from(state.at[worker]);
        let step = self.task[at];
        match step.act {
            Act::Local | Act::Acquire | Act::Release | Act::Enter => {}
            Act::Load => state.seen[worker] = state.counter,
            Act::Store => state.counter = std::mem::take(&mut state.seen[worker]) + 1,
            Act::Add => state.counter += 1,
            Act::Arrive => {
                let line = state.place[..self.workers].iter().max().copied().unwrap_or(0);
                state.place[worker] = line + 1;
            }
            Act::Leave => {
                for place in &mut state.place[..self.workers] {
                    *place = place.saturating_sub(1);
                }
            }
        }
        self.count_ticks(state, worker, step);
        let is_last = at + 1 == self.task.len();
        let starts_anew = is_last && self.tasks != Tasks::OneEach;
        state.at[worker] = if starts_anew { 0 } else { state.at[worker] + 1 };
        state.last = u8::try_from(worker).unwrap_or(NO_WORKER);
        step
    }

    /// The same move where no worker ever waits ([`Self::is_free`]), for walks by the million: whose
    /// turn it is cannot be foreseen, so a branch on what the move does would be mispredicted every
    /// other time. Does not say who moved last. Whether the worker is done.
    #[inline]
    pub fn make_free_move(&self, state: &mut State, worker: usize) -> bool {
        let at = usize::from(state.at[worker]);
        let Effect { loads, stores, adds } = self.effects[at];
        let seen = &mut state.seen[worker];
        *seen ^= (*seen ^ state.counter) & loads;
        state.counter ^= (state.counter ^ (*seen + 1)) & stores;
        state.counter += adds;
        state.at[worker] += 1;
        at + 1 == self.effects.len()
    }

    /// As `gil::ticks` does: a check resets the ticker, whichever worker goes on.
    fn count_ticks(&self, state: &mut State, worker: usize, step: Move) {
        let Ownership::HolderByTicks { budget, start } = self.access else { return };
        let [budget, start] = [budget, start].map(|ticks| i32::try_from(ticks).unwrap_or(i32::MAX));
        if state.begun & 1 << worker == 0 {
            state.begun |= 1 << worker;
            state.ticker -= start % (budget + 1);
        }
        state.ticker -= i32::from(step.attention != Check::Silent);
        // All that is asked of it is whether it is below zero.
        state.ticker = state.ticker.max(-1);
        state.checked = step.attention == Check::Site && state.ticker < 0;
        if state.checked {
            state.ticker = budget;
        }
    }
}

impl State {
    /// Who moved last.
    pub fn last(&self) -> Option<usize> {
        (self.last != NO_WORKER).then_some(usize::from(self.last))
    }

    /// Says who moved last, or that it does not matter.
    pub fn set_last(&mut self, last: Option<usize>) {
        self.last = last.and_then(|last| u8::try_from(last).ok()).unwrap_or(NO_WORKER);
    }
}
