//! What a worker counts for itself while an attempt runs: increments, switches, waits, calls.
//!
//! Nothing here is shared between workers, so counting costs no cache traffic. Times are kept in
//! bounded histograms of two significant digits; times beyond [`TIME_MAX_NS`] count as that.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};

/// The longest time that a histogram tells apart: 100 s, ten times an attempt's limit.
pub const TIME_MAX_NS: u64 = 100_000_000_000;
/// Waiters that are told apart by how long they have waited.
pub const WAIT_RANKS: usize = 8;
const SIGNIFICANT_DIGITS: u8 = 2;

/// Times in nanoseconds, bounded in memory (about 16 KiB, from the first time on), mergeable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durations(Option<Box<Histogram<u32>>>);

/// Bytes that are no histogram of times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these are no times: {0}")]
pub struct InvalidDurations(String);

impl Durations {
    /// Counts one time.
    pub fn record(&mut self, nanoseconds: u64) {
        self.histogram().saturating_record(nanoseconds.max(1));
    }

    /// Adds another's counts.
    #[expect(clippy::missing_panics_doc, reason = "all histograms here have the same bounds")]
    pub fn merge(&mut self, other: &Self) {
        if let Some(other) = &other.0 {
            self.histogram().add(&**other).expect("all histograms here have the same bounds");
        }
    }

    /// How many times were counted.
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, |times| times.len())
    }

    /// The time that a share `q` (0 to 1) of all does not exceed; `None` without any.
    pub fn quantile_ns(&self, q: f64) -> Option<u64> {
        self.0.as_ref().map(|times| times.value_at_quantile(q))
    }

    /// How many times lie within these bounds, both in nanoseconds, as far as the histogram tells.
    pub fn count_between(&self, from_ns: u64, to_ns: u64) -> u64 {
        self.0.as_ref().map_or(0, |times| times.count_between(from_ns, to_ns))
    }

    /// The longest time; `None` without any.
    pub fn max_ns(&self) -> Option<u64> {
        self.0.as_ref().map(|times| times.max())
    }

    /// The counts as an HDR histogram in its V2 encoding; `None` without any.
    #[expect(clippy::missing_panics_doc, reason = "memory takes all that is written")]
    pub fn to_hdr(&self) -> Option<Vec<u8>> {
        self.0.as_ref().map(|times| {
            let mut bytes = Vec::new();
            let written = V2Serializer::new().serialize(&**times, &mut bytes);
            written.expect("memory takes all that is written");
            bytes
        })
    }

    /// The counts that [`Self::to_hdr`] wrote. Fails on anything else, histograms of other bounds
    /// included.
    pub fn from_hdr(mut bytes: &[u8]) -> Result<Self, InvalidDurations> {
        let read = Deserializer::new().deserialize(&mut bytes);
        let times: Histogram<u32> = read.map_err(|why| InvalidDurations(why.to_string()))?;
        let bounds = (times.low(), times.high(), times.sigfig());
        if bounds != (1, TIME_MAX_NS, SIGNIFICANT_DIGITS) {
            return Err(InvalidDurations(format!("its bounds are {bounds:?}")));
        }
        Ok(Self(Some(Box::new(times))))
    }

    /// Most attempts time nothing, so there is no histogram before the first time.
    fn histogram(&mut self) -> &mut Histogram<u32> {
        self.0.get_or_insert_with(|| {
            let empty = Histogram::new_with_bounds(1, TIME_MAX_NS, SIGNIFICANT_DIGITS);
            Box::new(empty.expect("the bounds are constants that the histogram accepts"))
        })
    }
}

/// One worker's counts in one attempt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkerStats {
    /// Tasks done.
    pub tasks: u64,
    /// Bodies done that add one.
    pub increments: u64,
    /// Bodies that arrived and were not begun with before the time was over.
    pub unserved: u64,
    /// Bodies done that only read.
    pub reads: u64,
    /// How many of them saw the counter change while they read.
    pub torn_reads: u64,
    /// Times this worker got the lock from another that had to let it go.
    pub switches_forced: u64,
    /// Times this worker got the lock from another that let it go by itself.
    pub switches_voluntary: u64,
    /// Requests made, between bodies or by a worker that does nothing else.
    pub requests: u64,
    /// How long this worker waited, each time that it did (or a sample of them: the strategy says).
    pub waits: Durations,
    /// From another's letting go to this worker's having the lock.
    pub hand_overs: Durations,
    /// How long this worker kept the lock, each time that it had to let it go.
    pub slices: Durations,
    /// How often this worker, having waited, got the lock as the longest waiter, as the second
    /// longest and so on; the last place counts all beyond. Only where the strategy keeps such an
    /// account.
    pub wait_ranks: [u64; WAIT_RANKS],
    /// How long each request took, from before the first of its calls until the lock was back.
    pub latencies: Durations,
    /// What a watching worker saw of its locks.
    pub seen: ProbeStats,
}

impl WorkerStats {
    /// Adds another worker's, or another attempt's, counts.
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
        self.seen.merge(&other.seen);
        for (sum, count) in self.wait_ranks.iter_mut().zip(other.wait_ranks) {
            *sum += count;
        }
    }

    /// Adds another's times, which then has none.
    pub fn take_times_from(&mut self, other: &mut Self) {
        let Self { waits, hand_overs, slices, latencies, seen, .. } = other;
        self.waits.merge(&std::mem::take(waits));
        self.hand_overs.merge(&std::mem::take(hand_overs));
        self.slices.merge(&std::mem::take(slices));
        self.latencies.merge(&std::mem::take(latencies));
        self.seen.acquisitions.merge(&std::mem::take(&mut seen.acquisitions));
        self.seen.hand_overs.merge(&std::mem::take(&mut seen.hand_overs));
    }

    /// Times this worker got the lock from another.
    pub fn switches(&self) -> u64 {
        self.switches_forced + self.switches_voluntary
    }
}

/// What was seen of a lock; sums over workers and attempts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProbeStats {
    /// Bodies that were watched.
    pub bodies: u64,
    /// How many of them found that somebody else had been in since this worker's last.
    pub owner_switches: u64,
    /// How many of them were served by a ticket.
    pub ticketed: u64,
    /// How many of those came after somebody with a later ticket.
    pub bypassed: u64,
    /// Waits of which the beginning was seen too.
    pub sampled: u64,
    /// How many of those let anybody in.
    pub contested: u64,
    /// How many let more in than there are other workers.
    pub overtaken: u64,
    /// Most that were let in during one of them.
    pub others_most: u64,
    /// Sampled sections in which somebody else stored.
    pub overlapped: u64,
    /// How long getting the lock took, of the sampled.
    pub acquisitions: Durations,
    /// From a sampled holder's letting go to a waiter's having the lock.
    pub hand_overs: Durations,
}

impl ProbeStats {
    /// Adds another's.
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
    fn times_are_counted_by_bounds() {
        let mut times = Durations::default();
        for ns in [1_000, 2_000, 9_000] {
            times.record(ns);
        }
        assert_eq!((times.count_between(500, 2_500), times.count_between(5_000, 10_000)), (2, 1));
    }

    #[test]
    fn no_times_have_no_quantiles() {
        assert_eq!(
            (Durations::default().quantile_ns(0.5), Durations::default().max_ns()),
            (None, None)
        );
    }

    #[test]
    fn quantiles_are_right_to_two_digits() {
        let mut times = Durations::default();
        (1..=1000).for_each(|n| times.record(n * 1000));
        let median = times.quantile_ns(0.5).expect("counted");
        assert!((495_000..=505_000).contains(&median), "{median}");
    }

    #[test]
    fn times_are_read_as_they_were_written() {
        assert_eq!(Durations::default().to_hdr(), None);
        let mut times = Durations::default();
        for ns in [1, 70, 5_000_000, u64::MAX] {
            times.record(ns);
        }
        let bytes = times.to_hdr().expect("it has times");
        let mut read = Durations::from_hdr(&bytes).expect("they were written so");
        assert_eq!(read, times);
        read.merge(&times);
        assert_eq!(read.count(), 8);
        for damaged in [&bytes[..bytes.len() - 1], &bytes[1..], b"", b"no histogram"] {
            assert!(Durations::from_hdr(damaged).is_err());
        }
    }

    #[test]
    fn times_beyond_the_bound_count_as_the_bound() {
        let mut times = Durations::default();
        times.record(u64::MAX);
        assert!(times.max_ns().expect("counted") >= TIME_MAX_NS);
    }

    #[test]
    fn merged_tallies_add_up() {
        let mut one = WorkerStats { tasks: 1, switches_forced: 2, ..WorkerStats::default() };
        one.waits.record(5);
        let mut both = one.clone();
        both.merge(&one);
        assert_eq!((both.tasks, both.switches(), both.waits.count()), (2, 4, 2));
    }
}
