//! Counters that a worker keeps for itself during an attempt: increments, switches, waits, calls.
//!
//! Workers share nothing here, so counting costs no cache traffic.

use crate::harness::durations::Durations;

/// Number of ranks by which waiters are ordered, longest wait first; the last includes all beyond.
pub const WAIT_RANKS: usize = 8;

/// One worker's counters in one attempt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkerStats {
    /// Tasks done.
    pub tasks: u64,
    /// Bodies done that add one.
    pub increments: u64,
    /// Bodies that arrived and had not begun when the time was over.
    pub unserved: u64,
    /// Bodies done that only read.
    pub reads: u64,
    /// Reads during which the counter changed.
    pub torn_reads: u64,
    /// Switches to this worker from one that was forced to release the lock.
    pub switches_forced: u64,
    /// Switches to this worker from one that released the lock voluntarily.
    pub switches_voluntary: u64,
    /// Requests made, between bodies or by a worker that only makes requests.
    pub requests: u64,
    /// Duration of each of this worker's waits, or of a sample of them, depending on the strategy.
    pub waits: Durations,
    /// From another worker's release to this worker's acquisition.
    pub hand_overs: Durations,
    /// How long this worker held the lock, each time it was forced to release it.
    pub slices: Durations,
    /// Rank of this worker among the waiters when it got the lock: index 0 counts how often it had
    /// waited longest, index 1 second longest and so on; the last index counts all ranks beyond.
    /// Zeros if the strategy does not record ranks.
    pub wait_ranks: [u64; WAIT_RANKS],
    /// Duration of each request, from before its first call until the lock was acquired again.
    pub latencies: Durations,
    /// Results of the probe.
    pub probe: ProbeStats,
}

impl WorkerStats {
    /// Adds the counters of another worker or another attempt.
    pub fn merge(&mut self, other: &Self) {
        let Self { tasks, increments, switches_forced, switches_voluntary, requests, .. } = other;
        self.unserved += other.unserved;
        self.reads += other.reads;
        self.torn_reads += other.torn_reads;
        self.tasks += tasks;
        self.increments += increments;
        self.switches_forced += switches_forced;
        self.switches_voluntary += switches_voluntary;
        self.requests += requests;
        self.waits.merge(&other.waits);
        self.hand_overs.merge(&other.hand_overs);
        self.slices.merge(&other.slices);
        self.latencies.merge(&other.latencies);
        self.probe.merge(&other.probe);
        for (sum, count) in self.wait_ranks.iter_mut().zip(other.wait_ranks) {
            *sum += count;
        }
    }

    /// Moves the durations of `other` into this one; those of `other` are empty afterwards.
    pub fn take_durations_from(&mut self, other: &mut Self) {
        let Self { waits, hand_overs, slices, latencies, probe, .. } = other;
        self.waits.merge(&std::mem::take(waits));
        self.hand_overs.merge(&std::mem::take(hand_overs));
        self.slices.merge(&std::mem::take(slices));
        self.latencies.merge(&std::mem::take(latencies));
        self.probe.acquisitions.merge(&std::mem::take(&mut probe.acquisitions));
        self.probe.hand_overs.merge(&std::mem::take(&mut probe.hand_overs));
    }

    /// Switches to this worker, forced and voluntary.
    pub fn switches(&self) -> u64 {
        self.switches_forced + self.switches_voluntary
    }
}

/// Results of probing a lock; sums over workers and attempts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProbeStats {
    /// Bodies that were probed.
    pub bodies: u64,
    /// Probed bodies before which another worker had stored since this worker's last body.
    pub owner_switches: u64,
    /// Probed bodies that were served by ticket.
    pub ticketed: u64,
    /// Those of them that were served after a later ticket.
    pub bypassed: u64,
    /// Sampled bodies, whose wait is known from its beginning.
    pub sampled: u64,
    /// Sampled bodies during whose wait another worker was served.
    pub contested: u64,
    /// Sampled bodies during whose wait more were served than there are other workers.
    pub overtaken: u64,
    /// Most bodies that were served during one of those waits.
    pub others_most: u64,
    /// Sampled sections in which another worker stored.
    pub overlapped: u64,
    /// Time to acquire the lock, for the sampled bodies.
    pub acquisitions: Durations,
    /// From a sampled holder's release to a waiter's acquisition.
    pub hand_overs: Durations,
}

impl ProbeStats {
    /// Adds the results of `other`.
    pub fn merge(&mut self, other: &Self) {
        let Self { bodies, owner_switches, ticketed, bypassed, .. } = other;
        self.bodies += bodies;
        self.owner_switches += owner_switches;
        self.ticketed += ticketed;
        self.bypassed += bypassed;
        self.sampled += other.sampled;
        self.contested += other.contested;
        self.overtaken += other.overtaken;
        self.others_most = self.others_most.max(other.others_most);
        self.overlapped += other.overlapped;
        self.acquisitions.merge(&other.acquisitions);
        self.hand_overs.merge(&other.hand_overs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_stats_are_sums() {
        let mut one = WorkerStats { tasks: 1, switches_forced: 2, ..WorkerStats::default() };
        one.waits.record(5);
        let mut both = one.clone();
        both.merge(&one);
        assert_eq!((both.tasks, both.switches(), both.waits.count()), (2, 4, 2));
    }
}
