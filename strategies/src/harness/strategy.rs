//! Strategy trait: how workers share the counter. [`crate::harness::worker::run`] is the loop that
//! runs it.
//!
//! A GIL is not a critical section: a worker holds it from its first task to its last, and releases
//! it between steps and around blocking calls. So the trait has a method for each thing that a task
//! does, and a strategy overrides those that differ from having no lock. Everything is generic: the
//! strategy and its machine are known when the loop is compiled, and nothing here allocates or
//! logs.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::{Reading, read_twice};
use crate::harness::body::compile::Ordinary;
use crate::harness::body::segments::Body;
use crate::harness::counters::WorkerStats;
use crate::harness::probe::Probe;
use crate::harness::shared::Shared;
use crate::machine::{Aborted, Call, Machine, Word};

/// Identity of a worker within an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerId {
    /// From 0 to the number of workers less one.
    pub index: usize,
    /// The attempt's seed: the same for all its workers, different in each attempt.
    pub seed: u64,
}

/// A running worker: its machine, its strategy's state and its counters.
#[derive(Debug)]
pub struct Worker<'m, M, L> {
    /// The machine on which the worker runs.
    pub machine: &'m M,
    /// The strategy's state for this worker.
    pub local: L,
    /// The worker's counters.
    pub stats: WorkerStats,
}

/// A way of sharing the counter among workers.
pub trait Strategy<M: Machine>: Send + Sync {
    /// The strategy's state for one worker in one attempt.
    type Local: Send;

    /// Whether [`Strategy::increment_probed`] records anything.
    const CAN_BE_PROBED: bool = false;

    /// Creates a worker's state; called once per worker, before the attempt.
    fn local(&self, id: WorkerId) -> Self::Local;

    /// Runs before the worker's first task.
    #[inline]
    fn enter(&self, _worker: &mut Worker<'_, M, Self::Local>) -> Result<(), Aborted> {
        Ok(())
    }

    /// Runs a task's steps outside its bodies.
    #[inline]
    fn compute(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        code: &Ordinary,
    ) -> Result<(), Aborted> {
        worker.machine.work(code.work);
        Ok(())
    }

    /// Runs one body that adds one to the counter, or tries to.
    fn increment(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted>;

    /// Runs one body that only reads: it loads the counter where an increment loads and again where
    /// an increment stores, and does the rest as an increment does. The default takes no lock.
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

    /// Runs a number of increments in a row. A strategy overrides it only if it can decide for
    /// several bodies at once.
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

    /// Runs one body as [`Strategy::increment`] does, and records it in `probe`.
    #[inline(always)]
    fn increment_probed(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
        _probe: &mut Probe<'_>,
    ) -> Result<(), Aborted> {
        self.increment(worker, shared, body)
    }

    /// Calls into the operating system, outside bodies.
    #[inline]
    fn call(&self, worker: &mut Worker<'_, M, Self::Local>, call: Call) -> Result<(), Aborted> {
        worker.machine.call(call)
    }

    /// Runs after the worker's last task.
    #[inline]
    fn leave(&self, _worker: &mut Worker<'_, M, Self::Local>) -> Result<(), Aborted> {
        Ok(())
    }

    /// The counter's value once every worker has left.
    fn total(&self, shared: &Shared<M>) -> u64 {
        shared.counter().load(Relaxed)
    }
}
