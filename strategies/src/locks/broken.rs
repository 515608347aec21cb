//! A lock that fails now and then: the negative control, which the laboratory must catch.
//!
//! It says of itself what [`crate::locks::queue::fair_mutex`] says, and mostly does it. But one acquisition in
//! sixteen, drawn from the attempt's seed, forgets to get in line and dawdles between load and
//! store. Not among `all` strategies: whoever asks for it wants to see it fail.

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

/// One acquisition in so many, on average.
const FAILS_ONE_IN: u64 = 16;
/// Rounds of busy waiting between load and store when it fails: some microseconds, enough for
/// others.
const DAWDLES: u32 = 200;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact(
    "broken",
    "a mutex that fails now and then: the negative control, not part of `all`",
)
.with_promise("says exact, and is not: the lab must catch it")
.with_inclusion(Inclusion::NegativeControl)
.with_moves(fifo_lock);

/// The strategy that holds a lock, mostly.
pub struct Broken<M: Machine> {
    lock: FairLock<M>,
}

impl<M: Machine> Broken<M> {
    /// A mutex for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Self { lock: FairLock::new(machine, workers) }
    }

    /// Takes the lock, unless it fails.
    fn take(&self, worker: &mut Worker<'_, M, SplitMix64>) -> Result<Fails, Aborted> {
        if worker.local.below(FAILS_ONE_IN) == 0 {
            return Ok(Fails::Yes);
        }
        if let Arrival::Queued(ticket) = self.lock.arrive() {
            self.lock.wait(worker.machine, ticket)?;
            worker.stats.switches_voluntary += 1;
        }
        Ok(Fails::No)
    }

    /// Lets the lock go, if it was taken.
    fn give(&self, fails: Fails) {
        match fails {
            Fails::Yes => {}
            Fails::No => self.lock.release(),
        }
    }
}

/// Whether an acquisition is one of those that forget to get in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fails {
    Yes,
    No,
}

fn dawdle<M: Machine>(machine: &M) {
    (0..DAWDLES).for_each(|_| machine.spin());
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
        let fails = self.take(worker)?;
        let seen = shared.counter().load(Relaxed);
        body.window(worker.machine, shared)?;
        if fails == Fails::Yes {
            dawdle(worker.machine);
        }
        shared.counter().store(seen + 1, Relaxed);
        self.give(fails);
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
        let fails = self.take(worker)?;
        let seen = shared.counter().load(Relaxed);
        body.window(worker.machine, shared)?;
        if fails == Fails::Yes {
            dawdle(worker.machine);
        }
        let reading = Reading::of(seen, shared.counter().load(Relaxed));
        self.give(fails);
        body.after(worker.machine, shared)?;
        Ok(reading)
    }
}
