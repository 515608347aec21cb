//! Lock around the window: the strategy of every lock that is acquired before the load and released
//! after the store. Each lock's own file implements [`Exclusive`].

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::{Reading, read_twice};
use crate::harness::body::segments::Body;
use crate::harness::counters::WorkerStats;
use crate::harness::probe::Acquired;
use crate::harness::probe::Probe;
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};

/// One wait in this many is timed: reading a clock costs 25 ns, a contended hand-over by spinning
/// 50.
const TIMED_ONE_IN: u64 = 64;

/// A lock that one worker holds at a time.
pub trait Exclusive<M: Machine>: Send + Sync {
    /// The lock's state for one worker.
    type WorkerState: Send;

    /// Creates the state of worker `index`; called once per worker, before the attempt.
    fn worker_state(&self, index: usize) -> Self::WorkerState;

    /// Runs `section` with the lock held, and passes it how the lock was acquired. An `Err` ends
    /// the attempt, and the lock with it.
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        state: &mut Self::WorkerState,
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted>;

    /// Runs `section`, which only reads, while no worker writes. The default holds the lock. A lock
    /// whose readers retry runs the section once per try, and only the last one counts.
    #[inline(always)]
    fn with_read_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        state: &mut Self::WorkerState,
        mut section: impl FnMut() -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        self.with_lock(acquisition, state, |_| section())
    }
}

/// One acquisition: the worker's machine and counters, for use by the lock.
#[derive(Debug)]
pub struct Acquisition<'w, M> {
    /// The machine on which the worker runs.
    pub machine: &'w M,
    stats: &'w mut WorkerStats,
    waited: bool,
    probe: ProbeMode,
}

/// Whether the acquisition is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProbeMode {
    On,
    Off,
}

impl<'w, M: Machine> Acquisition<'w, M> {
    /// An acquisition that is not probed.
    #[inline]
    pub fn new(machine: &'w M, stats: &'w mut WorkerStats) -> Self {
        Self { machine, stats, waited: false, probe: ProbeMode::Off }
    }

    /// An acquisition that is probed.
    #[inline]
    fn probed(machine: &'w M, stats: &'w mut WorkerStats) -> Self {
        Self { probe: ProbeMode::On, ..Self::new(machine, stats) }
    }

    /// Acquires a library's lock. Only a probed acquisition tries it first, to learn whether it has
    /// to wait: that costs one more atomic operation, which would change how such a lock contends.
    /// The locks of this crate know it without.
    #[inline(always)]
    pub fn acquire<G>(
        &mut self,
        try_lock: impl FnOnce() -> Option<G>,
        lock: impl FnOnce() -> G,
    ) -> Result<G, Aborted> {
        match self.probe {
            ProbeMode::Off => Ok(lock()),
            ProbeMode::On => match try_lock() {
                Some(guard) => Ok(guard),
                None => self.wait(|_| Ok(lock())),
            },
        }
    }

    /// How the lock was acquired, for a lock that keeps no order.
    #[inline]
    pub fn acquired(&self) -> Acquired {
        Acquired { ticket: None, waited: self.waited }
    }

    /// How the lock was acquired, for a lock that serves in the order of tickets.
    #[inline]
    pub fn acquired_by(&self, ticket: u64) -> Acquired {
        Acquired { ticket: Some(ticket), waited: self.waited }
    }

    /// Waits, counts the acquisition as one that had to wait, and times some of the waits.
    #[cold]
    pub fn wait<T>(&mut self, wait: impl FnOnce(&M) -> Result<T, Aborted>) -> Result<T, Aborted> {
        let timed = self.stats.switches_voluntary.is_multiple_of(TIMED_ONE_IN);
        let start_ns = if timed { self.machine.now_ns() } else { 0 };
        let waited = wait(self.machine)?;
        self.stats.switches_voluntary += 1;
        self.waited = true;
        if timed {
            self.stats.waits.record(self.machine.now_ns() - start_ns);
        }
        Ok(waited)
    }
}

/// The strategy that holds such a lock from load to store.
#[derive(Debug)]
pub struct Locked<L>(pub L);

impl<M: Machine, L: Exclusive<M>> Strategy<M> for Locked<L> {
    type Local = L::WorkerState;
    const CAN_BE_PROBED: bool = true;

    fn local(&self, id: WorkerId) -> L::WorkerState {
        self.0.worker_state(id.index)
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
        let mut acquisition = Acquisition::new(machine, &mut worker.stats);
        self.0.with_lock(&mut acquisition, &mut worker.local, |_| {
            let seen = shared.counter().load(Relaxed);
            body.window(machine, shared)?;
            shared.counter().store(seen + 1, Relaxed);
            Ok(())
        })?;
        body.after(machine, shared)
    }

    #[inline(always)]
    fn increment_probed(
        &self,
        worker: &mut Worker<'_, M, L::WorkerState>,
        shared: &Shared<M>,
        body: Body<'_>,
        probe: &mut Probe<'_>,
    ) -> Result<(), Aborted> {
        let machine = worker.machine;
        body.before(machine, shared)?;
        let sampled = probe.before_lock(machine, shared);
        let mut acquisition = Acquisition::probed(machine, &mut worker.stats);
        self.0.with_lock(&mut acquisition, &mut worker.local, |acquired| {
            let seen = shared.counter().load(Relaxed);
            probe.after_load(machine, shared, seen, acquired, sampled);
            body.window(machine, shared)?;
            probe.before_store(machine, shared, seen, sampled);
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
        let mut acquisition = Acquisition::new(machine, &mut worker.stats);
        let mut reading = Reading::Whole;
        self.0.with_read_lock(&mut acquisition, &mut worker.local, || {
            reading = read_twice(machine, shared, body)?;
            Ok(())
        })?;
        body.after(machine, shared)?;
        Ok(reading)
    }
}
