//! Worker at one lock: the hot loops over its bodies, with and without the probe. It decides
//! neither which body is next nor when to stop.

use crate::harness::access::Reading;
use crate::harness::body::segments::Body;
use crate::harness::probe::{Probe, ProbeState};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker};
use crate::machine::{Aborted, Machine};
use crate::program::workload::Request;

/// Number of bodies that are probed together if most are not probed.
const PAIR: u64 = 2;

/// A lock with the counter that it guards.
pub struct LockInstance<M: Machine, S> {
    /// The lock.
    pub strategy: S,
    /// Its counter, and the rest of what its workers share.
    pub shared: Shared<M>,
}

impl<M: Machine, S: Strategy<M>> LockInstance<M, S> {
    /// The counter's value once every worker has left.
    pub fn total(&self) -> u64 {
        self.strategy.total(&self.shared)
    }
}

/// One worker at one lock.
pub struct WorkerSite<'a, M: Machine, S: Strategy<M>> {
    /// The lock.
    pub(crate) lock: &'a LockInstance<M, S>,
    /// The worker, with the lock's state for it.
    pub(crate) worker: Worker<'a, M, S::Local>,
    /// The worker's probe of the lock.
    pub(crate) probe: ProbeState,
}

/// Which bodies a worker probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probing {
    /// Each body.
    Full,
    /// A pair of bodies now and then.
    Sampled,
    /// None.
    Off,
}

impl<M: Machine, S: Strategy<M>> WorkerSite<'_, M, S> {
    /// The hot loop.
    pub(crate) fn plain(&mut self, body: Body<'_>, bodies: u64) -> Result<(), Aborted> {
        let Self { lock: LockInstance { strategy, shared }, worker, .. } = self;
        // Both arms are the same source; in the first the body is a constant: `Body::as_empty`.
        match body.as_empty() {
            Some(body) => strategy.increments(worker, shared, body, bodies)?,
            None => strategy.increments(worker, shared, body, bodies)?,
        }
        worker.stats.increments += bodies;
        self.probe.skip(bodies);
        Ok(())
    }

    /// The hot loop with a probe of each body.
    pub(crate) fn probed(
        &mut self,
        body: Body<'_>,
        bodies: u64,
        due_ns: Option<u64>,
    ) -> Result<(), Aborted> {
        let Self { lock: LockInstance { strategy, shared }, worker, probe } = self;
        if let Some(due_ns) = due_ns {
            probe.sample_from(due_ns);
        }
        let mut probe = Probe::for_row(probe, bodies);
        worker.stats.increments += bodies;
        match body.as_empty() {
            Some(body) => {
                for _ in 0..bodies {
                    strategy.increment_probed(worker, shared, body, &mut probe)?;
                }
            }
            None => {
                for _ in 0..bodies {
                    strategy.increment_probed(worker, shared, body, &mut probe)?;
                }
            }
        }
        probe.finish();
        Ok(())
    }

    /// The hot loop with a probe of a pair of bodies now and then.
    pub(crate) fn sampled(&mut self, body: Body<'_>, bodies: u64) -> Result<(), Aborted> {
        let mut left = bodies;
        while left > PAIR {
            let plain = self.probe.until_pair().min(left - PAIR);
            self.plain(body, plain)?;
            left -= plain;
            if self.probe.until_pair() == 1 {
                self.probed_pair(body)?;
                left -= PAIR;
            }
        }
        self.plain(body, left)
    }

    /// Out of line, so that the hot loop next to it stays small.
    #[inline(never)]
    fn probed_pair(&mut self, body: Body<'_>) -> Result<(), Aborted> {
        let Self { lock: LockInstance { strategy, shared }, worker, probe } = self;
        let mut probe = Probe::for_pair(probe);
        for _ in 0..PAIR {
            strategy.increment_probed(worker, shared, body, &mut probe)?;
        }
        probe.finish();
        worker.stats.increments += PAIR;
        Ok(())
    }

    /// A body that only reads. With a due time, its wait lasts from then until it is done, because
    /// a reader may retry and has no single moment of acquisition.
    pub(crate) fn read(&mut self, body: Body<'_>, due_ns: Option<u64>) -> Result<(), Aborted> {
        let Self { lock: LockInstance { strategy, shared }, worker, probe } = self;
        let reading = strategy.read(worker, shared, body)?;
        worker.stats.reads += 1;
        if let Some(due_ns) = due_ns {
            probe.record_wait(worker.machine.now_ns().saturating_sub(due_ns));
        }
        worker.stats.torn_reads += u64::from(reading == Reading::Torn);
        Ok(())
    }

    /// One request. Its latency is the program's: from before its first call until it continues.
    pub(crate) fn request(&mut self, request: Request) -> Result<(), Aborted> {
        let Self { lock, worker, .. } = self;
        let start_ns = worker.machine.now_ns();
        for call in request.calls() {
            lock.strategy.call(worker, call)?;
        }
        worker.stats.requests += 1;
        worker.stats.latencies.record(worker.machine.now_ns() - start_ns);
        Ok(())
    }
}
