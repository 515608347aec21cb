//! Counters that a worker keeps for itself during an attempt: increments, switches, waits, calls.
//!
//! Workers share nothing here, so counting costs no cache traffic. Durations are kept in bounded
//! histograms of two significant digits; those beyond [`TIME_MAX_NS`] count as that.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};

/// The longest duration that a histogram resolves: 100 s, ten times an attempt's limit.
pub const TIME_MAX_NS: u64 = 100_000_000_000;
/// Number of ranks by which waiters are ordered, longest wait first; the last includes all beyond.
pub const WAIT_RANKS: usize = 8;
const SIGNIFICANT_DIGITS: u8 = 2;

/// Durations in nanoseconds, bounded in memory (about 16 KiB from the first one on), mergeable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durations(Option<Box<Histogram<u32>>>);

/// Error of bytes that do not encode [`Durations`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid histogram of durations: {0}")]
pub struct InvalidDurations(String);

impl Durations {
    /// Counts one duration.
    pub fn record(&mut self, nanoseconds: u64) {
        self.histogram().saturating_record(nanoseconds.max(1));
    }

    /// Adds the counts of `other`.
    #[expect(clippy::missing_panics_doc, reason = "all histograms here have the same bounds")]
    pub fn merge(&mut self, other: &Self) {
        if let Some(other) = &other.0 {
            self.histogram().add(&**other).expect("all histograms here have the same bounds");
        }
    }

    /// Number of durations.
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, |times| times.len())
    }

    /// The duration that a share `q` (0 to 1) of all does not exceed; `None` if there are none.
    pub fn quantile_ns(&self, q: f64) -> Option<u64> {
        self.0.as_ref().map(|times| times.value_at_quantile(q))
    }

    /// Number of durations within these bounds, both in nanoseconds, to the histogram's resolution.
    pub fn count_between(&self, from_ns: u64, to_ns: u64) -> u64 {
        self.0.as_ref().map_or(0, |times| times.count_between(from_ns, to_ns))
    }

    /// The longest duration; `None` if there are none.
    pub fn max_ns(&self) -> Option<u64> {
        self.0.as_ref().map(|times| times.max())
    }

    /// The counts as an HDR histogram in its V2 encoding; `None` if there are none.
    #[expect(clippy::missing_panics_doc, reason = "a vector accepts every write")]
    pub fn to_hdr(&self) -> Option<Vec<u8>> {
        self.0.as_ref().map(|times| {
            let mut bytes = Vec::new();
            let written = V2Serializer::new().serialize(&**times, &mut bytes);
            written.expect("a vector accepts every write");
            bytes
        })
    }

    /// Decodes the counts that [`Self::to_hdr`] encoded. Fails on anything else, including
    /// histograms with other bounds.
    pub fn from_hdr(mut bytes: &[u8]) -> Result<Self, InvalidDurations> {
        let read = Deserializer::new().deserialize(&mut bytes);
        let times: Histogram<u32> = read.map_err(|why| InvalidDurations(why.to_string()))?;
        let bounds = (times.low(), times.high(), times.sigfig());
        if bounds != (1, TIME_MAX_NS, SIGNIFICANT_DIGITS) {
            return Err(InvalidDurations(format!("its bounds are {bounds:?}")));
        }
        Ok(Self(Some(Box::new(times))))
    }

    /// The histogram, created by the first duration, because most attempts record none.
    fn histogram(&mut self) -> &mut Histogram<u32> {
        self.0.get_or_insert_with(|| {
            let empty = Histogram::new_with_bounds(1, TIME_MAX_NS, SIGNIFICANT_DIGITS);
            Box::new(empty.expect("the bounds are constants that the histogram accepts"))
        })
    }
}

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
    fn count_between_counts_durations_within_bounds() {
        let mut times = Durations::default();
        for ns in [1_000, 2_000, 9_000] {
            times.record(ns);
        }
        assert_eq!((times.count_between(500, 2_500), times.count_between(5_000, 10_000)), (2, 1));
    }

    #[test]
    fn empty_durations_have_no_quantiles() {
        assert_eq!(
            (Durations::default().quantile_ns(0.5), Durations::default().max_ns()),
            (None, None)
        );
    }

    #[test]
    fn quantiles_are_correct_to_two_digits() {
        let mut times = Durations::default();
        (1..=1000).for_each(|n| times.record(n * 1000));
        let median = times.quantile_ns(0.5).expect("counted");
        assert!((495_000..=505_000).contains(&median), "{median}");
    }

    #[test]
    fn encoded_durations_decode_to_the_same() {
        assert_eq!(Durations::default().to_hdr(), None);
        let mut times = Durations::default();
        for ns in [1, 70, 5_000_000, u64::MAX] {
            times.record(ns);
        }
        let bytes = times.to_hdr().expect("it has durations");
        let mut read = Durations::from_hdr(&bytes).expect("to_hdr encoded them");
        assert_eq!(read, times);
        read.merge(&times);
        assert_eq!(read.count(), 8);
        for damaged in [&bytes[..bytes.len() - 1], &bytes[1..], b"", b"no histogram"] {
            assert!(Durations::from_hdr(damaged).is_err());
        }
    }

    #[test]
    fn durations_beyond_the_bound_count_as_the_bound() {
        let mut times = Durations::default();
        times.record(u64::MAX);
        assert!(times.max_ns().expect("counted") >= TIME_MAX_NS);
    }

    #[test]
    fn merged_stats_are_sums() {
        let mut one = WorkerStats { tasks: 1, switches_forced: 2, ..WorkerStats::default() };
        one.waits.record(5);
        let mut both = one.clone();
        both.merge(&one);
        assert_eq!((both.tasks, both.switches(), both.waits.count()), (2, 4, 2));
    }
}
