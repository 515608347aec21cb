//! The strategy trait, and what the workers of an attempt share. [`crate::harness::worker::tasks`] is the loop that
//! runs it.
//!
//! A GIL is not a critical section: it is held for a worker's whole turn at the queue, given up
//! between steps and around blocking calls. So a strategy is asked to do each thing that a task
//! does, and overrides only what differs from no lock at all. All of it is generic: a strategy and
//! its machine are known when the loop is compiled, and nothing here allocates or logs.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::body::compile::{Body, Code, Ordinary};
use crate::harness::counters::WorkerStats;
use crate::harness::probe::{Probe, ProbeWords};
use crate::machine::semaphore::Semaphore;
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

/// What all workers of an attempt share: the counter, the queue, the program's own lock and how
/// many still make requests, each on cache lines of its own (two each, since processors fetch lines
/// in pairs).
pub struct Shared<M: Machine> {
    data: CachePadded<Data<M>>,
    next_task: CachePadded<M::Word>,
    lock: CachePadded<Semaphore<M>>,
    requesting: CachePadded<M::Word>,
    origin_ns: CachePadded<M::Word>,
    begun: CachePadded<M::Word>,
}

/// What a holder touches: all of it on the counter's line, none of it on the lock's.
struct Data<M: Machine> {
    counter: M::Word,
    ledger: ProbeWords<M>,
}

#[derive(Debug)]
#[repr(align(128))]
struct CachePadded<T>(T);

impl<M: Machine> Shared<M> {
    /// A counter at 0, a queue with every task in it, a free lock, and all the requests still to
    /// make.
    pub fn new(machine: &M, code: &Code) -> Self {
        let requesting = code.service.map_or(0, |service| service.workers);
        Self {
            data: CachePadded(Data { counter: machine.word(0), ledger: ProbeWords::new(machine) }),
            next_task: CachePadded(machine.word(0)),
            lock: CachePadded(Semaphore::new(machine)),
            requesting: CachePadded(machine.word(requesting as u64)),
            origin_ns: CachePadded(machine.word(0)),
            begun: CachePadded(machine.word(0)),
        }
    }

    /// The counter. Every strategy reads and writes it relaxed: the same instructions with and
    /// without a lock, and no undefined behaviour where there is none.
    #[inline]
    pub fn counter(&self) -> &M::Word {
        &self.data.0.counter
    }

    /// The program's own lock, which a body may take around its window.
    #[inline]
    pub(crate) fn lock(&self) -> &Semaphore<M> {
        &self.lock.0
    }

    /// What watching holders note beside the counter.
    #[inline]
    pub(crate) fn ledger(&self) -> &ProbeWords<M> {
        &self.data.0.ledger
    }

    /// When the time started, which is now if nobody has said so yet; on the machine's clock.
    pub(crate) fn origin_ns(&self, now_ns: u64) -> u64 {
        let first = self.origin_ns.0.compare_exchange(0, now_ns.max(1), Relaxed, Relaxed);
        first.map_or_else(|origin| origin, |_| now_ns.max(1))
    }

    /// One more worker has done something.
    pub(crate) fn begin(&self) {
        self.begun.0.fetch_add(1, Relaxed);
    }

    /// How many have.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.0.load(Relaxed)
    }

    /// Whether somebody still makes requests. Relaxed: the count carries no data, and seeing the
    /// end late costs one chunk.
    pub(crate) fn has_requests(&self) -> bool {
        self.requesting.0.load(Relaxed) > 0
    }

    /// One of those who make requests is done.
    pub(crate) fn end_requests(&self) {
        self.requesting.0.fetch_sub(1, Relaxed);
    }

    /// Takes the next task off the queue; `false` once all `tasks` are taken.
    pub(crate) fn claim(&self, tasks: u64) -> bool {
        self.next_task.0.fetch_add(1, Relaxed) < tasks
    }
}

/// What a body that only reads saw of the counter in its two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// One value: nobody stored in between.
    Whole,
    /// Two: somebody did.
    Torn,
}

impl Reading {
    /// Of a first and a second look.
    #[inline]
    pub fn of(first: u64, second: u64) -> Self {
        if first == second { Self::Whole } else { Self::Torn }
    }
}

/// The inside of a body that only reads: a load, the window, and a load where the store would be.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
pub(crate) fn look_twice<M: Machine>(
    machine: &M,
    shared: &Shared<M>,
    body: Body<'_>,
) -> Result<Reading, Aborted> {
    let seen = shared.counter().load(Relaxed);
    body.window(machine, shared)?;
    Ok(Reading::of(seen, shared.counter().load(Relaxed)))
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
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn read(
        &self,
        worker: &mut Worker<'_, M, Self::Local>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        body.before(worker.machine, shared)?;
        let reading = look_twice(worker.machine, shared, body)?;
        body.after(worker.machine, shared)?;
        Ok(reading)
    }

    /// So many bodies in a row. Only a strategy that knows more about a row than about each body
    /// has a reason to override it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
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
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
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
