//! A lock around the window: the one strategy of all locks that are taken before the load and let
//! go after the store. A lock's own file says how.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::{Reading, read_twice};
use crate::harness::body::segments::Body;
use crate::harness::counters::WorkerStats;
use crate::harness::probe::Acquired;
use crate::harness::probe::Probe;
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};

/// One wait of so many is timed: a clock costs 25 ns, a contended hand-over by spinning 50.
const TIMED_ONE_IN: u64 = 64;

/// A lock that one worker has at a time.
pub trait Exclusive<M: Machine>: Send + Sync {
    /// What the lock keeps for each worker.
    type WorkerState: Send;

    /// Called once per worker, before the attempt.
    fn seat(&self, index: usize) -> Self::WorkerState;

    /// Does `inside` while it has the lock, telling it how that was got. An `Err` ends the attempt,
    /// and the lock with it.
    fn hold(
        &self,
        contest: &mut Acquisition<'_, M>,
        seat: &mut Self::WorkerState,
        inside: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted>;

    /// Does `inside`, which only reads, while nobody writes: here, while nobody else has the lock.
    /// A lock that lets readers try does it once for each try, and only the last one counts.
    #[inline(always)]
    fn share(
        &self,
        contest: &mut Acquisition<'_, M>,
        seat: &mut Self::WorkerState,
        mut inside: impl FnMut() -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        self.hold(contest, seat, |_| inside())
    }
}

/// A worker's machine and accounts, as a lock may use them while it is taken.
#[derive(Debug)]
pub struct Acquisition<'w, M> {
    /// What the worker runs on.
    pub machine: &'w M,
    tally: &'w mut WorkerStats,
    waited: bool,
    eye: ProbeMode,
}

/// Whether somebody keeps account of how the lock was got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProbeMode {
    Open,
    Shut,
}

impl<'w, M: Machine> Acquisition<'w, M> {
    /// A worker's, while it takes the lock.
    #[inline]
    pub fn new(machine: &'w M, tally: &'w mut WorkerStats) -> Self {
        Self { machine, tally, waited: false, eye: ProbeMode::Shut }
    }

    /// The same of a body that is watched.
    #[inline]
    fn watched(machine: &'w M, tally: &'w mut WorkerStats) -> Self {
        Self { eye: ProbeMode::Open, ..Self::new(machine, tally) }
    }

    /// Takes a lock of others' making. Only while watched it is tried first, to know whether one
    /// had to wait: that costs a further atomic operation, which would change how such locks
    /// contend. The lab's own know without.
    #[inline(always)]
    pub fn take<G>(
        &mut self,
        try_lock: impl FnOnce() -> Option<G>,
        lock: impl FnOnce() -> G,
    ) -> Result<G, Aborted> {
        match self.eye {
            ProbeMode::Shut => Ok(lock()),
            ProbeMode::Open => match try_lock() {
                Some(guard) => Ok(guard),
                None => self.wait(|_| Ok(lock())),
            },
        }
    }

    /// How the lock was got, where it keeps no order.
    #[inline]
    pub fn got(&self) -> Acquired {
        Acquired { ticket: None, waited: self.waited }
    }

    /// How the lock was got, where it serves in the order of such tickets.
    #[inline]
    pub fn got_by(&self, ticket: u64) -> Acquired {
        Acquired { ticket: Some(ticket), waited: self.waited }
    }

    /// Counts an acquisition that had to wait, and times some of them.
    #[cold]
    pub fn wait<T>(&mut self, wait: impl FnOnce(&M) -> Result<T, Aborted>) -> Result<T, Aborted> {
        let timed = self.tally.switches_voluntary.is_multiple_of(TIMED_ONE_IN);
        let start_ns = if timed { self.machine.now_ns() } else { 0 };
        let waited = wait(self.machine)?;
        self.tally.switches_voluntary += 1;
        self.waited = true;
        if timed {
            self.tally.waits.record(self.machine.now_ns() - start_ns);
        }
        Ok(waited)
    }
}

/// The strategy that holds such a lock from load to store.
#[derive(Debug)]
pub struct Locked<L>(pub L);

impl<M: Machine, L: Exclusive<M>> Strategy<M> for Locked<L> {
    type Local = L::WorkerState;
    const CAN_BE_WATCHED: bool = true;

    fn local(&self, seat: WorkerId) -> L::WorkerState {
        self.0.seat(seat.index)
    }

    #[inline(always)]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, L::WorkerState>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let mut contest = Acquisition::new(machine, &mut worker.tally);
        self.0.hold(&mut contest, &mut worker.local, |_| {
            let seen = shared.counter().load(Relaxed);
            body.window(machine, shared)?;
            shared.counter().store(seen + 1, Relaxed);
            Ok(())
        })?;
        body.after(machine, shared)
    }

    #[inline(always)]
    fn watched(
        &self,
        worker: &mut Worker<'_, M, L::WorkerState>,
        shared: &Shared<M>,
        body: Body<'_>,
        watch: &mut Probe<'_>,
    ) -> Result<(), Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let sampled = watch.arrive(machine, shared);
        let mut contest = Acquisition::watched(machine, &mut worker.tally);
        self.0.hold(&mut contest, &mut worker.local, |got| {
            let seen = shared.counter().load(Relaxed);
            watch.enter(machine, shared, seen, got, sampled);
            body.window(machine, shared)?;
            watch.leave(machine, shared, seen, sampled);
            shared.counter().store(seen + 1, Relaxed);
            Ok(())
        })?;
        body.after(machine, shared)
    }

    #[inline(always)]
    fn read(
        &self,
        worker: &mut Worker<'_, M, L::WorkerState>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let mut contest = Acquisition::new(machine, &mut worker.tally);
        let mut reading = Reading::Whole;
        self.0.share(&mut contest, &mut worker.local, || {
            reading = read_twice(machine, shared, body)?;
            Ok(())
        })?;
        body.after(machine, shared)?;
        Ok(reading)
    }
}
