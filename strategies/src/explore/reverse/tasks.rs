//! The reverse chain where workers take tasks off a queue; see [`crate::explore::reverse::chain`].
//!
//! A worker is somewhere in a task or between two. How many moves have been made, and where
//! each worker is, says how many tasks are finished, and so how many are not taken: that need not
//! be kept.

use crate::explore::reverse::chain::turn;
use crate::explore::reverse::layer::Layer;
use crate::model::bounds::{Bounds, SearchError, within};
use crate::model::moves::{Act, Ownership};
use crate::model::program::{Program, State, Tasks, WORKERS_MAX};
use crate::model::scheduler::{Cell, Scheduler, Shares};

/// Most additions: some tenths of a second.
pub const ADDITIONS_MAX: u64 = 200_000_000;
/// A mode that looks for the next store.
const LOOKING: usize = 0;

type TaskPosition = [usize; WORKERS_MAX];

/// All outcomes of a program with a queue of tasks: one cell for each final value, or 64 in one.
pub fn outcomes<C: Cell>(
    program: &Program,
    scheduler: Scheduler,
    bounds: Bounds<'_>,
) -> Result<Vec<C>, SearchError> {
    let shape = TaskShape::new(program, scheduler)?;
    let row = (shape.width::<C>() * size_of::<C>()) as u64;
    within(
        "bytes of the reverse chain",
        (shape.rows() as u64).saturating_mul(2 * row),
        bounds.bytes,
    )?;
    within("additions of the reverse chain", shape.additions::<C>(), ADDITIONS_MAX)?;
    let mut later = Layer::<C>::new(shape.rows(), shape.width::<C>());
    let mut earlier = Layer::<C>::new(shape.rows(), shape.width::<C>());
    let all = program.moves();
    let end = shape.row(&[0; WORKERS_MAX], LOOKING, shape.no_worker());
    C::begin(later.touch(end, shape.width::<C>()));
    for moves in (1..=all).rev() {
        if !(bounds.go_on)(1.0 - moves as f64 / all as f64) {
            return Err(SearchError::Stopped { moves: all - moves, of: all });
        }
        shape.each_position(moves, |at| shape.read_from(moves, at, &later, &mut earlier));
        std::mem::swap(&mut later, &mut earlier);
        earlier.clear();
    }
    Ok(shape.at_start(&later))
}

struct TaskShape<'a> {
    program: &'a Program,
    shares: Shares,
    tasks: usize,
    length: usize,
    has_last: bool,
}

impl<'a> TaskShape<'a> {
    fn new(program: &'a Program, scheduler: Scheduler) -> Result<Self, SearchError> {
        let has_line = program.task().iter().any(|made| made.act == Act::Arrive);
        let by_ticks = matches!(program.access(), Ownership::HolderByTicks { .. });
        let Tasks::Queue(tasks) = program.tasks() else {
            return Err(SearchError::NotApplicable("this chain is for a queue of tasks"));
        };
        if has_line || by_ticks {
            return Err(SearchError::NotApplicable(
                "the reverse chain does not apply where ticks or a line decide who may move",
            ));
        }
        Ok(Self {
            program,
            shares: scheduler.shares(program.workers()),
            tasks: usize::from(tasks),
            length: program.task().len(),
            has_last: program.needs_last() || scheduler.needs_last(),
        })
    }

    fn nexts(&self) -> usize {
        if self.has_last { self.program.workers() + 1 } else { 1 }
    }

    fn no_worker(&self) -> usize {
        self.nexts() - 1
    }

    fn places(&self) -> usize {
        (0..self.program.workers()).fold(1_usize, |all, _| all.saturating_mul(self.length))
    }

    fn rows(&self) -> usize {
        self.places().saturating_mul((self.program.workers() + 1) * self.nexts())
    }

    fn width<C: Cell>(&self) -> usize {
        C::row(self.program.expected() as usize)
    }

    fn additions<C: Cell>(&self) -> u64 {
        let layer = (self.rows() / self.length).max(1) as u64;
        let all = (self.program.moves() * self.program.workers() * self.width::<C>()) as u64;
        layer.saturating_mul(all)
    }

    fn row(&self, at: &TaskPosition, mode: usize, next: usize) -> usize {
        let workers = self.program.workers();
        let place = at[..workers].iter().fold(0, |place, at| place * self.length + at);
        (place * (workers + 1) + mode) * self.nexts() + next
    }

    /// The state after so many moves, if every worker can be there then.
    fn state(&self, moves: usize, at: &TaskPosition, last: Option<usize>) -> Option<State> {
        let workers = self.program.workers();
        let inside: usize = at[..workers].iter().sum();
        let finished = moves.checked_sub(inside).filter(|rest| rest.is_multiple_of(self.length))?;
        let taken = at[..workers].iter().filter(|&&at| at > 0).count() + finished / self.length;
        let mut state = self.program.state_at(at, last);
        state.left = u16::try_from(self.tasks.checked_sub(taken)?).ok()?;
        Some(state)
    }

    fn each_position(&self, moves: usize, mut visit: impl FnMut(&TaskPosition)) {
        let workers = self.program.workers();
        let mut at = [0; WORKERS_MAX];
        loop {
            // The last worker's place follows from the others', but for whole tasks.
            let others: usize = at[..workers - 1].iter().sum();
            at[workers - 1] = (moves + self.length * workers - others) % self.length;
            visit(&at);
            let full = |&digit: &usize| at[digit] + 1 < self.length;
            let Some(digit) = (0..workers - 1).rev().find(full) else { return };
            at[digit] += 1;
            at[digit + 1..workers - 1].fill(0);
        }
    }

    fn read_from<C: Cell>(
        &self,
        moves: usize,
        at: &TaskPosition,
        later: &Layer<C>,
        earlier: &mut Layer<C>,
    ) {
        if self.state(moves, at, None).is_none() {
            return;
        }
        let (workers, width, whole) =
            (self.program.workers(), self.width::<C>(), self.shares.whole());
        for worker in 0..workers {
            let mut before = *at;
            before[worker] = (at[worker] + self.length - 1) % self.length;
            let Some(state) = self.state(moves - 1, &before, None) else { continue };
            if !self.program.can_move(&state, worker) {
                continue;
            }
            let act = self.program.task()[before[worker]].act;
            let shares = self.shares(moves, at, &state, worker);
            for mode in 0..=workers {
                let (mode_before, met) = turn(act, mode, worker);
                for (next, &share) in shares.iter().enumerate().take(self.nexts()) {
                    let Some(from) = later.row(self.row(at, mode, next), width) else { continue };
                    if share == 0 {
                        continue;
                    }
                    let next_before = if self.has_last { worker } else { 0 };
                    let to = earlier.touch(self.row(&before, mode_before, next_before), width);
                    let is_end = self.has_last && next == self.no_worker();
                    let [share, whole] = if is_end { [1, 1] } else { [share, whole] };
                    C::add(to, from, met, share, whole);
                }
            }
        }
    }

    /// The share of each next mover, given that `worker` moves before it.
    fn shares(
        &self,
        moves: usize,
        at: &TaskPosition,
        before: &State,
        worker: usize,
    ) -> [u64; WORKERS_MAX + 1] {
        let mut shares = [0; WORKERS_MAX + 1];
        if !self.has_last {
            shares[0] = self.shares.of(self.program.choices(before), None, worker);
            return shares;
        }
        let Some(state) = self.state(moves, at, Some(worker)) else { return shares };
        let choices = self.program.choices(&state);
        for (next, share) in shares.iter_mut().enumerate().take(self.program.workers()) {
            if choices & 1 << next != 0 {
                *share = self.shares.of(choices, Some(worker), next);
            }
        }
        shares[self.no_worker()] = u64::from(choices == 0);
        shares
    }

    fn at_start<C: Cell>(&self, layer: &Layer<C>) -> Vec<C> {
        let width = self.width::<C>();
        let mut sum = vec![C::default(); width];
        let (choices, whole) = (self.program.choices(&self.program.start()), self.shares.whole());
        for next in 0..self.nexts() {
            let at = self.row(&[0; WORKERS_MAX], LOOKING, next);
            let Some(from) = layer.row(at, width) else { continue };
            let first = [self.shares.of(choices, None, next), whole];
            let [share, whole] = if self.has_last { first } else { [1, 1] };
            C::add(&mut sum, from, 0, share, whole);
        }
        sum
    }
}
