//! CC-Synch of Fatourou and Kallimanis (2012, "Revisiting the combining synchronization technique",
//! `PPoPP`): whoever is first in line does the work of those behind it too, in order of arrival.
//!
//! A request is a body's inside: load, window, store. A worker that waits needs no core to get on, since
//! another serves it meanwhile; that is what makes it fast where workers outnumber cores. It is no lock
//! that could be held: what lies before and after the inside is its owner's own.
//!
//! # State
//! ```text
//! word        meaning                                  who changes it
//! tail        the empty node at the end of the line    whoever arrives (swap)
//! follows[n]  the node behind n, plus 1; not 0 means   0: its owner, before n is the end of the line;
//!             that n has a request                     then whoever found n there
//! turn[n]     WAITS, SERVED or COMBINES                WAITS: its owner, before n is the end of the line;
//!                                                      then the one combiner, once
//! ```
//! There is one node more than workers. Whoever arrives leaves its own empty node as the end of the line,
//! puts its request into the node that was, and owns that one from then on.
//!
//! # Invariants
//! 1. Of the nodes in line exactly one is `COMBINES`, or its combiner is at work on the line.
//! 2. All nodes before the combiner's are served; it serves on from its own, one after the other.
//! 3. A node is nobody's but its owner's once it is `SERVED`: the combiner has read `follows` before.
//!
//! # Orderings
//! Getting in line publishes an empty node (`AcqRel` on `tail`) to whoever fills it. A request is published
//! with Release on `follows`, and acquired by the combiner. `turn` is Release too: `COMBINES` hands on all
//! that was done under the line, `SERVED` gives the node back; whoever waits there acquires.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::body::Body;
use crate::entry::{Entry, Inside, Keeps, Lock, Part};
use crate::exclusive::{Contest, stay_awake};
use crate::machine::{Aborted, Machine, Word};
use crate::strategy::{Seat, Shared, Strategy, Worker};

/// Requests that a combiner serves at most, for each worker: the paper's h, which bounds how long one
/// worker works for the others.
const SERVED_MAX_PER_WORKER: u64 = 3;

const WAITS: u64 = 0;
const COMBINES: u64 = 1;
const SERVED: u64 = 2;

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "combining",
    summary: "CC-Synch: the first in line does the work of those behind it too",
    promise: "exact; nobody is bypassed",
    keeps: Keeps::EveryUpdate,
    inside: Inside::Anything,
    lock: Lock::HandedOver,
    part: Part::Contender,
    outline: crate::fair_mutex::outline,
    parameters: &[],
};

/// The strategy whose waiters are served by others.
pub struct Combining<M: Machine> {
    tail: OwnLine<M::Word>,
    nodes: Box<[Node<M>]>,
    served_max: u64,
    spins: u32,
}

#[repr(align(128))]
struct OwnLine<T>(T);

/// A place in line, on cache lines of its own.
#[repr(align(128))]
struct Node<M: Machine> {
    follows: M::Word,
    turn: M::Word,
}

impl<M: Machine> Combining<M> {
    /// An empty line for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let node = |turn| Node { follows: machine.word(0), turn: machine.word(turn) };
        let own = (0..workers).map(|_| node(WAITS));
        Self {
            nodes: own.chain([node(COMBINES)]).collect(),
            tail: OwnLine(machine.word(workers as u64)),
            served_max: SERVED_MAX_PER_WORKER * workers.max(1) as u64,
            spins: machine.patience(workers).spins,
        }
    }

    #[inline]
    fn node(&self, number: u64) -> &Node<M> {
        &self.nodes[usize::try_from(number).unwrap_or(usize::MAX)]
    }

    /// Gets in line with a request; the node that it is in.
    #[inline]
    fn arrive(&self, own: &mut u64) -> u64 {
        let end = self.node(*own);
        end.follows.store(0, Relaxed);
        end.turn.store(WAITS, Relaxed);
        let at = self.tail.0.swap(*own, AcqRel);
        self.node(at).follows.store(*own + 1, Release);
        *own = at;
        at
    }

    /// Has `serve` done once for the caller, by itself or by another. An `Err` ends the attempt.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn request(
        &self,
        contest: &mut Contest<'_, M>,
        own: &mut u64,
        serve: impl FnMut() -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let at = self.arrive(own);
        let place = self.node(at);
        let mut turn = place.turn.load(Acquire);
        if turn == WAITS {
            let is_over = || place.turn.load(Acquire) != WAITS;
            contest.wait(|machine| stay_awake(machine, self.spins, is_over))?;
            turn = place.turn.load(Acquire);
        }
        if turn == COMBINES { self.combine(at, serve) } else { Ok(()) }
    }

    /// Serves the requests from the caller's own on, and makes the node after the last the combiner's.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn combine(
        &self,
        own: u64,
        mut serve: impl FnMut() -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let mut at = own;
        for _ in 0..self.served_max {
            let place = self.node(at);
            let follows = place.follows.load(Acquire);
            if follows == 0 {
                break;
            }
            serve()?;
            place.turn.store(SERVED, Release);
            at = follows - 1;
        }
        self.node(at).turn.store(COMBINES, Release);
        Ok(())
    }
}

impl<M: Machine> Strategy<M> for Combining<M> {
    /// The node that the worker owns.
    type Local = u64;

    fn local(&self, seat: Seat) -> u64 {
        seat.index as u64
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, u64>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let mut contest = Contest::new(machine, &mut worker.tally);
        self.request(&mut contest, &mut worker.local, || {
            let seen = shared.counter().load(Relaxed);
            body.window(machine, shared)?;
            shared.counter().store(seen + 1, Relaxed);
            Ok(())
        })?;
        body.after(machine, shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::{Abort, NativeMachine};
    use crate::tally::Tally;

    fn machine() -> NativeMachine {
        NativeMachine::new(Abort::default())
    }

    /// The others get in line and do nothing more, as if they had no core.
    #[test]
    fn those_without_a_core_are_served_too() {
        let line = Combining::new(&machine(), 3);
        let [mut own, mut one, mut other] = [0, 1, 2];
        let first = line.arrive(&mut own);
        let behind = [&mut one, &mut other].map(|seat| line.arrive(seat));
        let mut served = 0;
        let combined = line.combine(first, || {
            served += 1;
            Ok(())
        });
        assert_eq!((combined, served), (Ok(()), 3));
        assert_eq!(behind.map(|at| line.node(at).turn.load(Relaxed)), [SERVED; 2]);
        let mut tally = Tally::default();
        let next = line.request(&mut Contest::new(&machine(), &mut tally), &mut one, || Ok(()));
        assert_eq!((next, tally.switches()), (Ok(()), 0), "whoever comes next need not wait");
    }

    /// Whoever has been served comes again while the combiner is at work: it never has an end of its own.
    #[test]
    fn nobody_works_for_the_others_without_end() {
        let line = Combining::new(&machine(), 3);
        let [mut own, mut one, mut other] = [0, 1, 2];
        let first = line.arrive(&mut own);
        let (mut served, mut last) = (0, first);
        let combined = line.combine(first, || {
            let seat = if served % 2 == 0 { &mut one } else { &mut other };
            last = line.arrive(seat);
            served += 1;
            Ok(())
        });
        assert_eq!((combined, served), (Ok(()), line.served_max));
        assert_eq!(line.node(last).turn.load(Relaxed), COMBINES, "the next in line goes on");
    }

    #[test]
    fn a_wait_for_a_combiner_that_is_gone_ends_with_the_abort() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let line = Combining::new(&machine, 2);
        line.arrive(&mut 0);
        abort.raise();
        let mut tally = Tally::default();
        let waited = line.request(&mut Contest::new(&machine, &mut tally), &mut 1, || Ok(()));
        assert_eq!((waited, tally.switches()), (Err(Aborted), 0));
    }
}
