//! State of one worker during an attempt, and the dispatch of its bodies to the locks that they
//! take. [`crate::harness::worker::run`] decides how many bodies there are.

use std::time::Duration;

use crate::harness::body::compile::Code;
use crate::harness::body::sampling::{BodySampler, Operation};
use crate::harness::counters::WorkerStats;
use crate::harness::probe::ProbeState;
use crate::harness::rng::SplitMix64;
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::harness::worker::site::{LockInstance, Probing, WorkerSite};
use crate::harness::worker::timeline::Timeline;
use crate::machine::{Aborted, Call, Machine};

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
    pub(crate) places: Vec<WorkerSite<'a, M, S>>,
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
    pub(crate) fn home(&mut self) -> &mut WorkerSite<'a, M, S> {
        &mut self.places[0]
    }

    /// What all workers share of the first site.
    pub(crate) fn shared(&self) -> &'a Shared<M> {
        &self.places[0].site.shared
    }

    pub(crate) fn look_for_abort(&self) -> Result<(), Aborted> {
        if self.machine.aborted() { Err(Aborted) } else { Ok(()) }
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
    pub(crate) fn sleep(&mut self, duration: Duration) -> Result<(), Aborted> {
        let WorkerSite { site, worker, .. } = self.home();
        site.strategy.call(worker, Call::Sleep(duration))
    }
}
