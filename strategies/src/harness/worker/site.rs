//! A worker's place at a lock: the hot loops over its bodies, plain and watched. Decides nothing
//! about which body comes next, nor when to stop.

use crate::harness::access::Reading;
use crate::harness::body::segments::Body;
use crate::harness::probe::{Probe, ProbeState};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker};
use crate::machine::{Aborted, Machine};
use crate::program::workload::Request;

/// Bodies that are watched together where most are not.
const PAIR: u64 = 2;

/// A lock with the counter that it guards.
pub struct LockInstance<M: Machine, S> {
    /// The lock.
    pub strategy: S,
    /// Its counter, and what else its workers share.
    pub shared: Shared<M>,
}

impl<M: Machine, S: Strategy<M>> LockInstance<M, S> {
    /// The counter's value once every worker has left.
    pub fn total(&self) -> u64 {
        self.strategy.total(&self.shared)
    }
}

/// A worker's place at a site.
pub struct WorkerSite<'a, M: Machine, S: Strategy<M>> {
    /// Where it is.
    pub(crate) site: &'a LockInstance<M, S>,
    /// The worker, with what the lock keeps for it.
    pub(crate) worker: Worker<'a, M, S::Local>,
    /// What it sees there.
    pub(crate) account: ProbeState,
}

/// Whether a worker keeps account of what it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probing {
    /// It does, of each body.
    Open,
    /// It does, of a pair of bodies now and then.
    Sampling,
    /// It just works.
    Shut,
}

impl<M: Machine, S: Strategy<M>> WorkerSite<'_, M, S> {
    /// The hot loop.
    pub(crate) fn plain(&mut self, body: Body<'_>, bodies: u64) -> Result<(), Aborted> {
        let Self { site: LockInstance { strategy, shared }, worker, .. } = self;
        match body.as_weightless() {
            Some(body) => strategy.increments(worker, shared, body, bodies)?,
            None => strategy.increments(worker, shared, body, bodies)?,
        }
        worker.tally.increments += bodies;
        self.account.pass(bodies);
        Ok(())
    }

    /// The same with an account of each body.
    pub(crate) fn watched(
        &mut self,
        body: Body<'_>,
        bodies: u64,
        due_ns: Option<u64>,
    ) -> Result<(), Aborted> {
        let Self { site: LockInstance { strategy, shared }, worker, account } = self;
        if let Some(due_ns) = due_ns {
            account.sample_from(due_ns);
        }
        let mut watch = Probe::open(account, bodies);
        worker.tally.increments += bodies;
        match body.as_weightless() {
            Some(body) => {
                for _ in 0..bodies {
                    strategy.watched(worker, shared, body, &mut watch)?;
                }
            }
            None => {
                for _ in 0..bodies {
                    strategy.watched(worker, shared, body, &mut watch)?;
                }
            }
        }
        watch.shut();
        Ok(())
    }

    /// The hot loop, with an account of a pair of bodies now and then.
    pub(crate) fn sampled(&mut self, body: Body<'_>, bodies: u64) -> Result<(), Aborted> {
        let mut left = bodies;
        while left > PAIR {
            let plain = self.account.until_pair().min(left - PAIR);
            self.plain(body, plain)?;
            left -= plain;
            if self.account.until_pair() == 1 {
                self.pair(body)?;
                left -= PAIR;
            }
        }
        self.plain(body, left)
    }

    /// Out of line: the hot loop beside it is better off alone.
    #[inline(never)]
    fn pair(&mut self, body: Body<'_>) -> Result<(), Aborted> {
        let Self { site: LockInstance { strategy, shared }, worker, account } = self;
        let mut watch = Probe::open_for_pair(account);
        for _ in 0..PAIR {
            strategy.watched(worker, shared, body, &mut watch)?;
        }
        watch.shut();
        worker.tally.increments += PAIR;
        Ok(())
    }

    /// One that arrived by itself is timed until it was done: what it waits for is not one moment.
    pub(crate) fn read(&mut self, body: Body<'_>, due_ns: Option<u64>) -> Result<(), Aborted> {
        let Self { site: LockInstance { strategy, shared }, worker, account } = self;
        let reading = strategy.read(worker, shared, body)?;
        worker.tally.reads += 1;
        if let Some(due_ns) = due_ns {
            account.note(worker.machine.now_ns().saturating_sub(due_ns));
        }
        worker.tally.torn_reads += u64::from(reading == Reading::Torn);
        Ok(())
    }

    /// One request, timed as the program sees it: from before its first call until it goes on.
    pub(crate) fn request(&mut self, request: Request) -> Result<(), Aborted> {
        let Self { site, worker, .. } = self;
        let start_ns = worker.machine.now_ns();
        for call in request.calls() {
            site.strategy.call(worker, call)?;
        }
        worker.tally.requests += 1;
        worker.tally.latencies.record(worker.machine.now_ns() - start_ns);
        Ok(())
    }
}
