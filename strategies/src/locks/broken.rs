//! Broken lock: the negative control, which the lab must catch.
//!
//! It promises the same as [`crate::locks::queue::fair_mutex`], but one acquisition in sixteen,
//! drawn from the attempt's seed, takes no lock and delays between load and store. It is not part
//! of `all`.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::Reading;
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, Inclusion};
use crate::harness::rng::SplitMix64;
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::locks::queue::fair_lock::{Arrival, FairLock};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::fifo_lock;

/// One acquisition in this many takes no lock, on average.
const FAILS_ONE_IN: u64 = 16;
/// Rounds of busy waiting between load and store without the lock: some microseconds, enough for
/// another worker to store.
const DELAY_SPINS: u32 = 200;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact(
    "broken",
    "a mutex that fails now and then: the negative control, not part of `all`",
)
.with_promise("says exact, and is not: the lab must catch it")
.with_inclusion(Inclusion::NegativeControl)
.with_moves(fifo_lock);

/// The strategy that holds a lock most of the time.
pub struct Broken<M: Machine> {
    lock: FairLock<M>,
}

/// Whether a section runs with the lock held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    Locked,
    Missing,
}

impl<M: Machine> Broken<M> {
    /// A mutex for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Self { lock: FairLock::new(machine, workers) }
    }

    /// Acquires the lock, or fails to.
    fn acquire(&self, worker: &mut Worker<'_, M, SplitMix64>) -> Result<Protection, Aborted> {
        if worker.local.below(FAILS_ONE_IN) == 0 {
            return Ok(Protection::Missing);
        }
        if let Arrival::Queued(ticket) = self.lock.arrive() {
            self.lock.wait(worker.machine, ticket)?;
            worker.stats.switches_voluntary += 1;
        }
        Ok(Protection::Locked)
    }

    /// Releases the lock, if it was acquired.
    fn release(&self, protection: Protection) {
        match protection {
            Protection::Locked => self.lock.release(),
            Protection::Missing => {}
        }
    }
}

fn delay<M: Machine>(machine: &M) {
    (0..DELAY_SPINS).for_each(|_| machine.spin());
}

impl<M: Machine> Strategy<M> for Broken<M> {
    type Local = SplitMix64;

    fn local(&self, id: WorkerId) -> SplitMix64 {
        SplitMix64::of(&[id.seed, id.index as u64])
    }

    fn increment(
        &self,
        worker: &mut Worker<'_, M, SplitMix64>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        body.before(worker.machine, shared)?;
        let protection = self.acquire(worker)?;
        let seen = shared.counter().load(Relaxed);
        body.window(worker.machine, shared)?;
        if protection == Protection::Missing {
            delay(worker.machine);
        }
        shared.counter().store(seen + 1, Relaxed);
        self.release(protection);
        body.after(worker.machine, shared)
    }

    /// Fails as an increment does.
    fn read(
        &self,
        worker: &mut Worker<'_, M, SplitMix64>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        body.before(worker.machine, shared)?;
        let protection = self.acquire(worker)?;
        let seen = shared.counter().load(Relaxed);
        body.window(worker.machine, shared)?;
        if protection == Protection::Missing {
            delay(worker.machine);
        }
        let reading = Reading::of(seen, shared.counter().load(Relaxed));
        self.release(protection);
        body.after(worker.machine, shared)?;
        Ok(reading)
    }
}
