//! What a cell that went on for a time says of its lock under load: fairness by window, waits,
//! order, what watching cost. Pure; from the workers' accounts to figures, attempt by attempt.

use strategies::harness::counters::ProbeStats;
use strategies::harness::counters::WorkerStats;

use crate::exec::timed::Timed;
use crate::stats::descriptive::{Spread, TimesSummary};

/// Below this share of owner switches, and below that of contested waits, workers took turns by
/// time slices of the kernel's: a slice of 3 ms holds some hundred thousand bodies.
const OWNER_SWITCHES_MIN: f64 = 1e-4;
const CONTESTED_MIN: f64 = 1e-3;

/// A lock under load; sums and medians over attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Contention {
    /// Jain's index in windows of 1, 10 and 100 ms; medians over attempts.
    pub jain: [Option<f64>; 3],
    /// What the slowest worker did, as a share of an even part; median.
    pub slowest: f64,
    /// What was left out at the start, in nanoseconds; median.
    pub warm_up_ns: u64,
    /// Attempts, of the sample, whose rate was still on its way after half of their time.
    pub unsteady: u32,
    /// Longest time between two looks of a worker at its clock, of all attempts: no wait was
    /// longer.
    pub longest_ns: u64,
    /// Speed while watched over speed while not; `None` where nothing was watched.
    pub watching: Option<Spread>,
    /// What was seen of the lock; `None` where it cannot be watched.
    pub watched: Option<ProbedAttempt>,
    /// Arrivals that no worker had begun with at the end.
    pub unserved: u64,
    /// Bodies that only read.
    pub reads: u64,
    /// How many of those saw the counter change.
    pub torn_reads: u64,
}

/// What watching workers saw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbedAttempt {
    /// Bodies that were watched.
    pub bodies: u64,
    /// Share of them that found the lock last held by another worker; `None` where others may do
    /// one's bodies.
    pub owner_switches: Option<f64>,
    /// Of how many the lock's own order of arrival is known, and how many of these came too late;
    /// `None` where the lock keeps no such order.
    pub bypassed: Option<(u64, u64)>,
    /// Waits that were seen from beginning to end.
    pub sampled: u64,
    /// How many of them let anybody in.
    pub contested: u64,
    /// How many let more in than there are other workers.
    pub overtaken: u64,
    /// Most that were let in during one of them.
    pub others_most: u64,
    /// Sampled sections in which another worker stored.
    pub overlapped: u64,
    /// From a sampled release to the next waiter's having the lock.
    pub hand_overs: TimesSummary,
    /// How long getting the lock took, waiting or not.
    pub acquisitions: TimesSummary,
}

impl Contention {
    /// The figures of a sample of attempts, and of what all of them counted; `None` without any
    /// that went on for a time.
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
    /// Whether workers ever met at the lock: hardly anybody found it changed hands, and hardly
    /// anybody was let in while another waited. `None` where neither is known.
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
    fn attempts_are_told_by_their_medians_and_worst() {
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
    fn what_was_not_watched_is_not_told() {
        let attempts = [Timed { watching: None, ..TIMED }];
        let contention = Contention::of(&attempts, 9, &WorkerStats::default()).expect("an attempt");
        assert_eq!((contention.watching, contention.watched), (None, None));
        assert_eq!(Contention::of(&[], 0, &WorkerStats::default()), None);
    }

    #[test]
    fn order_is_told_only_of_locks_that_keep_one() {
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
    fn workers_that_never_met_did_not_contest() {
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
