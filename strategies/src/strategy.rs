//! The strategy trait, and the one hot loop that runs every strategy.
//!
//! A GIL is not a critical section: it is held for a worker's whole turn at the queue, given up
//! between steps and around blocking calls. So a strategy is asked to do each thing that a task
//! does, and overrides only what differs from no lock at all. All of it is generic: a strategy and
//! its machine are known when the loop is compiled, and nothing in it allocates or logs.

use std::sync::atomic::Ordering::Relaxed;

use crate::body::{Body, Code, Ordinary};
use crate::machine::{Aborted, Call, Machine, Word};
use crate::semaphore::Semaphore;
use crate::tally::Tally;
use crate::workload::{Io, Request, Service};

/// Who a worker is, as its strategy may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
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
    pub tally: Tally,
}

/// What all workers of an attempt share: the counter, the queue, the program's own lock and how many
/// still make requests, each on cache lines of its own (two each, since processors fetch lines in
/// pairs).
pub struct Shared<M: Machine> {
    counter: OwnLine<M::Word>,
    next_task: OwnLine<M::Word>,
    lock: OwnLine<Semaphore<M>>,
    requesting: OwnLine<M::Word>,
}

#[derive(Debug)]
#[repr(align(128))]
struct OwnLine<T>(T);

impl<M: Machine> Shared<M> {
    /// A counter at 0, a queue with every task in it, a free lock, and all the requests still to make.
    pub fn new(machine: &M, code: &Code) -> Self {
        let requesting = code.service.map_or(0, |service| service.workers);
        Self {
            counter: OwnLine(machine.word(0)),
            next_task: OwnLine(machine.word(0)),
            lock: OwnLine(Semaphore::new(machine)),
            requesting: OwnLine(machine.word(requesting as u64)),
        }
    }

    /// The counter. Every strategy reads and writes it relaxed: the same instructions with and
    /// without a lock, and no undefined behaviour where there is none.
    #[inline]
    pub fn counter(&self) -> &M::Word {
        &self.counter.0
    }

    /// The program's own lock, which a body may take around its window.
    #[inline]
    pub(crate) fn lock(&self) -> &Semaphore<M> {
        &self.lock.0
    }

    /// Takes the next task off the queue; `false` once all `tasks` are taken.
    fn claim(&self, tasks: u64) -> bool {
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

/// When a worker's first and last steps were, on the machine's clock; `None` if it got no task.
pub type Span = Option<(u64, u64)>;

/// A way of sharing the counter among workers.
pub trait Strategy<M: Machine>: Send + Sync {
    /// What the strategy keeps per worker and attempt.
    type Local: Send;

    /// Called once per worker, before the attempt.
    fn local(&self, seat: Seat) -> Self::Local;

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

    /// One body that only reads: it looks at the counter twice, where an increment loads and where it
    /// stores, and does the rest as an increment does. Here without any lock.
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

/// What a worker does in an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes tasks until the queue is empty.
    Tasks,
    /// Increments for as long as somebody makes requests.
    Background,
    /// Makes requests and nothing else.
    Requests(Service),
}

impl Role {
    /// The role of worker `index` among `workers`; those that make requests are the last ones.
    pub fn of(index: usize, workers: usize, code: &Code) -> Self {
        match code.service {
            None => Self::Tasks,
            Some(service) if index + service.workers >= workers => Self::Requests(service),
            Some(_) => Self::Background,
        }
    }
}

/// A worker's whole part in an attempt.
///
/// The span is taken with the lock in hand, where a strategy has one: a worker that waits for its
/// first turn has not begun.
pub fn run_worker<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    shared: &Shared<M>,
    code: &Code,
    role: Role,
) -> Result<Span, Aborted> {
    strategy.enter(worker)?;
    let first_ns = worker.machine.now_ns();
    let did_something = match role {
        Role::Tasks => take_tasks(strategy, worker, shared, code)?,
        Role::Background => keep_busy(strategy, worker, shared, code)?,
        Role::Requests(service) => make_requests(strategy, worker, shared, code, service)?,
    };
    let span = did_something.then(|| (first_ns, worker.machine.now_ns()));
    strategy.leave(worker)?;
    Ok(span)
}

/// Tasks until the queue is empty; `false` if there was none.
fn take_tasks<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    shared: &Shared<M>,
    code: &Code,
) -> Result<bool, Aborted> {
    let mut calls = Calls::new(code.io);
    while shared.claim(code.tasks) {
        run_task(strategy, worker, shared, code, &mut calls)?;
    }
    Ok(worker.tally.tasks > 0)
}

/// Bodies until the last request is answered.
fn keep_busy<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    shared: &Shared<M>,
    code: &Code,
) -> Result<bool, Aborted> {
    // Relaxed: the count carries no data, and seeing the end late costs one chunk.
    while shared.requesting.0.load(Relaxed) > 0 {
        if worker.machine.aborted() {
            return Err(Aborted);
        }
        run_chunk(strategy, worker, shared, code.body(), code.chunk)?;
    }
    Ok(true)
}

fn make_requests<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    shared: &Shared<M>,
    code: &Code,
    service: Service,
) -> Result<bool, Aborted> {
    for _ in 0..service.requests {
        if worker.machine.aborted() {
            return Err(Aborted);
        }
        request(strategy, worker, service.request)?;
        strategy.compute(worker, &code.handling)?;
    }
    shared.requesting.0.fetch_sub(1, Relaxed);
    Ok(true)
}

/// One request, timed as the program sees it: from before its first call until it goes on.
fn request<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    request: Request,
) -> Result<(), Aborted> {
    let start_ns = worker.machine.now_ns();
    for call in request.calls() {
        strategy.call(worker, call)?;
    }
    worker.tally.requests += 1;
    worker.tally.latencies.record(worker.machine.now_ns() - start_ns);
    Ok(())
}

fn run_task<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    shared: &Shared<M>,
    code: &Code,
    calls: &mut Calls,
) -> Result<(), Aborted> {
    if worker.machine.aborted() {
        return Err(Aborted);
    }
    strategy.compute(worker, &code.lead)?;
    let mut left = code.increments;
    while left > 0 {
        if worker.machine.aborted() {
            return Err(Aborted);
        }
        let chunk = left.min(code.chunk).min(calls.bodies_left);
        run_chunk(strategy, worker, shared, code.body(), chunk)?;
        left -= chunk;
        if let Some(due) = calls.due_after(chunk) {
            request(strategy, worker, due)?;
        }
    }
    strategy.compute(worker, &code.tail)?;
    worker.tally.tasks += 1;
    Ok(())
}

/// The hot loop: bodies between two looks at the abort flag.
fn run_chunk<M: Machine, S: Strategy<M>>(
    strategy: &S,
    worker: &mut Worker<'_, M, S::Local>,
    shared: &Shared<M>,
    body: Body<'_>,
    bodies: u64,
) -> Result<(), Aborted> {
    match body.as_weightless() {
        Some(body) => strategy.increments(worker, shared, body, bodies)?,
        None => strategy.increments(worker, shared, body, bodies)?,
    }
    worker.tally.increments += bodies;
    Ok(())
}

/// When a worker's next request is due.
struct Calls {
    io: Option<Io>,
    bodies_left: u64,
}

impl Calls {
    fn new(io: Option<Io>) -> Self {
        Self { io, bodies_left: io.map_or(u64::MAX, |io| io.every) }
    }

    /// Counts bodies done; the request that is due now, if one is.
    fn due_after(&mut self, bodies: u64) -> Option<Request> {
        let io = self.io?;
        self.bodies_left -= bodies;
        if self.bodies_left > 0 {
            return None;
        }
        self.bodies_left = io.every;
        Some(io.request)
    }
}
