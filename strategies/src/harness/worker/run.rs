//! Worker loop of every strategy: one worker's whole part in an attempt.
//!
//! A worker takes tasks off a queue, runs bodies while others make requests, makes requests, or
//! runs bodies for a fixed time ([`crate::harness::worker::timed`]). A [`WorkerLoop`] has a site at
//! each lock; usually there is one lock and all bodies are the same, and then the hot loop is the
//! strategy's own. Nothing in the loops allocates or logs.

use crate::harness::body::compile::Code;
use crate::harness::strategy::Strategy;
use crate::harness::worker::site::{Probing, WorkerSite};
use crate::harness::worker::timed::increment_for;
use crate::harness::worker::worker_loop::WorkerLoop;
use crate::machine::{Aborted, Machine};
use crate::program::workload::{Io, Request, Service};

/// Times of a worker's first and last step, on the machine's clock; `None` if it got no task.
pub type Span = Option<(u64, u64)>;

/// A worker's role in an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes tasks until the queue is empty.
    Tasks,
    /// Increments for a fixed time.
    Timed {
        /// Time in nanoseconds, from the first worker's start.
        duration_ns: u64,
    },
    /// Increments until the last request is answered.
    Background,
    /// Makes requests and nothing else.
    Requests(Service),
}

impl Role {
    /// The role of worker `index` among `workers`; the last ones make requests.
    pub fn of(index: usize, workers: usize, code: &Code) -> Self {
        match (code.service, code.duration_ns) {
            (None, None) => Self::Tasks,
            (None, Some(duration_ns)) => Self::Timed { duration_ns },
            (Some(service), _) if index + service.workers >= workers => Self::Requests(service),
            (Some(_), _) => Self::Background,
        }
    }
}

impl<M: Machine, S: Strategy<M>> WorkerLoop<'_, M, S> {
    /// Runs the worker's whole part in an attempt.
    ///
    /// The span is taken with the lock held, if the strategy has one: a worker that waits for its
    /// first turn has not begun.
    pub fn run(&mut self, code: &Code, role: Role) -> Result<Span, Aborted> {
        for site in &mut self.sites {
            site.lock.strategy.enter(&mut site.worker)?;
        }
        let first_ns = self.machine.now_ns();
        let has_worked = match role {
            Role::Tasks => self.take_tasks(code)?,
            Role::Timed { duration_ns } => increment_for(self, code, duration_ns)?,
            Role::Background => self.keep_busy(code)?,
            Role::Requests(service) => self.make_requests(code, service)?,
        };
        let span = has_worked.then(|| (first_ns, self.machine.now_ns()));
        for site in &mut self.sites {
            site.lock.strategy.leave(&mut site.worker)?;
        }
        Ok(span)
    }

    /// Runs tasks until the queue is empty; `false` if there was none.
    fn take_tasks(&mut self, code: &Code) -> Result<bool, Aborted> {
        let mut calls = RequestSchedule::new(code.io);
        let mut took_any = false;
        while self.shared().claim_task(code.tasks) {
            self.run_task(code, &mut calls)?;
            took_any = true;
        }
        Ok(took_any)
    }

    /// Runs bodies until the last request is answered.
    fn keep_busy(&mut self, code: &Code) -> Result<bool, Aborted> {
        while self.shared().has_requests() {
            self.check_abort()?;
            self.bodies(code, code.chunk, Probing::Off)?;
        }
        Ok(true)
    }

    fn make_requests(&mut self, code: &Code, service: Service) -> Result<bool, Aborted> {
        for _ in 0..service.requests {
            self.check_abort()?;
            self.primary().request(service.request)?;
            let WorkerSite { lock, worker, .. } = self.primary();
            lock.strategy.compute(worker, &code.handling)?;
        }
        self.shared().end_requests();
        Ok(true)
    }

    fn run_task(&mut self, code: &Code, calls: &mut RequestSchedule) -> Result<(), Aborted> {
        self.check_abort()?;
        let WorkerSite { lock, worker, .. } = self.primary();
        lock.strategy.compute(worker, &code.lead)?;
        let mut left = code.increments;
        while left > 0 {
            self.check_abort()?;
            let chunk = left.min(code.chunk).min(calls.bodies_left);
            self.bodies(code, chunk, Probing::Off)?;
            left -= chunk;
            if let Some(due) = calls.due_after(chunk) {
                self.primary().request(due)?;
            }
        }
        let WorkerSite { lock, worker, .. } = self.primary();
        lock.strategy.compute(worker, &code.tail)?;
        worker.stats.tasks += 1;
        Ok(())
    }
}

/// Schedule of a worker's requests between its bodies.
struct RequestSchedule {
    io: Option<Io>,
    bodies_left: u64,
}

impl RequestSchedule {
    fn new(io: Option<Io>) -> Self {
        Self { io, bodies_left: io.map_or(u64::MAX, |io| io.every) }
    }

    /// Counts bodies done, and returns the request that is due now, if any.
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
