//! Combining: CC-Synch of Fatourou and Kallimanis (2012, "Revisiting the combining synchronization
//! technique", `PPoPP`): the first worker in line executes the requests of those behind it too, in
//! order of arrival.
//!
//! A request is a body's section: load, window, store. A waiting worker needs no core to make
//! progress, because another serves it meanwhile; this pays off if workers outnumber cores. There
//! is no lock to hold: the parts of a body outside its section run on its owner.
//!
//! # State
//! ```text
//! word      meaning                                  changed by
//! tail      the empty node at the end of the line    each arriving worker (swap)
//! next[n]   the node behind n, plus 1, and the       its owner (0), before n is the end of the
//!           request of n; 0 = no request yet         line; then the worker that found n there
//! state[n]  WAITING, COMBINER, WHOLE or TORN         its owner (WAITING), before n is the end of
//!                                                    the line; then the one combiner, once
//! ```
//! There is one node more than there are workers. An arriving worker leaves its own empty node as
//! the end of the line, puts its request into the node that was the end, and owns that node from
//! then on.
//!
//! # Invariants
//! 1. Exactly one of the nodes in line is `COMBINER`, or its combiner is serving the line.
//! 2. All nodes before the combiner's are served; it serves from its own node on, in order.
//! 3. Only the owner accesses a node once it is served (`WHOLE` or `TORN`): the combiner has read
//!    `next` before.
//!
//! # Orderings
//! Joining the line publishes an empty node (`AcqRel` on `tail`) to the worker that fills it. A
//! request is published with Release on `next`, and acquired by the combiner. `state` is Release
//! too: `COMBINER` hands on everything that was done under the line, `WHOLE` and `TORN` return the
//! node; the waiting worker acquires.

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

/// Most requests that a combiner serves, per worker: the paper's h, which bounds how long one
/// worker works for the others.
const SERVED_MAX_PER_WORKER: u64 = 3;

const WAITING: u64 = 0;
const COMBINER: u64 = 1;
/// Served; a read returned one value.
const WHOLE: u64 = 2;
/// Served; a read returned two values.
const TORN: u64 = 3;

/// The operation that a worker requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CombiningRequest {
    Increment,
    Read,
}

impl CombiningRequest {
    /// The request and the node behind it as one word.
    #[inline]
    fn packed(self, behind: u64) -> u64 {
        let bit = match self {
            Self::Increment => 0,
            Self::Read => 1,
        };
        ((behind + 1) << 1) | bit
    }

    /// The inverse of `packed`; `None` for 0.
    #[inline]
    fn unpacked(word: u64) -> Option<(Self, u64)> {
        let behind = (word >> 1).checked_sub(1)?;
        Some((if word & 1 == 0 { Self::Increment } else { Self::Read }, behind))
    }

    /// Executes the requested section.
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

/// The strategy whose waiters are served by a combiner.
pub struct Combining<M: Machine> {
    tail: CachePadded<M::Word>,
    nodes: Box<[CachePadded<RequestNode<M>>]>,
    served_max: u64,
    waiter: SpinThenYield,
}

/// A place in line, on cache lines of its own.
struct RequestNode<M: Machine> {
    next: M::Word,
    state: M::Word,
}

impl<M: Machine> Combining<M> {
    /// An empty line for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let node = |state| {
            CachePadded::new(RequestNode { next: machine.word(0), state: machine.word(state) })
        };
        let own = (0..workers).map(|_| node(WAITING));
        Self {
            nodes: own.chain([node(COMBINER)]).collect(),
            tail: CachePadded::new(machine.word(workers as u64)),
            served_max: SERVED_MAX_PER_WORKER * workers.max(1) as u64,
            waiter: SpinThenYield::for_workers(machine, workers),
        }
    }

    #[inline]
    fn node(&self, number: u64) -> &RequestNode<M> {
        &self.nodes[usize::try_from(number).unwrap_or(usize::MAX)]
    }

    /// Joins the line with a request; returns the node that holds it.
    #[inline]
    fn arrive(&self, own: &mut u64, request: CombiningRequest) -> u64 {
        let end = self.node(*own);
        end.next.store(0, Relaxed);
        end.state.store(WAITING, Relaxed);
        let at = self.tail.swap(*own, AcqRel);
        self.node(at).next.store(request.packed(*own), Release);
        *own = at;
        at
    }

    /// Has the request served, by the calling worker or by another. An `Err` ends the attempt.
    #[inline(always)]
    fn request(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        own: &mut u64,
        request: CombiningRequest,
        serve: impl FnMut(CombiningRequest) -> Result<Reading, Aborted>,
    ) -> Result<Reading, Aborted> {
        let at = self.arrive(own, request);
        let node = self.node(at);
        let mut state = node.state.load(Acquire);
        if state == WAITING {
            let is_over = || node.state.load(Acquire) != WAITING;
            acquisition.wait(|machine| self.waiter.wait(machine, is_over))?;
            state = node.state.load(Acquire);
        }
        if state == COMBINER {
            self.combine(at, serve)?;
            state = node.state.load(Relaxed);
        }
        Ok(if state == TORN { Reading::Torn } else { Reading::Whole })
    }

    /// Serves the requests from the caller's own on, and makes the owner of the node after the last
    /// one the combiner.
    #[inline(always)]
    fn combine(
        &self,
        own: u64,
        mut serve: impl FnMut(CombiningRequest) -> Result<Reading, Aborted>,
    ) -> Result<(), Aborted> {
        let mut at = own;
        for _ in 0..self.served_max {
            let node = self.node(at);
            let Some((request, behind)) = CombiningRequest::unpacked(node.next.load(Acquire))
            else {
                break;
            };
            let served = match serve(request)? {
                Reading::Whole => WHOLE,
                Reading::Torn => TORN,
            };
            node.state.store(served, Release);
            at = behind;
        }
        self.node(at).state.store(COMBINER, Release);
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
        let serve = |request: CombiningRequest| request.serve(machine, shared, body);
        self.request(&mut acquisition, &mut worker.local, CombiningRequest::Increment, serve)?;
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
        let serve = |request: CombiningRequest| request.serve(machine, shared, body);
        self.request(&mut acquisition, &mut worker.local, CombiningRequest::Increment, serve)?;
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
        let serve = |request: CombiningRequest| request.serve(machine, shared, body);
        let reading =
            self.request(&mut acquisition, &mut worker.local, CombiningRequest::Read, serve)?;
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

    /// The others join the line and do nothing more, as if they had no core.
    #[test]
    fn waiters_without_a_core_are_served() {
        let line = Combining::new(&machine(), 3);
        let [mut own, mut one, mut other] = [0, 1, 2];
        let first = line.arrive(&mut own, CombiningRequest::Increment);
        let behind = [&mut one, &mut other].map(|node| line.arrive(node, CombiningRequest::Read));
        let (mut reads, mut served) = ([Reading::Whole, Reading::Torn].into_iter(), Vec::new());
        let combined = line.combine(first, |request| {
            served.push(request);
            match request {
                CombiningRequest::Increment => Ok(Reading::Whole),
                CombiningRequest::Read => Ok(reads.next().expect("two of them")),
            }
        });
        let asked = [CombiningRequest::Increment, CombiningRequest::Read, CombiningRequest::Read];
        assert_eq!((combined, &served[..]), (Ok(()), &asked[..]));
        assert_eq!(behind.map(|at| line.node(at).state.load(Relaxed)), [WHOLE, TORN]);
        let mut stats = WorkerStats::default();
        let machine = machine();
        let mut acquisition = Acquisition::new(&machine, &mut stats);
        let next =
            line.request(&mut acquisition, &mut one, CombiningRequest::Read, |_| Ok(Reading::Torn));
        let expected = (Ok(Reading::Torn), 0);
        assert_eq!((next, stats.switches()), expected, "the next worker does not wait");
    }

    /// Served workers arrive again while the combiner serves the line, which never ends.
    #[test]
    fn combiner_stops_after_its_limit() {
        let line = Combining::new(&machine(), 3);
        let [mut own, mut one, mut other] = [0, 1, 2];
        let first = line.arrive(&mut own, CombiningRequest::Increment);
        let (mut served, mut last) = (0, first);
        let combined = line.combine(first, |_| {
            let node = if served % 2 == 0 { &mut one } else { &mut other };
            last = line.arrive(node, CombiningRequest::Read);
            served += 1;
            Ok(Reading::Whole)
        });
        assert_eq!((combined, served), (Ok(()), line.served_max));
        assert_eq!(
            line.node(last).state.load(Relaxed),
            COMBINER,
            "the next in line is the combiner"
        );
    }

    #[test]
    fn wait_for_a_stopped_combiner_ends_with_the_abort() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let line = Combining::new(&machine, 2);
        line.arrive(&mut 0, CombiningRequest::Increment);
        abort.raise();
        let mut stats = WorkerStats::default();
        let mut acquisition = Acquisition::new(&machine, &mut stats);
        let serve = |_| Ok(Reading::Whole);
        let waited = line.request(&mut acquisition, &mut 1, CombiningRequest::Increment, serve);
        assert_eq!((waited, stats.switches()), (Err(Aborted), 0));
    }
}
