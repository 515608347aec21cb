//! Contention figures of a timed cell: fairness by window, waits, order of acquisition, cost of the
//! probe. Pure.

use strategies::harness::counters::ProbeStats;
use strategies::harness::counters::WorkerStats;

use crate::exec::timed::Timed;
use crate::stats::descriptive::{Spread, TimesSummary};

/// Below both these shares of owner switches and of contested waits, workers only alternated by
/// time slices of the kernel: a slice of 3 ms holds some hundred thousand bodies.
const OWNER_SWITCHES_MIN: f64 = 1e-4;
const CONTESTED_MIN: f64 = 1e-3;

/// Figures of a lock under load; sums and medians over attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Contention {
    /// Jain's index in windows of 1, 10 and 100 ms; medians over attempts.
    pub jain: [Option<f64>; 3],
    /// Bodies of the slowest worker as a share of an even part; median.
    pub slowest: f64,
    /// Warm-up in nanoseconds; median.
    pub warm_up_ns: u64,
    /// Attempts of the sample whose rate was not steady after half of their time.
    pub unsteady: u32,
    /// Longest time between two clock reads of a worker, in nanoseconds, over all attempts: an
    /// upper bound of every wait.
    pub longest_ns: u64,
    /// Speed with the probe over speed without; `None` where nothing was probed.
    pub watching: Option<Spread>,
    /// Figures of the probed bodies; `None` where the lock cannot be probed.
    pub watched: Option<ProbedAttempt>,
    /// Arrivals that no worker had started at the end.
    pub unserved: u64,
    /// Bodies that only read.
    pub reads: u64,
    /// Reads that saw the counter change.
    pub torn_reads: u64,
}

/// Figures of the probed bodies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbedAttempt {
    /// Number of probed bodies.
    pub bodies: u64,
    /// Share of them that found the lock last held by another worker; `None` where other workers
    /// may execute a worker's bodies.
    pub owner_switches: Option<f64>,
    /// Acquisitions that were bypassed, and acquisitions whose order of arrival is known; `None`
    /// where the lock keeps no such order.
    pub bypassed: Option<(u64, u64)>,
    /// Waits that were sampled from beginning to end.
    pub sampled: u64,
    /// Sampled waits during which another worker acquired the lock.
    pub contested: u64,
    /// Sampled waits during which there were more acquisitions than other workers.
    pub overtaken: u64,
    /// Most acquisitions by others during one sampled wait.
    pub others_most: u64,
    /// Sampled sections in which another worker stored.
    pub overlapped: u64,
    /// Time from a sampled release to the next acquisition.
    pub hand_overs: TimesSummary,
    /// Time to acquire the lock, with or without waiting.
    pub acquisitions: TimesSummary,
}

impl Contention {
    /// The figures of a sample of timed attempts and of the counts of all; `None` without any timed
    /// attempt.
    pub fn of(attempts: &[Timed], longest_ns: u64, tally: &WorkerStats) -> Option<Self> {
        if attempts.is_empty() {
            return None;
        }
        let watching: Option<Vec<f64>> = attempts.iter().map(|one| one.watching).collect();
        let median = |of: fn(&Timed) -> f64| Spread::of(attempts.iter().map(of)).median;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time")]
        let warm_up_ns = median(|one| one.warm_up_ns() as f64).round() as u64;
        Some(Self {
            jain: [0, 1, 2].map(|window| {
                let known: Vec<f64> = attempts.iter().filter_map(|one| one.jain[window]).collect();
                (!known.is_empty()).then(|| Spread::of(known.into_iter()).median)
            }),
            slowest: median(|one| one.slowest),
            warm_up_ns,
            unsteady: u32::try_from(attempts.iter().filter(|one| one.is_unsteady()).count())
                .unwrap_or(u32::MAX),
            longest_ns,
            watching: watching.map(|ratios| Spread::of(ratios.into_iter())),
            watched: ProbedAttempt::of(&tally.probe),
            unserved: tally.unserved,
            reads: tally.reads,
            torn_reads: tally.torn_reads,
        })
    }
}

impl ProbedAttempt {
    /// Whether workers met at the lock: owner switches or contested waits exceed their minimum.
    /// `None` where neither is known.
    pub fn is_contested(&self) -> Option<bool> {
        let owner_switches = self.owner_switches?;
        let contested = self.contested as f64 / self.sampled.max(1) as f64;
        Some(owner_switches >= OWNER_SWITCHES_MIN || contested >= CONTESTED_MIN)
    }

    fn of(seen: &ProbeStats) -> Option<Self> {
        let ProbeStats { bodies, owner_switches, ticketed, bypassed, sampled, .. } = *seen;
        (bodies > 0).then(|| Self {
            bodies,
            owner_switches: (sampled > 0).then(|| owner_switches as f64 / bodies as f64),
            bypassed: (ticketed > 0).then_some((bypassed, ticketed)),
            sampled,
            contested: seen.contested,
            overtaken: seen.overtaken,
            others_most: seen.others_most,
            overlapped: seen.overlapped,
            hand_overs: TimesSummary::of(&seen.hand_overs),
            acquisitions: TimesSummary::of(&seen.acquisitions),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMED: Timed = Timed {
        rate: 1e6,
        warm_up: crate::stats::warmup::WarmUp::Ends(2),
        jain: [Some(0.9), Some(1.0), None],
        jain_whole: 1.0,
        slowest: 0.8,
        overlap: 1.0,
        watching: Some(0.9),
        longest_ns: 5,
    };

    #[test]
    fn contention_has_medians_and_worst_case_of_attempts() {
        let attempts = [
            Timed { slowest: 0.2, longest_ns: 9, ..TIMED },
            TIMED,
            Timed { watching: Some(0.5), ..TIMED },
        ];
        let contention = Contention::of(&attempts, 9, &WorkerStats::default()).expect("attempts");
        assert_eq!(
            (contention.slowest, contention.longest_ns, contention.warm_up_ns),
            (0.8, 9, 2_000_000)
        );
        assert_eq!((contention.jain, contention.watched), ([Some(0.9), Some(1.0), None], None));
        assert_eq!(contention.watching.map(|ratio| ratio.median), Some(0.9));
    }

    #[test]
    fn unprobed_attempts_have_no_probe_figures() {
        let attempts = [Timed { watching: None, ..TIMED }];
        let contention = Contention::of(&attempts, 9, &WorkerStats::default()).expect("an attempt");
        assert_eq!((contention.watching, contention.watched), (None, None));
        assert_eq!(Contention::of(&[], 0, &WorkerStats::default()), None);
    }

    #[test]
    fn bypasses_are_reported_only_for_locks_with_an_order() {
        let seen =
            ProbeStats { bodies: 10, owner_switches: 4, sampled: 2, ..ProbeStats::default() };
        let mut tally = WorkerStats { probe: seen, ..WorkerStats::default() };
        let watched = |tally: &WorkerStats| {
            Contention::of(&[TIMED], 5, tally)
                .and_then(|contention| contention.watched)
                .expect("watched")
        };
        assert_eq!((watched(&tally).bypassed, watched(&tally).owner_switches), (None, Some(0.4)));
        tally.probe.ticketed = 10;
        assert_eq!(watched(&tally).bypassed, Some((0, 10)));
    }

    #[test]
    fn workers_that_never_met_are_uncontended() {
        let watched = |owner_switches, contested| {
            let bodies = 10_000_000;
            let seen = ProbeStats {
                bodies,
                owner_switches,
                sampled: 100_000,
                contested,
                ..ProbeStats::default()
            };
            ProbedAttempt::of(&seen).expect("watched").is_contested()
        };
        assert_eq!(
            [watched(90, 9), watched(10_000, 0), watched(0, 1000)],
            [false, true, true].map(Some)
        );
    }
}
