//! Most machine states of a program: an upper bound, from the positions of its workers and the
//! values that can stand there, that the search without a reduction never exceeds. Explores nothing.
//!
//! A state is where each worker is, what the pending ones have read, the counter, and, where that
//! decides who moves next, the line, the last mover and the ticker. Workers are alike, so positions
//! are counted by class, one worker after the other. With `C` stores made in all, the counter has at
//! most `max(C, 1)` values, and a pending worker has read one of at most `C + 1`; where no other
//! worker can come between load and store, each has one.

use std::collections::HashMap;

use crate::model::moves::{Act, Move, Ownership, Releases};
use crate::model::program::Program;
use crate::program::step::Check;

/// Counts of stores of one worker that are distinguished; more are rounded up to a multiple.
const STORE_GROUPS_MAX: u32 = 32;

/// Most machine states of a program whose workers have a task each; a float, which saturates.
pub(crate) fn state_bound(program: &Program) -> f64 {
    let positions = Positions::new(program);
    let classes = positions.classes();
    let all = |workers: usize| {
        let none = HashMap::from([(Group::default(), 1.0)]);
        (0..workers).fold(none, |groups, _| joined(&groups, &classes))
    };
    let workers = program.workers();
    if !program.needs_last() {
        return total(&all(workers), workers);
    }
    // Before the first move no worker moved last; after it, one of those that have begun.
    let movers = positions.last_movers();
    1.0 + workers as f64 * total(&joined(&all(workers - 1), &movers), workers)
}

/// Where a number of workers are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Group {
    /// Stores that they have made; 0 where values follow from positions.
    stores: u32,
    /// Workers that have read and not written; 0 where values follow from positions.
    pending: u32,
    /// Workers in line that are not yet its first.
    waiting: u32,
    /// Workers that have the program's lock.
    locked: u32,
    /// Workers that went on as the first in line.
    entered: u32,
}

impl Group {
    /// Both together; absent where a lock or the head of a line would have two owners.
    fn and(self, other: Self) -> Option<Self> {
        let both = Self {
            stores: self.stores + other.stores,
            pending: self.pending + other.pending,
            waiting: self.waiting + other.waiting,
            locked: self.locked + other.locked,
            entered: self.entered + other.entered,
        };
        (both.locked <= 1 && both.entered <= 1).then_some(both)
    }

    /// Values of the counter and of what pending workers have read, times orders of the line. If
    /// all are pending, none has written since the last of them read: the counter is what it read.
    fn variants(self, workers: usize) -> f64 {
        let orders: f64 = (1..=self.waiting).map(f64::from).product();
        let read = f64::from(self.stores + 1).powi(self.pending.cast_signed());
        let counters = match self.stores.max(1) {
            stores if self.pending as usize == workers => stores.min(self.pending),
            stores => stores,
        };
        f64::from(counters) * read * orders
    }
}

/// How many ways there are to be in each group.
type Groups = HashMap<Group, f64>;

/// One more worker, in any of these classes.
fn joined(groups: &Groups, classes: &Groups) -> Groups {
    let mut together = Groups::new();
    for (one, ways) in groups {
        for (other, positions) in classes {
            if let Some(both) = one.and(*other) {
                *together.entry(both).or_default() += ways * positions;
            }
        }
    }
    together
}

fn total(groups: &Groups, workers: usize) -> f64 {
    groups.iter().map(|(group, ways)| group.variants(workers) * ways).sum()
}

/// The positions of a worker at which another can move.
struct Positions<'a> {
    program: &'a Program,
    /// By position; absent where no other worker can come in.
    at: Vec<Option<Group>>,
}

impl<'a> Positions<'a> {
    fn new(program: &'a Program) -> Self {
        let task = program.task();
        let group = program.increments().div_ceil(STORE_GROUPS_MAX).max(1);
        let mut here = Group::default();
        let mut at = vec![Some(here)];
        for (made, index) in task.iter().zip(1..) {
            match made.act {
                Act::Local => {}
                Act::Load => here.pending = 1,
                Act::Store => (here.pending, here.stores) = (0, here.stores + 1),
                Act::Add => here.stores += 1,
                Act::Acquire => here.locked = 1,
                Act::Release => here.locked = 0,
                Act::Arrive => here.waiting = 1,
                Act::Enter => (here.waiting, here.entered) = (0, 1),
                Act::Leave => here.entered = 0,
            }
            let (is_checked, is_asked) =
                (made.attention == Check::Site, asks(*made, task.get(index)));
            let is_free = program.access() == Ownership::Anyone;
            let grouped = Group { stores: here.stores.next_multiple_of(group), ..here };
            at.push((is_free || is_checked || is_asked).then_some(grouped));
        }
        let is_shut = |group: &Group| group.pending == 0 || group.locked + group.entered > 0;
        let has_stores = task.iter().any(|made| made.act == Act::Store);
        if program.workers() == 1 || !has_stores || at.iter().flatten().all(is_shut) {
            for group in at.iter_mut().flatten() {
                (group.stores, group.pending) = (0, 0);
            }
        }
        Self { program, at }
    }

    fn classes(&self) -> Groups {
        let mut classes = Groups::new();
        for group in self.at.iter().flatten() {
            *classes.entry(*group).or_default() += 1.0;
        }
        classes
    }

    /// The worker that moved last has begun. Where ticks decide, each position counts once for each
    /// state of the ticker in which the worker can be replaced there.
    fn last_movers(&self) -> Groups {
        let task = self.program.task();
        let mut classes = Groups::new();
        for (at, group) in self.at.iter().enumerate().skip(1) {
            let Some(group) = group else { continue };
            let is_asked = asks(task[at - 1], task.get(at));
            *classes.entry(*group).or_default() += if is_asked { self.tickers() } else { 1.0 };
        }
        classes
    }

    /// States of the ticker: one while no budget can be used up, else no more than there are values
    /// of it, or ticks beyond the budget.
    fn tickers(&self) -> f64 {
        let Ownership::HolderByTicks { budget, .. } = self.program.access() else { return 1.0 };
        let ticking = |made: &&Move| made.attention != Check::Silent;
        let ticks = self.program.task().iter().filter(ticking).count() * self.program.workers();
        match ticks as f64 - f64::from(budget) {
            beyond if beyond <= 0.0 => 1.0,
            beyond => (beyond + 2.0).min(f64::from(budget) + 3.0),
        }
    }
}

/// Whether another worker can move after this move, before the next one of the same worker, without
/// a check: the interpreter is let go, the worker may have to wait, or it is done.
fn asks(made: Move, next: Option<&Move>) -> bool {
    let waits = next.is_none_or(|next| matches!(next.act, Act::Acquire | Act::Enter));
    made.gap == Releases::Open || waits
}
