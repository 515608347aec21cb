//! What a worker sees of a lock while it uses it: who had it before, in which order it was given,
//! how long getting it took. Knows no lock; touches none but the words beside the counter.
//!
//! The counter is the best witness there is. A worker that finds it as it left it has the lock
//! again without anybody between; what it grew by while a worker waited is how many were served
//! before it; and if it changes between load and store, two sections overlapped. Even so, an
//! account of each body makes a lock of 4 ns slower by as much again, since atomic operations wait
//! for all stores before them. So fast bodies are watched in pairs, one pair in 64 bodies at random
//! distances: the first says how it left the counter, the second how it found it. Slow ones, which
//! do not feel it, are all watched. One body in 64 reads a clock, either way.
//!
//! Order is certain only where a lock says which ticket it served (in its own order of arrival): a
//! ticket below one that was served before is a bypass. For other locks the count of those served
//! during a wait tells: first come, first served can let each other worker in once at most, so more
//! than that is being overtaken. A worker that is taken off its core just before it gets in line is
//! overtaken too, whatever the lock.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::counters::{ProbeStats, WorkerStats};
use crate::harness::rng::SplitMix64;
use crate::harness::shared::Shared;
use crate::machine::{Machine, Word};

/// What `last` is while a worker does not know how it left the counter.
const UNKNOWN: u64 = u64::MAX;
/// One body in so many reads the clock, on average.
pub const SAMPLED_ONE_IN: u32 = 64;

/// How a worker got the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acquired {
    /// Its place in the lock's own order of arrival, where the lock knows it.
    pub ticket: Option<u64>,
    /// Whether it had to wait.
    pub waited: bool,
}

/// A worker's account of one lock.
#[derive(Debug)]
pub struct ProbeState {
    distances: SplitMix64,
    until_sample: u32,
    /// The counter as this worker left it.
    last: u64,
    /// Most that first come, first served may let in before.
    others: u64,
    /// When the work of the next body arrived, if that was before it began.
    due_ns: Option<u64>,
    /// When the sampled body began to want the lock, and the counter then.
    arrival: (u64, u64),
    is_ticketed: bool,
    seen: ProbeStats,
}

impl ProbeState {
    /// The account of worker `index` among `workers`; the seed fixes which bodies are sampled.
    pub fn new(seed: u64, index: usize, workers: usize) -> Self {
        Self {
            distances: SplitMix64::of(&[seed, index as u64]),
            until_sample: 1,
            last: UNKNOWN,
            others: workers.saturating_sub(1) as u64,
            due_ns: None,
            arrival: (0, 0),
            is_ticketed: false,
            seen: ProbeStats::default(),
        }
    }

    /// Samples the next body, counting its wait from `due_ns`.
    pub fn sample_from(&mut self, due_ns: u64) {
        self.until_sample = 1;
        self.due_ns = Some(due_ns);
    }

    /// How many bodies there are before the next pair.
    pub fn until_pair(&self) -> u64 {
        u64::from(self.until_sample)
    }

    /// So many bodies were not watched: how this worker left the counter is not known any more.
    pub fn pass(&mut self, bodies: u64) {
        let passed = u32::try_from(bodies).unwrap_or(u32::MAX);
        self.until_sample = self.until_sample.saturating_sub(passed).max(1);
        self.last = UNKNOWN;
    }

    /// A wait that was seen from outside alone.
    pub fn note(&mut self, waited_ns: u64) {
        self.seen.acquisitions.record(waited_ns);
    }

    /// What was seen, into the worker's tally.
    pub fn into_tally(self, tally: &mut WorkerStats) {
        let ticketed = if self.is_ticketed { self.seen.bodies } else { 0 };
        tally.seen.merge(&ProbeStats { ticketed, ..self.seen });
    }

    #[cold]
    #[inline(never)]
    fn arrive<M: Machine>(&mut self, machine: &M, shared: &Shared<M>) -> u32 {
        let count = shared.counter().load(Relaxed);
        self.arrival = (self.due_ns.take().unwrap_or_else(|| machine.now_ns()), count);
        let most = u64::from(2 * SAMPLED_ONE_IN - 1);
        // Below 128, so it fits.
        1 + u32::try_from(self.distances.below(most)).unwrap_or(0)
    }

    #[cold]
    #[inline(never)]
    fn enter<M: Machine>(&mut self, machine: &M, count: u64, got: Acquired) {
        let (at_ns, at_count) = self.arrival;
        let before = count.saturating_sub(at_count);
        self.is_ticketed = got.ticket.is_some();
        self.seen.sampled += 1;
        self.seen.contested += u64::from(before > 0);
        self.seen.overtaken += u64::from(before > self.others);
        self.seen.others_most = before.max(self.seen.others_most);
        self.note(machine.now_ns().saturating_sub(at_ns));
    }

    #[cold]
    #[inline(never)]
    fn leave<M: Machine>(&mut self, machine: &M, shared: &Shared<M>, count: u64) {
        self.seen.overlapped += u64::from(shared.counter().load(Relaxed) != count);
        shared.ledger().released_ns.store(machine.now_ns(), Relaxed);
        shared.ledger().released_at.store(count + 1, Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn bypass(&mut self) {
        self.seen.bypassed += 1;
    }

    /// Another worker has been in since this one's last, as far as is known. Out of line: where it
    /// happens a lock has changed hands, beside which a call is nothing.
    #[cold]
    #[inline(never)]
    fn take_over<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        got: Acquired,
    ) {
        if got.waited && shared.ledger().released_at.load(Relaxed) == count {
            let released_ns = shared.ledger().released_ns.load(Relaxed);
            self.seen.hand_overs.record(machine.now_ns().saturating_sub(released_ns));
        }
    }
}

/// Whether a body is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampled {
    /// It is.
    Yes,
    /// Its share in the account costs a compare.
    No,
}

/// A worker's eye on one lock during a row of bodies. What changes with each body stands in it by
/// value: an atomic operation waits for all stores before it, so each store that a body does not
/// make is a third of a nanosecond less.
#[derive(Debug)]
pub struct Probe<'a> {
    until_sample: u32,
    last: u64,
    account: &'a mut ProbeState,
}

impl<'a> Probe<'a> {
    /// Opens the eye for a pair of bodies after others that were not watched; only the second
    /// counts, and it is sampled.
    #[inline]
    pub fn open_for_pair(account: &'a mut ProbeState) -> Self {
        account.seen.bodies += 1;
        Self { until_sample: 2, last: UNKNOWN, account }
    }

    /// Opens the eye for so many bodies in a row.
    #[inline]
    pub fn open(account: &'a mut ProbeState, bodies: u64) -> Self {
        account.seen.bodies += bodies;
        Self { until_sample: account.until_sample, last: account.last, account }
    }

    /// Shuts it.
    #[inline]
    pub fn shut(self) {
        self.account.until_sample = self.until_sample;
        self.account.last = self.last;
    }

    /// Before the lock is asked for.
    #[inline(always)]
    pub fn arrive<M: Machine>(&mut self, machine: &M, shared: &Shared<M>) -> Sampled {
        self.until_sample -= 1;
        if self.until_sample > 0 {
            return Sampled::No;
        }
        self.until_sample = self.account.arrive(machine, shared);
        Sampled::Yes
    }

    /// With the lock, after the load of `count`.
    #[inline(always)]
    pub fn enter<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        got: Acquired,
        sampled: Sampled,
    ) {
        if let Some(ticket) = got.ticket {
            let served = &shared.ledger().served;
            if ticket < served.load(Relaxed) {
                self.account.bypass();
            }
            served.store(ticket + 1, Relaxed);
        }
        if count != self.last {
            self.account.seen.owner_switches += u64::from(self.last != UNKNOWN);
            self.account.take_over(machine, shared, count, got);
        }
        if sampled == Sampled::Yes {
            self.account.enter(machine, count, got);
        }
    }

    /// With the lock, before the store of `count + 1`.
    #[inline(always)]
    pub fn leave<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        sampled: Sampled,
    ) {
        self.last = count + 1;
        if sampled == Sampled::Yes {
            self.account.leave(machine, shared, count);
        }
    }

    /// After a body that may have been done by another worker, who alone knows when it got the
    /// lock: the wait is until it was done and its owner has a core again. Who went before cannot
    /// be said: others may come and be served while the owner of a body long done has no core.
    #[inline(always)]
    pub fn done<M: Machine>(&mut self, machine: &M, sampled: Sampled) {
        if sampled == Sampled::Yes {
            let waited_ns = machine.now_ns().saturating_sub(self.account.arrival.0);
            self.account.note(waited_ns);
        }
    }
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
