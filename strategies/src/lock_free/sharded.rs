//! One counter per worker, summed at the end: workers share nothing, so no update is lost.
//!
//! The total is exact once all workers have left, and unknown before.

use std::sync::atomic::Ordering::Relaxed;

use crossbeam_utils::CachePadded;

use crate::harness::access::Reading;
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, ModelBasis, SwitchCounting};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::atomic_increment;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("sharded", "one counter per worker, summed at the end")
    .with_promise("exact once all workers have left")
    .with_switches(SwitchCounting::None)
    // No other worker accesses a worker's own counter, so its load and its store are one step.
    .with_model(atomic_increment, ModelBasis::Code);

/// The strategy with one counter per worker.
pub struct Sharded<M: Machine> {
    shards: Box<[CachePadded<M::Word>]>,
}

impl<M: Machine> Sharded<M> {
    /// Counters at 0 for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Self { shards: (0..workers.max(1)).map(|_| CachePadded::new(machine.word(0))).collect() }
    }
}

impl<M: Machine> Strategy<M> for Sharded<M> {
    type Local = usize;

    fn local(&self, id: WorkerId) -> usize {
        id.index
    }

    #[inline]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, usize>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        let own = &self.shards[worker.local];
        body.before(worker.machine, shared)?;
        let seen = own.load(Relaxed);
        body.window(worker.machine, shared)?;
        own.store(seen + 1, Relaxed);
        body.after(worker.machine, shared)
    }

    /// Reads the worker's own counter, to which no other worker stores.
    #[inline]
    fn read(
        &self,
        worker: &mut Worker<'_, M, usize>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        let own = &self.shards[worker.local];
        body.before(worker.machine, shared)?;
        let seen = own.load(Relaxed);
        body.window(worker.machine, shared)?;
        let reading = Reading::of(seen, own.load(Relaxed));
        body.after(worker.machine, shared)?;
        Ok(reading)
    }

    fn total(&self, _shared: &Shared<M>) -> u64 {
        self.shards.iter().map(|shard| shard.load(Relaxed)).sum()
    }
}
