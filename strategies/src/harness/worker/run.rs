//! The one loop that runs every strategy: a worker's whole part in an attempt.
//!
//! Tasks off a queue, bodies beside others' requests, requests, or bodies for a time
//! ([`crate::harness::worker::timed`]). A [`WorkerLoop`] has a place at each lock: mostly there is one, and all bodies are
//! the same, and then the hot loop is the strategy's own. Nothing in the loops allocates or logs.

use crate::harness::body::compile::Code;
use crate::harness::strategy::Strategy;
use crate::harness::worker::site::{Probing, WorkerSite};
use crate::harness::worker::timed::increment_for;
use crate::harness::worker::worker_loop::WorkerLoop;
use crate::machine::{Aborted, Machine};
use crate::program::workload::{Io, Request, Service};

/// When a worker's first and last steps were, on the machine's clock; `None` if it got no task.
pub type Span = Option<(u64, u64)>;

/// What a worker does in an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes tasks until the queue is empty.
    Tasks,
    /// Increments for so many nanoseconds.
    Timed {
        /// From the first worker's start on.
        duration_ns: u64,
    },
    /// Increments for as long as somebody makes requests.
    Background,
    /// Makes requests and nothing else.
    Requests(Service),
}

impl Role {
    /// The role of worker `index` among `workers`; those that make requests are the last ones.
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
    /// The worker's whole part in an attempt.
    ///
    /// The span is taken with the lock in hand, where a strategy has one: a worker that waits for
    /// its first turn has not begun.
    pub fn run(&mut self, code: &Code, role: Role) -> Result<Span, Aborted> {
        for place in &mut self.places {
            place.site.strategy.enter(&mut place.worker)?;
        }
        let first_ns = self.machine.now_ns();
        let did_something = match role {
            Role::Tasks => self.take_tasks(code)?,
            Role::Timed { duration_ns } => increment_for(self, code, duration_ns)?,
            Role::Background => self.keep_busy(code)?,
            Role::Requests(service) => self.make_requests(code, service)?,
        };
        let span = did_something.then(|| (first_ns, self.machine.now_ns()));
        for place in &mut self.places {
            place.site.strategy.leave(&mut place.worker)?;
        }
        Ok(span)
    }

    /// Tasks until the queue is empty; `false` if there was none.
    fn take_tasks(&mut self, code: &Code) -> Result<bool, Aborted> {
        let mut calls = RequestSchedule::new(code.io);
        let mut took_any = false;
        while self.shared().claim(code.tasks) {
            self.run_task(code, &mut calls)?;
            took_any = true;
        }
        Ok(took_any)
    }

    /// Bodies until the last request is answered.
    fn keep_busy(&mut self, code: &Code) -> Result<bool, Aborted> {
        while self.shared().has_requests() {
            self.look_for_abort()?;
            self.bodies(code, code.chunk, Probing::Shut)?;
        }
        Ok(true)
    }

    fn make_requests(&mut self, code: &Code, service: Service) -> Result<bool, Aborted> {
        for _ in 0..service.requests {
            self.look_for_abort()?;
            self.home().request(service.request)?;
            let WorkerSite { site, worker, .. } = self.home();
            site.strategy.compute(worker, &code.handling)?;
        }
        self.shared().end_requests();
        Ok(true)
    }

    fn run_task(&mut self, code: &Code, calls: &mut RequestSchedule) -> Result<(), Aborted> {
        self.look_for_abort()?;
        let WorkerSite { site, worker, .. } = self.home();
        site.strategy.compute(worker, &code.lead)?;
        let mut left = code.increments;
        while left > 0 {
            self.look_for_abort()?;
            let chunk = left.min(code.chunk).min(calls.bodies_left);
            self.bodies(code, chunk, Probing::Shut)?;
            left -= chunk;
            if let Some(due) = calls.due_after(chunk) {
                self.home().request(due)?;
            }
        }
        let WorkerSite { site, worker, .. } = self.home();
        site.strategy.compute(worker, &code.tail)?;
        worker.tally.tasks += 1;
        Ok(())
    }
}

/// When a worker's next request is due.
struct RequestSchedule {
    io: Option<Io>,
    bodies_left: u64,
}

impl RequestSchedule {
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
