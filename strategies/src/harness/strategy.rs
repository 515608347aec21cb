//! The strategy trait, and what the workers of an attempt share. [`crate::harness::worker::run`] is the loop that
//! runs it.
//!
//! A GIL is not a critical section: it is held for a worker's whole turn at the queue, given up
//! between steps and around blocking calls. So a strategy is asked to do each thing that a task
//! does, and overrides only what differs from no lock at all. All of it is generic: a strategy and
//! its machine are known when the loop is compiled, and nothing here allocates or logs.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::{Reading, read_twice};
use crate::harness::body::compile::Ordinary;
use crate::harness::body::segments::Body;
use crate::harness::counters::WorkerStats;
use crate::harness::probe::Probe;
use crate::harness::shared::Shared;
use crate::machine::{Aborted, Call, Machine, Word};

/// Who a worker is, as its strategy may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerId {
    /// From 0 up to the number of workers less one.
    pub index: usize,
    /// The attempt's seed: the same for all its workers, another in each attempt.
    pub seed: u64,
}

/// A worker at work: its machine, what its strategy keeps for it, and what it counts.
#[derive(Debug)]
pub struct Worker<'m, M, L> {
    /// What the worker runs on.
    pub machine: &'m M,
    /// What the strategy keeps for this worker.
    pub local: L,
    /// What the worker counts.
    pub tally: WorkerStats,
}

/// A way of sharing the counter among workers.
pub trait Strategy<M: Machine>: Send + Sync {
    /// What the strategy keeps per worker and attempt.
    type Local: Send;

    /// Whether [`Strategy::watched`] sees anything.
    const CAN_BE_WATCHED: bool = false;

    /// Called once per worker, before the attempt.
    fn local(&self, seat: WorkerId) -> Self::Local;

    /// Before the worker's first task.
    #[inline]
    fn enter(&self, _worker: &mut Worker<'_, M, Self::Local>) -> Result<(), Aborted> {
        Ok(())
    }

    /// A task's steps outside its bodies.
    #[inline]
    fn compute(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        code: &Ordinary,
    ) -> Result<(), Aborted> {
        worker.machine.work(code.work);
        Ok(())
    }

    /// One body: adds one to the counter, or tries to.
    fn increment(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted>;

    /// One body that only reads: it looks at the counter twice, where an increment loads and where
    /// it stores, and does the rest as an increment does. Here without any lock.
    #[inline(always)]
    fn read(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        body.before(worker.machine, shared)?;
        let reading = read_twice(worker.machine, shared, body)?;
        body.after(worker.machine, shared)?;
        Ok(reading)
    }

    /// So many bodies in a row. Only a strategy that knows more about a row than about each body
    /// has a reason to override it.
    #[inline(always)]
    fn increments(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
        bodies: u64,
    ) -> Result<(), Aborted> {
        for _ in 0..bodies {
            self.increment(worker, shared, body)?;
        }
        Ok(())
    }

    /// One body like [`Strategy::increment`], of which `watch` keeps account.
    #[inline(always)]
    fn watched(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
        _watch: &mut Probe<'_>,
    ) -> Result<(), Aborted> {
        self.increment(worker, shared, body)
    }

    /// A call into the operating system, outside bodies.
    #[inline]
    fn call(&self, worker: &mut Worker<'_, M, Self::Local>, call: Call) -> Result<(), Aborted> {
        worker.machine.call(call)
    }

    /// After the worker's last task.
    #[inline]
    fn leave(&self, _worker: &mut Worker<'_, M, Self::Local>) -> Result<(), Aborted> {
        Ok(())
    }

    /// The counter's value once every worker has left.
    fn total(&self, shared: &Shared<M>) -> u64 {
        shared.counter().load(Relaxed)
    }
}
