//! Probe of a lock in use: which worker held it before, in which order it was served, and how long
//! acquiring it took. It knows no lock, and accesses only the words next to the counter.
//!
//! The counter itself shows most of it. A worker that finds the counter as it left it has got the
//! lock again with no other worker between; the difference from when it began to wait is the number
//! of bodies that were served before it; and a change between load and store means that two
//! sections overlapped.
//!
//! Recording every body would make a lock of 4 ns slower by as much again, because atomic
//! operations wait for all stores before them. So fast bodies are probed in pairs, one pair in 64
//! bodies on average, at random distances: the first body of a pair records how it left the
//! counter, the second how it found it. Slow bodies are all probed. In both cases one body in 64
//! reads a clock.
//!
//! The order of service is certain only if a lock reports the ticket that it served, in its own
//! order of arrival: a ticket below one that was served before was bypassed. For other locks the
//! number of bodies served during a wait decides: first come, first served admits each other worker
//! at most once, so a greater number means that the worker was overtaken. A worker that loses its
//! core just before it joins the queue counts as overtaken too, under any lock.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::counters::{ProbeStats, WorkerStats};
use crate::harness::rng::SplitMix64;
use crate::harness::shared::Shared;
use crate::machine::{Machine, Word};

/// Value of `last` while it is not known how the worker left the counter.
const UNKNOWN: u64 = u64::MAX;
/// One body in this many reads the clock, on average.
pub const SAMPLED_ONE_IN: u32 = 64;

/// How a worker acquired the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acquired {
    /// The worker's place in the lock's own order of arrival, if the lock keeps one.
    pub ticket: Option<u64>,
    /// Whether the worker had to wait.
    pub waited: bool,
}

/// One worker's probe of one lock, kept between rows of bodies.
#[derive(Debug)]
pub struct ProbeState {
    distances: SplitMix64,
    until_sample: u32,
    /// The counter as this worker left it.
    last: u64,
    /// Most bodies that first come, first served may serve during a wait.
    others: u64,
    /// Arrival of the next body, if that was before the body began.
    due_ns: Option<u64>,
    /// Time at which the sampled body began to wait, and the counter then.
    arrival: (u64, u64),
    is_ticketed: bool,
    stats: ProbeStats,
}

impl ProbeState {
    /// The state of worker `index` among `workers`; the seed fixes which bodies are sampled.
    pub fn new(seed: u64, index: usize, workers: usize) -> Self {
        Self {
            distances: SplitMix64::of(&[seed, index as u64]),
            until_sample: 1,
            last: UNKNOWN,
            others: workers.saturating_sub(1) as u64,
            due_ns: None,
            arrival: (0, 0),
            is_ticketed: false,
            stats: ProbeStats::default(),
        }
    }

    /// Samples the next body, and counts its wait from `due_ns`.
    pub fn sample_from(&mut self, due_ns: u64) {
        self.until_sample = 1;
        self.due_ns = Some(due_ns);
    }

    /// Number of bodies before the next pair.
    pub fn until_pair(&self) -> u64 {
        u64::from(self.until_sample)
    }

    /// Skips bodies that were not probed; how this worker left the counter is then unknown.
    pub fn skip(&mut self, bodies: u64) {
        let skipped = u32::try_from(bodies).unwrap_or(u32::MAX);
        self.until_sample = self.until_sample.saturating_sub(skipped).max(1);
        self.last = UNKNOWN;
    }

    /// Records the duration of one acquisition.
    pub fn record_wait(&mut self, waited_ns: u64) {
        self.stats.acquisitions.record(waited_ns);
    }

    /// Adds the results to the worker's counters.
    pub fn add_to(self, stats: &mut WorkerStats) {
        let ticketed = if self.is_ticketed { self.stats.bodies } else { 0 };
        stats.probe.merge(&ProbeStats { ticketed, ..self.stats });
    }

    #[cold]
    #[inline(never)]
    fn begin_sample<M: Machine>(&mut self, machine: &M, shared: &Shared<M>) -> u32 {
        let count = shared.counter().load(Relaxed);
        self.arrival = (self.due_ns.take().unwrap_or_else(|| machine.now_ns()), count);
        let most = u64::from(2 * SAMPLED_ONE_IN - 1);
        // Below 128, so it fits.
        1 + u32::try_from(self.distances.below(most)).unwrap_or(0)
    }

    #[cold]
    #[inline(never)]
    fn sample_entry<M: Machine>(&mut self, machine: &M, count: u64, acquired: Acquired) {
        let (at_ns, at_count) = self.arrival;
        let before = count.saturating_sub(at_count);
        self.is_ticketed = acquired.ticket.is_some();
        self.stats.sampled += 1;
        self.stats.contested += u64::from(before > 0);
        self.stats.overtaken += u64::from(before > self.others);
        self.stats.others_most = before.max(self.stats.others_most);
        self.record_wait(machine.now_ns().saturating_sub(at_ns));
    }

    #[cold]
    #[inline(never)]
    fn sample_exit<M: Machine>(&mut self, machine: &M, shared: &Shared<M>, count: u64) {
        self.stats.overlapped += u64::from(shared.counter().load(Relaxed) != count);
        shared.probe_words().released_ns.store(machine.now_ns(), Relaxed);
        shared.probe_words().released_at.store(count + 1, Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn count_bypass(&mut self) {
        self.stats.bypassed += 1;
    }

    /// Another worker has held the lock since this one's last body, as far as is known. Out of
    /// line: a call costs little compared with the hand-over that has just happened.
    #[cold]
    #[inline(never)]
    fn record_hand_over<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        acquired: Acquired,
    ) {
        if acquired.waited && shared.probe_words().released_at.load(Relaxed) == count {
            let released_ns = shared.probe_words().released_ns.load(Relaxed);
            self.stats.hand_overs.record(machine.now_ns().saturating_sub(released_ns));
        }
    }
}

/// Whether a body is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampled {
    /// It reads the clock.
    Yes,
    /// Its share in the probe costs one comparison.
    No,
}

/// A worker's probe of one lock during a row of bodies. Fields that change with each body lie in it
/// by value: an atomic operation waits for all stores before it, so each store that a body avoids
/// saves a third of a nanosecond.
#[derive(Debug)]
pub struct Probe<'a> {
    until_sample: u32,
    last: u64,
    state: &'a mut ProbeState,
}

impl<'a> Probe<'a> {
    /// Starts probing a pair of bodies after others that were not probed; only the second counts,
    /// and it is sampled.
    #[inline]
    pub fn for_pair(state: &'a mut ProbeState) -> Self {
        state.stats.bodies += 1;
        Self { until_sample: 2, last: UNKNOWN, state }
    }

    /// Starts probing a row of bodies.
    #[inline]
    pub fn for_row(state: &'a mut ProbeState, bodies: u64) -> Self {
        state.stats.bodies += bodies;
        Self { until_sample: state.until_sample, last: state.last, state }
    }

    /// Ends the row.
    #[inline]
    pub fn finish(self) {
        self.state.until_sample = self.until_sample;
        self.state.last = self.last;
    }

    /// Called before the worker asks for the lock.
    #[inline(always)]
    pub fn before_lock<M: Machine>(&mut self, machine: &M, shared: &Shared<M>) -> Sampled {
        self.until_sample -= 1;
        if self.until_sample > 0 {
            return Sampled::No;
        }
        self.until_sample = self.state.begin_sample(machine, shared);
        Sampled::Yes
    }

    /// Called with the lock held, after the load of `count`.
    #[inline(always)]
    pub fn after_load<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        acquired: Acquired,
        sampled: Sampled,
    ) {
        if let Some(ticket) = acquired.ticket {
            let served = &shared.probe_words().served;
            if ticket < served.load(Relaxed) {
                self.state.count_bypass();
            }
            served.store(ticket + 1, Relaxed);
        }
        if count != self.last {
            self.state.stats.owner_switches += u64::from(self.last != UNKNOWN);
            self.state.record_hand_over(machine, shared, count, acquired);
        }
        if sampled == Sampled::Yes {
            self.state.sample_entry(machine, count, acquired);
        }
    }

    /// Called with the lock held, before the store of `count + 1`.
    #[inline(always)]
    pub fn before_store<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        sampled: Sampled,
    ) {
        self.last = count + 1;
        if sampled == Sampled::Yes {
            self.state.sample_exit(machine, shared, count);
        }
    }

    /// Called after a body that another worker may have executed, where only that worker knows when
    /// it got the lock: the wait lasts until the body is done and its owner has a core again. The
    /// order of service is unknown, because others may be served while the owner of a finished body
    /// has no core.
    #[inline(always)]
    pub fn after_body<M: Machine>(&mut self, machine: &M, sampled: Sampled) {
        if sampled == Sampled::Yes {
            let waited_ns = machine.now_ns().saturating_sub(self.state.arrival.0);
            self.state.record_wait(waited_ns);
        }
    }
}

#[cfg(test)]
#[path = "tests/probe.rs"]
mod tests;
