//! The one loop that runs every strategy: a worker's whole part in an attempt.
//!
//! Tasks off a queue, bodies beside others' requests, requests, or bodies for a time
//! ([`crate::harness::worker::timed`]). A [`WorkerLoop`] has a place at each lock: mostly there is one, and all bodies are
//! the same, and then the hot loop is the strategy's own. Nothing in the loops allocates or logs.

use crate::harness::body::compile::Code;
use crate::harness::body::sampling::{BodySampler, Operation};
use crate::harness::counters::WorkerStats;
use crate::harness::probe::ProbeState;
use crate::harness::rng::SplitMix64;
use crate::harness::strategy::{Shared, Strategy, Worker, WorkerId};
use crate::harness::worker::site::{LockInstance, Probing, WorkerSite};
use crate::harness::worker::timed::{Timeline, increment_for};
use crate::machine::{Aborted, Machine};
use crate::program::workload::{Io, Request, Service};

/// When a worker's first and last steps were, on the machine's clock; `None` if it got no task.
pub type Span = Option<(u64, u64)>;

/// What a worker brings to an attempt, made before it begins.
#[derive(Debug)]
pub struct WorkerSetup<L> {
    seat: WorkerId,
    workers: usize,
    locals: Vec<L>,
    mix: Option<BodySampler>,
    timeline: Option<Timeline>,
}

impl<L> WorkerSetup<L> {
    /// The kit of a worker among `workers`, which finds these sites.
    pub fn new<M, S>(
        machine: &M,
        sites: &[LockInstance<M, S>],
        code: &Code,
        seat: WorkerId,
        workers: usize,
    ) -> Self
    where
        M: Machine,
        S: Strategy<M, Local = L>,
    {
        Self {
            seat,
            workers,
            locals: sites.iter().map(|site| site.strategy.local(seat)).collect(),
            mix: BodySampler::of(code, seat.seed, seat.index, machine),
            timeline: code.duration_ns.map(Timeline::new),
        }
    }
}

/// A worker with a place at each site.
pub struct WorkerLoop<'a, M: Machine, S: Strategy<M>> {
    pub(crate) machine: &'a M,
    pub(crate) workers: usize,
    places: Vec<WorkerSite<'a, M, S>>,
    mix: Option<BodySampler>,
    pub(crate) arrivals: SplitMix64,
    pub(crate) timeline: Option<Timeline>,
    /// When the work of the next body arrived, where bodies arrive by themselves.
    due_ns: Option<u64>,
}

/// What a worker takes home.
#[derive(Debug)]
pub struct WorkerOutput {
    /// What it counted at all its places.
    pub tally: WorkerStats,
    /// What it did when, if it worked for a time.
    pub timeline: Option<Timeline>,
}

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

impl<'a, M: Machine, S: Strategy<M>> WorkerLoop<'a, M, S> {
    /// Takes its places. A kit has a local for each site.
    pub fn new(
        machine: &'a M,
        sites: &'a [LockInstance<M, S>],
        kit: WorkerSetup<S::Local>,
    ) -> Self {
        let WorkerSetup { seat, workers, locals, mix, timeline } = kit;
        let place = |(site, local)| WorkerSite {
            site,
            worker: Worker { machine, local, tally: WorkerStats::default() },
            account: ProbeState::new(seat.seed, seat.index, workers),
        };
        let places = sites.iter().zip(locals).map(place).collect();
        let arrivals = SplitMix64::of(&[seat.seed, seat.index as u64, workers as u64]);
        Self { machine, workers, places, mix, arrivals, timeline, due_ns: None }
    }

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

    /// What it counted.
    pub fn into_yield(self) -> WorkerOutput {
        let mut sum = WorkerStats::default();
        for place in self.places {
            let WorkerSite { worker: Worker { mut tally, .. }, account, .. } = place;
            account.into_tally(&mut tally);
            sum.merge(&tally);
        }
        WorkerOutput { tally: sum, timeline: self.timeline }
    }

    /// The place where tasks are taken and requests are made.
    fn home(&mut self) -> &mut WorkerSite<'a, M, S> {
        &mut self.places[0]
    }

    /// What all workers share of the first site.
    pub(crate) fn shared(&self) -> &'a Shared<M> {
        &self.places[0].site.shared
    }

    pub(crate) fn look_for_abort(&self) -> Result<(), Aborted> {
        if self.machine.aborted() { Err(Aborted) } else { Ok(()) }
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

    /// So many bodies, between two looks at the abort flag.
    pub(crate) fn bodies(&mut self, code: &Code, bodies: u64, eye: Probing) -> Result<(), Aborted> {
        if self.mix.is_some() {
            return self.drawn_bodies(code, bodies, eye);
        }
        match eye {
            Probing::Shut => self.home().plain(code.body(), bodies),
            Probing::Open => {
                let due_ns = self.due_ns.take();
                self.home().watched(code.body(), bodies, due_ns)
            }
            Probing::Sampling => self.home().sampled(code.body(), bodies),
        }
    }

    fn drawn_bodies(&mut self, code: &Code, bodies: u64, eye: Probing) -> Result<(), Aborted> {
        let Some(mix) = &mut self.mix else { return Ok(()) };
        for _ in 0..bodies {
            let drawn = mix.draw(code.body());
            let place = &mut self.places[drawn.lock];
            match (drawn.deed, eye) {
                (Operation::Read, _) => place.read(drawn.body, self.due_ns.take())?,
                (Operation::Increment, Probing::Shut) => place.plain(drawn.body, 1)?,
                (Operation::Increment, Probing::Open | Probing::Sampling) => {
                    place.watched(drawn.body, 1, self.due_ns.take())?;
                }
            }
        }
        Ok(())
    }

    /// Has the wait of the next body counted from `due_ns`.
    pub(crate) fn arrived(&mut self, due_ns: u64) {
        self.due_ns = Some(due_ns);
    }

    /// An arrival that nobody begins with any more has waited for so long at least.
    pub(crate) fn note_unserved(&mut self, waited_ns: u64) {
        self.home().worker.tally.unserved += 1;
        self.note_response(waited_ns);
    }

    /// Counts a wait where the strategy cannot be watched: until the body was done.
    pub(crate) fn note_response(&mut self, waited_ns: u64) {
        self.home().account.note(waited_ns);
    }

    /// Sleeps outside the lock, if the strategy has one that is kept between bodies.
    pub(crate) fn sleep(&mut self, duration: std::time::Duration) -> Result<(), Aborted> {
        let WorkerSite { site, worker, .. } = self.home();
        site.strategy.call(worker, crate::machine::Call::Sleep(duration))
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
