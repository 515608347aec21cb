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

/// A worker's part of an attempt, prepared before the attempt begins.
#[derive(Debug)]
pub struct WorkerSetup<L> {
    id: WorkerId,
    workers: usize,
    locals: Vec<L>,
    sampler: Option<BodySampler>,
    timeline: Option<Timeline>,
}

impl<L> WorkerSetup<L> {
    /// The setup of worker `id` among `workers`, with a strategy's state for each of the locks.
    pub fn new<M, S>(
        machine: &M,
        locks: &[LockInstance<M, S>],
        code: &Code,
        id: WorkerId,
        workers: usize,
    ) -> Self
    where
        M: Machine,
        S: Strategy<M, Local = L>,
    {
        Self {
            id,
            workers,
            locals: locks.iter().map(|lock| lock.strategy.local(id)).collect(),
            sampler: BodySampler::of(code, id.seed, id.index, machine),
            timeline: code.duration_ns.map(Timeline::new),
        }
    }
}

/// A worker with its site at each lock.
pub struct WorkerLoop<'a, M: Machine, S: Strategy<M>> {
    pub(crate) machine: &'a M,
    pub(crate) workers: usize,
    pub(crate) sites: Vec<WorkerSite<'a, M, S>>,
    sampler: Option<BodySampler>,
    pub(crate) arrivals: SplitMix64,
    pub(crate) timeline: Option<Timeline>,
    /// Arrival of the next body, in an open loop.
    due_ns: Option<u64>,
}

/// Results of one worker.
#[derive(Debug)]
pub struct WorkerOutput {
    /// Counters of all its sites.
    pub stats: WorkerStats,
    /// Its bodies over time, if it worked for a fixed time.
    pub timeline: Option<Timeline>,
}

impl<'a, M: Machine, S: Strategy<M>> WorkerLoop<'a, M, S> {
    /// A worker at these locks, which are those of its setup.
    pub fn new(
        machine: &'a M,
        locks: &'a [LockInstance<M, S>],
        setup: WorkerSetup<S::Local>,
    ) -> Self {
        let WorkerSetup { id, workers, locals, sampler, timeline } = setup;
        let site = |(lock, local)| WorkerSite {
            lock,
            worker: Worker { machine, local, stats: WorkerStats::default() },
            probe: ProbeState::new(id.seed, id.index, workers),
        };
        let sites = locks.iter().zip(locals).map(site).collect();
        let arrivals = SplitMix64::of(&[id.seed, id.index as u64, workers as u64]);
        Self { machine, workers, sites, sampler, arrivals, timeline, due_ns: None }
    }

    /// The worker's results.
    pub fn into_output(self) -> WorkerOutput {
        let mut sum = WorkerStats::default();
        for site in self.sites {
            let WorkerSite { worker: Worker { mut stats, .. }, probe, .. } = site;
            probe.add_to(&mut stats);
            sum.merge(&stats);
        }
        WorkerOutput { stats: sum, timeline: self.timeline }
    }

    /// The site at which tasks are taken and requests are made.
    pub(crate) fn primary(&mut self) -> &mut WorkerSite<'a, M, S> {
        &mut self.sites[0]
    }

    /// The shared state of the primary site.
    pub(crate) fn shared(&self) -> &'a Shared<M> {
        &self.sites[0].lock.shared
    }

    pub(crate) fn check_abort(&self) -> Result<(), Aborted> {
        if self.machine.aborted() { Err(Aborted) } else { Ok(()) }
    }

    /// Runs a chunk of bodies, between two checks of the abort flag.
    pub(crate) fn bodies(
        &mut self,
        code: &Code,
        bodies: u64,
        probing: Probing,
    ) -> Result<(), Aborted> {
        if self.sampler.is_some() {
            return self.drawn_bodies(code, bodies, probing);
        }
        match probing {
            Probing::Off => self.primary().plain(code.body(), bodies),
            Probing::Full => {
                let due_ns = self.due_ns.take();
                self.primary().probed(code.body(), bodies, due_ns)
            }
            Probing::Sampled => self.primary().sampled(code.body(), bodies),
        }
    }

    fn drawn_bodies(&mut self, code: &Code, bodies: u64, probing: Probing) -> Result<(), Aborted> {
        let Some(sampler) = &mut self.sampler else { return Ok(()) };
        for _ in 0..bodies {
            let drawn = sampler.draw(code.body());
            let site = &mut self.sites[drawn.lock];
            match (drawn.operation, probing) {
                (Operation::Read, _) => site.read(drawn.body, self.due_ns.take())?,
                (Operation::Increment, Probing::Off) => site.plain(drawn.body, 1)?,
                (Operation::Increment, Probing::Full | Probing::Sampled) => {
                    site.probed(drawn.body, 1, self.due_ns.take())?;
                }
            }
        }
        Ok(())
    }

    /// Counts the wait of the next body from `due_ns`.
    pub(crate) fn set_due(&mut self, due_ns: u64) {
        self.due_ns = Some(due_ns);
    }

    /// Counts a body that arrived and did not begin before the end; `waited_ns` is the least that
    /// it would have waited.
    pub(crate) fn record_unserved(&mut self, waited_ns: u64) {
        self.primary().worker.stats.unserved += 1;
        self.record_response(waited_ns);
    }

    /// Counts a wait until the body was done, for a strategy that cannot be probed.
    pub(crate) fn record_response(&mut self, waited_ns: u64) {
        self.primary().probe.record_wait(waited_ns);
    }

    /// Sleeps without the lock, if the strategy holds one between bodies.
    pub(crate) fn sleep(&mut self, duration: Duration) -> Result<(), Aborted> {
        let WorkerSite { lock, worker, .. } = self.primary();
        lock.strategy.call(worker, Call::Sleep(duration))
    }
}
