//! CC-Synch of Fatourou and Kallimanis (2012, "Revisiting the combining synchronization technique",
//! `PPoPP`): whoever is first in line does the work of those behind it too, in order of arrival.
//!
//! A request is a body's inside: load, window, store. A worker that waits needs no core to get on,
//! since another serves it meanwhile; that is its point where workers outnumber cores. It is no
//! lock that could be held: what lies before and after the inside is its owner's own.
//!
//! # State
//! ```text
//! word        meaning                                  who changes it
//! tail        the empty node at the end of the line    whoever arrives (swap)
//! follows[n]  the node behind n, plus 1, and what n    0: its owner, before n is the end of the line;
//!             asks for; 0 = it has not asked yet       then whoever found n there
//! turn[n]     WAITS, COMBINES, WHOLE or TORN           WAITS: its owner, before n is the end of the line;
//!                                                      then the one combiner, once
//! ```
//! There is one node more than workers. Whoever arrives leaves its own empty node as the end of the
//! line, puts its request into the node that was, and owns that one from then on.
//!
//! # Invariants
//! 1. Of the nodes in line exactly one is `COMBINES`, or its combiner is at work on the line.
//! 2. All nodes before the combiner's are served; it serves on from its own, one after the other.
//! 3. A node is nobody's but its owner's once it is served (`WHOLE` or `TORN`): the combiner has
//!    read `follows` before.
//!
//! # Orderings
//! Getting in line publishes an empty node (`AcqRel` on `tail`) to whoever fills it. A request is
//! published with Release on `follows`, and acquired by the combiner. `turn` is Release too:
//! `COMBINES` hands on all that was done under the line, `WHOLE` and `TORN` give the node back;
//! whoever waits there acquires.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crossbeam_utils::CachePadded;

use crate::harness::access::{Reading, read_twice};
use crate::harness::body::segments::Body;
use crate::harness::entry::Entry;
use crate::harness::probe::Probe;
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::locks::exclusive::Acquisition;
use crate::locks::spin::spin_wait::{SpinThenYield, SpinWaiter};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::fifo_lock;

/// Requests that a combiner serves at most, for each worker: the paper's h, which bounds how long
/// one worker works for the others.
const SERVED_MAX_PER_WORKER: u64 = 3;

const WAITS: u64 = 0;
const COMBINES: u64 = 1;
/// Served; a read saw one value.
const WHOLE: u64 = 2;
/// Served; a read saw two.
const TORN: u64 = 3;

/// What a worker asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Increment,
    Read,
}

impl Request {
    /// As a word, with the node that is behind.
    #[inline]
    fn packed(self, behind: u64) -> u64 {
        let bit = match self {
            Self::Increment => 0,
            Self::Read => 1,
        };
        ((behind + 1) << 1) | bit
    }

    /// What `packed` packed; `None` for 0.
    #[inline]
    fn unpacked(word: u64) -> Option<(Self, u64)> {
        let behind = (word >> 1).checked_sub(1)?;
        Some((if word & 1 == 0 { Self::Increment } else { Self::Read }, behind))
    }

    /// The inside that it asks for.
    #[inline(always)]
    fn serve<M: Machine>(
        self,
        machine: &M,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        match self {
            Self::Increment => {
                let seen = shared.counter().load(Relaxed);
                body.window(machine, shared)?;
                shared.counter().store(seen + 1, Relaxed);
                Ok(Reading::Whole)
            }
            Self::Read => read_twice(machine, shared, body),
        }
    }
}

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("combining", "CC-Synch: the first waiter runs the sections of those behind it")
        .with_promise("exact; no waiter is bypassed")
        .with_moves(fifo_lock);

/// The strategy whose waiters are served by others.
pub struct Combining<M: Machine> {
    tail: CachePadded<M::Word>,
    nodes: Box<[CachePadded<RequestNode<M>>]>,
    served_max: u64,
    waiter: SpinThenYield,
}

/// A place in line.
struct RequestNode<M: Machine> {
    follows: M::Word,
    turn: M::Word,
}

impl<M: Machine> Combining<M> {
    /// An empty line for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let node = |turn| {
            CachePadded::new(RequestNode { follows: machine.word(0), turn: machine.word(turn) })
        };
        let own = (0..workers).map(|_| node(WAITS));
        Self {
            nodes: own.chain([node(COMBINES)]).collect(),
            tail: CachePadded::new(machine.word(workers as u64)),
            served_max: SERVED_MAX_PER_WORKER * workers.max(1) as u64,
            waiter: SpinThenYield::for_workers(machine, workers),
        }
    }

    #[inline]
    fn node(&self, number: u64) -> &RequestNode<M> {
        &self.nodes[usize::try_from(number).unwrap_or(usize::MAX)]
    }

    /// Gets in line with a request; the node that it is in.
    #[inline]
    fn arrive(&self, own: &mut u64, request: Request) -> u64 {
        let end = self.node(*own);
        end.follows.store(0, Relaxed);
        end.turn.store(WAITS, Relaxed);
        let at = self.tail.swap(*own, AcqRel);
        self.node(at).follows.store(request.packed(*own), Release);
        *own = at;
        at
    }

    /// Has the request served, by the caller itself or by another. An `Err` ends the attempt.
    #[inline(always)]
    fn request(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        own: &mut u64,
        request: Request,
        serve: impl FnMut(Request) -> Result<Reading, Aborted>,
    ) -> Result<Reading, Aborted> {
        let at = self.arrive(own, request);
        let place = self.node(at);
        let mut turn = place.turn.load(Acquire);
        if turn == WAITS {
            let is_over = || place.turn.load(Acquire) != WAITS;
            acquisition.wait(|machine| self.waiter.wait(machine, is_over))?;
            turn = place.turn.load(Acquire);
        }
        if turn == COMBINES {
            self.combine(at, serve)?;
            turn = place.turn.load(Relaxed);
        }
        Ok(if turn == TORN { Reading::Torn } else { Reading::Whole })
    }

    /// Serves the requests from the caller's own on, and makes the node after the last the
    /// combiner's.
    #[inline(always)]
    fn combine(
        &self,
        own: u64,
        mut serve: impl FnMut(Request) -> Result<Reading, Aborted>,
    ) -> Result<(), Aborted> {
        let mut at = own;
        for _ in 0..self.served_max {
            let place = self.node(at);
            let Some((request, behind)) = Request::unpacked(place.follows.load(Acquire)) else {
                break;
            };
            let served = match serve(request)? {
                Reading::Whole => WHOLE,
                Reading::Torn => TORN,
            };
            place.turn.store(served, Release);
            at = behind;
        }
        self.node(at).turn.store(COMBINES, Release);
        Ok(())
    }
}

impl<M: Machine> Strategy<M> for Combining<M> {
    /// The node that the worker owns.
    type Local = u64;
    const CAN_BE_PROBED: bool = true;

    fn local(&self, id: WorkerId) -> u64 {
        id.index as u64
    }

    #[inline(always)]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, u64>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let mut acquisition = Acquisition::new(machine, &mut worker.stats);
        let serve = |request: Request| request.serve(machine, shared, body);
        self.request(&mut acquisition, &mut worker.local, Request::Increment, serve)?;
        body.after(machine, shared)
    }

    #[inline(always)]
    fn increment_probed(
        &self,
        worker: &mut Worker<'_, M, u64>,
        shared: &Shared<M>,
        body: Body<'_>,
        probe: &mut Probe<'_>,
    ) -> Result<(), Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let sampled = probe.before_lock(machine, shared);
        let mut acquisition = Acquisition::new(machine, &mut worker.stats);
        let serve = |request: Request| request.serve(machine, shared, body);
        self.request(&mut acquisition, &mut worker.local, Request::Increment, serve)?;
        probe.after_body(machine, sampled);
        body.after(machine, shared)
    }

    #[inline(always)]
    fn read(
        &self,
        worker: &mut Worker<'_, M, u64>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let mut acquisition = Acquisition::new(machine, &mut worker.stats);
        let serve = |request: Request| request.serve(machine, shared, body);
        let reading = self.request(&mut acquisition, &mut worker.local, Request::Read, serve)?;
        body.after(machine, shared)?;
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::counters::WorkerStats;
    use crate::machine::native::NativeMachine;
    use crate::machine::native::abort::Abort;

    fn machine() -> NativeMachine {
        NativeMachine::new(Abort::default())
    }

    /// The others get in line and do nothing more, as if they had no core.
    #[test]
    fn those_without_a_core_are_served_too() {
        let line = Combining::new(&machine(), 3);
        let [mut own, mut one, mut other] = [0, 1, 2];
        let first = line.arrive(&mut own, Request::Increment);
        let behind = [&mut one, &mut other].map(|seat| line.arrive(seat, Request::Read));
        let (mut reads, mut served) = ([Reading::Whole, Reading::Torn].into_iter(), Vec::new());
        let combined = line.combine(first, |request| {
            served.push(request);
            match request {
                Request::Increment => Ok(Reading::Whole),
                Request::Read => Ok(reads.next().expect("two of them")),
            }
        });
        let asked = [Request::Increment, Request::Read, Request::Read];
        assert_eq!((combined, &served[..]), (Ok(()), &asked[..]));
        assert_eq!(behind.map(|at| line.node(at).turn.load(Relaxed)), [WHOLE, TORN]);
        let mut stats = WorkerStats::default();
        let machine = machine();
        let mut acquisition = Acquisition::new(&machine, &mut stats);
        let next = line.request(&mut acquisition, &mut one, Request::Read, |_| Ok(Reading::Torn));
        let expected = (Ok(Reading::Torn), 0);
        assert_eq!((next, stats.switches()), expected, "whoever comes next need not wait");
    }

    /// Whoever has been served comes again while the combiner is at work: it never has an end of
    /// its own.
    #[test]
    fn nobody_works_for_the_others_without_end() {
        let line = Combining::new(&machine(), 3);
        let [mut own, mut one, mut other] = [0, 1, 2];
        let first = line.arrive(&mut own, Request::Increment);
        let (mut served, mut last) = (0, first);
        let combined = line.combine(first, |_| {
            let seat = if served % 2 == 0 { &mut one } else { &mut other };
            last = line.arrive(seat, Request::Read);
            served += 1;
            Ok(Reading::Whole)
        });
        assert_eq!((combined, served), (Ok(()), line.served_max));
        assert_eq!(line.node(last).turn.load(Relaxed), COMBINES, "the next in line goes on");
    }

    #[test]
    fn a_wait_for_a_combiner_that_is_gone_ends_with_the_abort() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let line = Combining::new(&machine, 2);
        line.arrive(&mut 0, Request::Increment);
        abort.raise();
        let mut stats = WorkerStats::default();
        let mut acquisition = Acquisition::new(&machine, &mut stats);
        let serve = |_| Ok(Reading::Whole);
        let waited = line.request(&mut acquisition, &mut 1, Request::Increment, serve);
        assert_eq!((waited, stats.switches()), (Err(Aborted), 0));
    }
}
