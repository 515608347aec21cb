//! The reverse chain: all outcomes of an increment race from schedules read backwards.
//!
//! Every store writes one more than its own load saw, which is what the last store before that load
//! wrote. So the final value is the length of a chain: the last store of all, the last store before
//! *its* load, and so on down to the initial 0. Reading a schedule backwards takes two modes:
//!
//! ```text
//! looking:     the next store met, of worker t, counts one          -> waiting for t
//! waiting t:   the next load of t                                   -> looking
//! ```
//! Neither values nor registers are needed: a state is how far each worker is, the mode, and (where
//! the choice depends on it) who moves next. A layer is all positions with the same number of
//! moves; two layers are held.
//!
//! Needs a program in which who may move depends on positions and on the last mover alone. It knows
//! no ticks, no queue of tasks, no line: [`crate::explore::forward::search`] does, and is also what checks
//! this.

use crate::explore::reverse::layer::Layer;
use crate::model::bounds::{ADDITIONS_MAX, Bounds, SearchError, within};
use crate::model::moves::Act;
use crate::model::program::{Program, State, WORKERS_MAX};
use crate::model::scheduler::{Cell, Scheduler, Shares};

/// Mode 0 looks; mode t + 1 waits for worker t's load.
const LOOKING: usize = 0;

/// All outcomes under a scheduler: one cell for each final value, or 64 values in one. Ways in
/// whole numbers are in parts of the whole to the power of all moves.
pub fn outcomes<C: Cell>(
    program: &Program,
    scheduler: Scheduler,
    bounds: Bounds<'_>,
) -> Result<Vec<C>, SearchError> {
    let cost = cost::<C>(program, scheduler)?;
    within("bytes of the reverse chain", cost.bytes, bounds.bytes)?;
    within("additions of the reverse chain", cost.additions, ADDITIONS_MAX)?;
    let shape = ChainShape::new(program, scheduler)?;
    let mut later = Layer::<C>::new(shape.rows(), shape.width::<C>());
    let mut earlier = Layer::<C>::new(shape.rows(), shape.width::<C>());
    let all = program.task().len() * program.workers();
    let end = [program.task().len(); WORKERS_MAX];
    let width = C::row(0);
    let row = shape.row(&end, LOOKING, shape.no_worker());
    C::begin(later.touch(row, width));
    for moves in (1..=all).rev() {
        if !(bounds.go_on)(1.0 - moves as f64 / all as f64) {
            return Err(SearchError::Stopped { moves: all - moves, of: all });
        }
        shape.read_layer(moves, &later, &mut earlier);
        std::mem::swap(&mut later, &mut earlier);
        earlier.clear();
    }
    Ok(shape.at_start(&later))
}

/// What [`outcomes`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Bytes of the two layers, without what whole numbers grow by.
    pub bytes: u64,
    /// Additions of cells, within a factor of about two.
    pub additions: u64,
}

/// What [`outcomes`] would take; nothing is explored.
pub fn cost<C: Cell>(program: &Program, scheduler: Scheduler) -> Result<Cost, SearchError> {
    let shape = ChainShape::new(program, scheduler)?;
    let row = (shape.width::<C>() * size_of::<C>()) as u64;
    Ok(Cost {
        bytes: (shape.rows() as u64).saturating_mul(row).saturating_mul(2),
        additions: shape.additions::<C>(),
    })
}

/// What does not change from layer to layer.
struct ChainShape<'a> {
    program: &'a Program,
    shares: Shares,
    /// Positions of a worker.
    radix: usize,
    /// Stores that a worker at each position has still before it.
    stores_left: Vec<usize>,
    has_last: bool,
}

impl<'a> ChainShape<'a> {
    fn new(program: &'a Program, scheduler: Scheduler) -> Result<Self, SearchError> {
        if !program.is_positional() {
            return Err(SearchError::NotApplicable(
                "the reverse chain does not apply where ticks, a queue of tasks or a line decide \
                 who may move",
            ));
        }
        let task = program.task();
        let mut stores_left = vec![0; task.len() + 1];
        for at in (0..task.len()).rev() {
            let writes = matches!(task[at].act, Act::Store | Act::Add);
            stores_left[at] = stores_left[at + 1] + usize::from(writes);
        }
        let has_last = program.needs_last() || scheduler.needs_last();
        let shares = scheduler.shares(program.workers());
        Ok(Self { program, shares, radix: task.len() + 1, stores_left, has_last })
    }

    /// The worker that moves next, or none.
    fn nexts(&self) -> usize {
        if self.has_last { self.program.workers() + 1 } else { 1 }
    }

    fn no_worker(&self) -> usize {
        self.nexts() - 1
    }

    /// The last worker's position follows from the others' and the layer.
    fn rows(&self) -> usize {
        let others = self.program.workers() - 1;
        let places = (0..others).fold(1_usize, |places, _| places.saturating_mul(self.radix));
        places.saturating_mul((self.program.workers() + 1) * self.nexts())
    }

    fn width<C: Cell>(&self) -> usize {
        C::row(self.program.expected() as usize)
    }

    /// About half of the rows of a layer are met, half filled.
    fn additions<C: Cell>(&self) -> u64 {
        let moves = (self.radix * self.program.workers()) as u64;
        let layer = (self.rows() as u64).saturating_mul(self.width::<C>() as u64);
        layer.saturating_mul(moves).saturating_mul(self.program.workers() as u64) / 4
    }

    fn row(&self, at: &[usize; WORKERS_MAX], mode: usize, next: usize) -> usize {
        let workers = self.program.workers();
        let place = at[..workers - 1].iter().fold(0, |place, at| place * self.radix + at);
        (place * (workers + 1) + mode) * self.nexts() + next
    }

    /// Chains are no longer than the stores that lie behind these positions.
    fn used<C: Cell>(&self, at: &[usize; WORKERS_MAX]) -> usize {
        C::row(at[..self.program.workers()].iter().map(|&at| self.stores_left[at]).sum())
    }

    /// Reads one more move backwards from everywhere in a layer.
    fn read_layer<C: Cell>(&self, moves: usize, later: &Layer<C>, earlier: &mut Layer<C>) {
        let mut at = [0; WORKERS_MAX];
        loop {
            let workers = self.program.workers();
            let others: usize = at[..workers - 1].iter().sum();
            if let Some(own) = moves.checked_sub(others).filter(|&own| own < self.radix) {
                at[workers - 1] = own;
                self.read_from(&at, later, earlier);
            }
            let Some(digit) = (0..workers - 1).rev().find(|&digit| at[digit] + 1 < self.radix)
            else {
                return;
            };
            at[digit] += 1;
            at[digit + 1..workers - 1].fill(0);
        }
    }

    fn read_from<C: Cell>(
        &self,
        at: &[usize; WORKERS_MAX],
        later: &Layer<C>,
        earlier: &mut Layer<C>,
    ) {
        let (workers, whole) = (self.program.workers(), self.shares.whole());
        let used = self.used::<C>(at);
        for worker in (0..workers).filter(|&worker| at[worker] > 0) {
            let mut before = *at;
            before[worker] -= 1;
            let state = self.program.state_at(&before, None);
            if !self.program.can_move(&state, worker) {
                continue;
            }
            let act = self.program.task()[before[worker]].act;
            let used_before = self.used::<C>(&before);
            let shares = self.shares(at, &state, worker);
            for mode in 0..=workers {
                // The worker that is waited for has read and not yet written.
                if mode > LOOKING
                    && !self.program.is_pending(u16::try_from(at[mode - 1]).unwrap_or(0))
                {
                    continue;
                }
                let (mode_before, met) = turn(act, mode, worker);
                for (next, &share) in shares.iter().enumerate().take(self.nexts()) {
                    let from = later.row(self.row(at, mode, next), used);
                    let Some(from) = from.filter(|_| share > 0) else { continue };
                    let next_before = if self.has_last { worker } else { 0 };
                    let to = self.row(&before, mode_before, next_before);
                    let is_end = self.has_last && next == self.no_worker();
                    let [share, whole] = if is_end { [1, 1] } else { [share, whole] };
                    C::add(earlier.touch(to, used_before), from, met, share, whole);
                }
            }
        }
    }

    /// The share of each next mover, given that `worker` moves before it.
    fn shares(
        &self,
        at: &[usize; WORKERS_MAX],
        before: &State,
        worker: usize,
    ) -> [u64; WORKERS_MAX + 1] {
        let mut shares = [0; WORKERS_MAX + 1];
        if !self.has_last {
            shares[0] = self.shares.of(self.program.choices(before), None, worker);
            return shares;
        }
        let choices = self.program.choices(&self.program.state_at(at, Some(worker)));
        for (next, share) in shares.iter_mut().enumerate().take(self.program.workers()) {
            if choices & 1 << next != 0 {
                *share = self.shares.of(choices, Some(worker), next);
            }
        }
        // No worker moves after the last one, which is not a choice.
        shares[self.no_worker()] = 1;
        shares
    }

    /// All chains have come to the initial 0; who moved first is chosen among all.
    fn at_start<C: Cell>(&self, layer: &Layer<C>) -> Vec<C> {
        let at = [0; WORKERS_MAX];
        let used = self.used::<C>(&at);
        let mut sum = vec![C::default(); used];
        let (choices, whole) = (self.program.choices(&self.program.start()), self.shares.whole());
        for next in 0..self.nexts() {
            let Some(from) = layer.row(self.row(&at, LOOKING, next), used) else { continue };
            let first = [self.shares.of(choices, None, next), whole];
            let [share, whole] = if self.has_last { first } else { [1, 1] };
            C::add(&mut sum, from, 0, share, whole);
        }
        sum
    }
}

/// The mode before a move, and by how much the chain grows.
pub(crate) fn turn(act: Act, mode: usize, worker: usize) -> (usize, usize) {
    match act {
        Act::Store if mode == LOOKING => (worker + 1, 1),
        Act::Add if mode == LOOKING => (LOOKING, 1),
        Act::Load if mode == worker + 1 => (LOOKING, 0),
        _ => (mode, 0),
    }
}
