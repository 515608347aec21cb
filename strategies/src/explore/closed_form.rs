//! Closed forms of the increment race, at any size: which values can come out, and a schedule for each.
//! Searches nothing; [`crate::explore::forward::search`] is what checks it where both can run.
//!
//! With a body of one load and one store, `n` increments each and `N` of all workers together:
//!
//! | where another worker can come in | final values |
//! |---|---|
//! | nowhere between load and store | only N |
//! | only between load and store | n to N: with each store a worker loads what it wrote |
//! | there, and between two increments | 2 to N; with one increment each 1 to N |
//!
//! The last store of all writes one more than its load saw. Nothing is lost before a first store, so
//! that is at least 1; a worker's second load sees at least 1, so the last of several stores writes
//! at least 2.

use std::ops::RangeInclusive;

use crate::model::counting::orders::Orders;
use crate::model::long_program::LongProgram;
use crate::model::moves::{Act, Move, Ownership};
use crate::model::schedule::Schedule;

/// After which moves of a body another worker can come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openings {
    /// After none from which its store could be lost.
    Shut,
    /// Only between load and store: after this move.
    Inside(usize),
    /// Between load and store, and between a store and the next load.
    Both {
        /// The first move between load and store.
        inside: usize,
        /// The first one from the store on; before the load, if it is of the next body.
        outside: usize,
    },
}

impl Openings {
    /// The openings of a body of one load and one store, or of one addition. A tick budget is taken to
    /// let others in at every check site.
    pub fn of(body: &[Move], access: Ownership) -> Self {
        let at = |act: Act| body.iter().position(|made| made.act == act);
        let (Some(load), Some(store)) = (at(Act::Load), at(Act::Store)) else { return Self::Shut };
        let holds = |takes, lets_go| {
            at(takes).is_some_and(|at| at < load) && at(lets_go).is_some_and(|at| store < at)
        };
        if holds(Act::Enter, Act::Leave) || holds(Act::Acquire, Act::Release) {
            return Self::Shut;
        }
        let is_open = |&at: &usize| access == Ownership::Anyone || body[at].lets_go();
        let outside = (store..body.len()).chain(0..load).find(is_open);
        match ((load..store).find(is_open), outside) {
            (None, _) => Self::Shut,
            (Some(inside), None) => Self::Inside(inside),
            (Some(inside), Some(outside)) => Self::Both { inside, outside },
        }
    }

    /// The final values, all of which can come out, of so many tasks on so many workers; with a tick
    /// budget, no others can. A worker that runs several tasks, one after the other, can lose no more
    /// than one that runs one.
    pub fn values(self, workers: usize, tasks: u64, increments: u64) -> RangeInclusive<u64> {
        let all = tasks.saturating_mul(increments);
        match self {
            _ if workers < 2 || tasks < 2 => all..=all,
            Self::Shut => all..=all,
            Self::Inside(_) => increments..=all,
            Self::Both { .. } => increments.min(2)..=all,
        }
    }
}

/// A race of workers with one task each, whose final values are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Race {
    openings: Openings,
    workers: usize,
    increments: u32,
    /// Moves of a body.
    length: u32,
    /// The store's place in a body.
    store: u32,
    by_ticks: bool,
    /// Turns of a worker's task, between which others can come in at will; `None` where a lock or a
    /// tick budget decides.
    turns: Option<u64>,
}

impl Race {
    /// The race that a program is.
    pub fn of(program: &LongProgram) -> Self {
        let (body, access) = (program.body(), program.access());
        let store = body.iter().position(|made| made.act == Act::Store).unwrap_or(0);
        Self {
            openings: Openings::of(body, access),
            workers: program.workers(),
            increments: program.increments(),
            length: number(body.len()),
            store: number(store),
            by_ticks: matches!(access, Ownership::HolderByTicks { .. }),
            turns: turns(body, access, u64::from(program.increments())),
        }
    }

    /// Every value that can come out; `None` where a tick budget decides, and only a search can say.
    pub fn values(&self) -> Option<RangeInclusive<u32>> {
        let bound = self.bound();
        let is_known = !self.by_ticks || bound.start() == bound.end();
        is_known.then_some(bound)
    }

    /// The orders of the workers' turns, each of which is an interleaving; `None` where a lock or a
    /// tick budget makes workers wait.
    pub fn orders(&self) -> Option<Orders> {
        let workers = u32::try_from(self.workers).ok()?;
        self.turns.map(|turns| Orders { workers, turns })
    }

    /// No other values can come out.
    pub fn bound(&self) -> RangeInclusive<u32> {
        let (workers, increments) = (self.workers as u64, u64::from(self.increments));
        let values = self.openings.values(self.workers, workers, increments);
        let [least, most] = [values.start(), values.end()];
        let narrow = |value: &u64| u32::try_from(*value).unwrap_or(u32::MAX);
        narrow(least)..=narrow(most)
    }

    /// Whether it is known without a search that the value can come out, or that it cannot.
    pub fn is_known(&self, value: u32) -> bool {
        let bound = self.bound();
        !self.by_ticks || value == *bound.end() || !bound.contains(&value)
    }

    /// A schedule that ends with the value; `None` if there is none, or if it is not known.
    pub fn schedule(&self, value: u32) -> Option<Schedule> {
        let bound = self.bound();
        if !bound.contains(&value) {
            return None;
        }
        let mut turns =
            Turns { race: self, at: vec![0; self.workers], schedule: Schedule::default() };
        let is_played = !self.by_ticks;
        match self.openings {
            // One after the other.
            _ if value == *bound.end() => {}
            Openings::Inside(inside) | Openings::Both { inside, .. }
                if is_played && value >= self.increments =>
            {
                self.over_a_window(&mut turns, number(inside), value - self.increments);
            }
            Openings::Both { inside, outside } if is_played => {
                self.over_two_windows(&mut turns, [inside, outside].map(number), value);
            }
            _ => return None,
        }
        turns.finish();
        Some(turns.schedule)
    }

    /// The others make `kept` increments, then T0 loads; the others make all the rest, which T0's
    /// first store wipes out. What is left is its own increments and those.
    fn over_a_window(&self, turns: &mut Turns<'_>, inside: u32, kept: u32) {
        let [whole, part] = [kept / self.increments, kept % self.increments];
        for worker in 1..=whole as usize {
            turns.go_to_end(worker);
        }
        if part > 0 {
            turns.go_into_window(whole as usize + 1, part + 1, inside);
        }
        turns.go_into_window(0, 1, inside);
        for worker in 1..self.workers {
            turns.go_to_end(worker);
        }
    }

    /// T0 loads 0, and its first store wipes out all but one increment of T1. It goes on up to one
    /// below the value, which T1 loads and goes back to when all others are done.
    fn over_two_windows(&self, turns: &mut Turns<'_>, [inside, outside]: [u32; 2], value: u32) {
        turns.go_into_window(0, 1, inside);
        turns.go_past_store(1, self.increments - 1, outside);
        turns.go_past_store(0, value - 1, outside);
        turns.go_into_window(1, self.increments, inside);
        for worker in (0..self.workers).filter(|&worker| worker != 1) {
            turns.go_to_end(worker);
        }
    }
}

/// Turns of a task of so many increments: its moves; behind an interpreter's lock what lies between two
/// points where it can be let go; under a lock around the whole body the bodies.
fn turns(body: &[Move], access: Ownership, increments: u64) -> Option<u64> {
    let is_open = |made: &&Move| made.lets_go();
    let waits = |made: &Move| matches!(made.act, Act::Acquire | Act::Enter);
    match access {
        Ownership::HolderByTicks { .. } => None,
        Ownership::Anyone => match body {
            [Move { act: Act::Acquire, .. }, within @ .., Move { act: Act::Release, .. }]
                if !within.iter().any(waits) =>
            {
                Some(increments)
            }
            _ if body.iter().any(waits) => None,
            _ => Some(increments * body.len() as u64),
        },
        Ownership::Holder if body.iter().any(waits) => None,
        Ownership::Holder => {
            let points = body.iter().filter(is_open).count() as u64 * increments;
            // After the last move of all there is no turn.
            let at_the_end = body.last().is_some_and(|last| is_open(&last));
            Some(points + u64::from(!at_the_end))
        }
    }
}

/// A schedule in the making: how many moves each worker has made.
struct Turns<'a> {
    race: &'a Race,
    at: Vec<u32>,
    schedule: Schedule,
}

impl Turns<'_> {
    fn go(&mut self, worker: usize, to: u32) {
        let moves = to.saturating_sub(self.at[worker]);
        self.schedule.push_run(worker, moves);
        self.at[worker] += moves;
    }

    /// Past the opening between load and store of this body, counted from 1.
    fn go_into_window(&mut self, worker: usize, body: u32, inside: u32) {
        self.go(worker, (body - 1) * self.race.length + inside + 1);
    }

    /// Past the opening after the store of this body, which may lie in the next one.
    fn go_past_store(&mut self, worker: usize, body: u32, outside: u32) {
        let body = if outside < self.race.store { body } else { body - 1 };
        self.go(worker, body * self.race.length + outside + 1);
    }

    fn go_to_end(&mut self, worker: usize) {
        self.go(worker, self.race.increments * self.race.length);
    }

    fn finish(&mut self) {
        (0..self.race.workers).for_each(|worker| self.go_to_end(worker));
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
