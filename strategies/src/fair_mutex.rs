//! A mutex that serves first come, first served, held from load to store.
//!
//! Promises never to lose an update, and that nobody is bypassed: see [`crate::fair_lock`]. Unlike
//! any `CPython`, it hands over on every release while somebody waits.

use std::sync::atomic::Ordering::Relaxed;

use crate::body::Body;
use crate::entry::{Entry, Inside, Keeps, Lock, Part, Waiting};
use crate::fair_lock::{Arrival, FairLock};
use crate::machine::{Aborted, Machine, Word};
use crate::model::outline::{Act, Move};
use crate::step::{Sites, Step};
use crate::strategy::{Reading, Seat, Shared, Strategy, Worker, look_twice};

/// One wait of so many is timed: a clock costs 25 ns, a contended hand-over by spinning 50.
const TIMED_ONE_IN: u64 = 64;

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "fair-mutex",
    summary: "a first come, first served mutex held from load to store",
    promise: "exact; nobody is bypassed",
    keeps: Keeps::EveryUpdate,
    inside: Inside::Anything,
    lock: Lock::HandedOver,
    waiting: Waiting::GivesWay,
    part: Part::Contender,
    outline,
    parameters: &[],
};

/// In line before the load, out of it after the store; the line is served in order of arrival.
pub fn outline(body: &[Step], _sites: Sites) -> Vec<Move> {
    let made = |&step: &Step| match Move::of(step) {
        load @ Move { act: Act::Load, .. } => {
            vec![Move::plain(Act::Arrive), Move::plain(Act::Enter), load]
        }
        store @ Move { act: Act::Store, .. } => vec![store, Move::plain(Act::Leave)],
        other => vec![other],
    };
    body.iter().flat_map(made).collect()
}

/// The strategy that holds a fair lock from load to store.
pub struct FairMutex<M: Machine> {
    lock: FairLock<M>,
}

impl<M: Machine> FairMutex<M> {
    /// A mutex for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Self { lock: FairLock::new(machine, workers) }
    }

    #[inline]
    fn take(&self, worker: &mut Worker<'_, M, ()>) -> Result<(), Aborted> {
        match self.lock.arrive() {
            Arrival::Queued(ticket) => self.wait(worker, ticket),
            Arrival::Served => Ok(()),
        }
    }

    /// Waits for the ticket's turn; every waited-for acquisition is a hand-over.
    #[cold]
    fn wait(&self, worker: &mut Worker<'_, M, ()>, ticket: u64) -> Result<(), Aborted> {
        let timed = worker.tally.switches_voluntary.is_multiple_of(TIMED_ONE_IN);
        let start_ns = if timed { worker.machine.now_ns() } else { 0 };
        self.lock.wait(worker.machine, ticket)?;
        worker.tally.switches_voluntary += 1;
        if timed {
            worker.tally.waits.record(worker.machine.now_ns() - start_ns);
        }
        Ok(())
    }
}

impl<M: Machine> Strategy<M> for FairMutex<M> {
    type Local = ();

    fn local(&self, _seat: Seat) {}

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        body.before(worker.machine, shared)?;
        self.take(worker)?;
        let seen = shared.counter().load(Relaxed);
        body.window(worker.machine, shared)?;
        shared.counter().store(seen + 1, Relaxed);
        self.lock.release();
        body.after(worker.machine, shared)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn read(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        body.before(worker.machine, shared)?;
        self.take(worker)?;
        let reading = look_twice(worker.machine, shared, body)?;
        self.lock.release();
        body.after(worker.machine, shared)?;
        Ok(reading)
    }
}
