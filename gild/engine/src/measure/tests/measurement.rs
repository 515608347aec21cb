//! Measurements against values computed by hand or by other programs.

use super::*;
use crate::exec::attempt::Observation;
use crate::measure::accumulator::CellAccumulator;
use crate::plan::cell::Cell;
use crate::plan::subject::Subject;
use crate::stats::descriptive::quantile;
use crate::stats::descriptive::wilson;
use crate::stats::fairness::{WorkerShare, WorkerShares};
use strategies::catalog::{Plain, Spec};
use strategies::harness::counters::WorkerStats;
use strategies::harness::durations::Durations;
use strategies::program::workload::Workload;

/// Two workers, two tasks of fifty.
pub(crate) const CELL: Cell = Cell {
    subject: Subject::Lab(Spec::Plain(Plain::Unlocked)),
    workload: Workload { tasks: 2, increments: 50, ..Workload::ONE },
    workers: 2,
    attempts: 4,
};

/// An attempt that took a microsecond.
pub(crate) fn seen(total: u64) -> Observation {
    Observation {
        total,
        duration_ns: 1_000,
        overlap: 0.8,
        jain: 1.0,
        worker_shares: WorkerShares::of(&[3, 1]),
        tally: WorkerStats::default(),
        timed: None,
        cpu: CpuTime { user_ns: 10, system_ns: 1 },
        context_switches: Some(ContextSwitches { voluntary: 3, forced: 2 }),
    }
}

/// The measurement of attempts with these totals, in one round.
pub(crate) fn measured(spec: Spec, totals: &[u64]) -> Measurement {
    let mut accumulator = CellAccumulator::new(Cell { subject: spec.into(), ..CELL }, 0.0);
    accumulator.add_round(&totals.iter().map(|&total| seen(total)).collect::<Vec<_>>());
    accumulator.measurement()
}

/// A cell whose workers increment for 50 ms.
pub(crate) const LOAD: Cell =
    Cell { workload: Workload { duration_ns: Some(50_000_000), ..Workload::ONE }, ..CELL };

#[test]
fn shares_of_workers_are_known_at_the_end_if_every_attempt_has_them() {
    let mut accumulator = CellAccumulator::new(CELL, 0.0);
    accumulator.add_round(&[seen(100), seen(100)]);
    assert_eq!(accumulator.measurement().worker_shares, [], "not before the end");
    let share = |increments, share| WorkerShare { increments, least: share, greatest: share };
    assert_eq!(accumulator.final_measurement().worker_shares, [share(6, 0.75), share(2, 0.25)]);
    accumulator.add_round(&[Observation { worker_shares: WorkerShares::default(), ..seen(100) }]);
    assert_eq!(accumulator.final_measurement().worker_shares, [], "of an earlier version's turn");
}

/// The measurement of [`LOAD`] with these increments and totals, each attempt a round of its own.
pub(crate) fn under_load(spec: Spec, attempts: &[(u64, u64)]) -> Measurement {
    let mut accumulator = CellAccumulator::new(Cell { subject: spec.into(), ..LOAD }, 0.0);
    for &(increments, total) in attempts {
        let tally = WorkerStats { increments, ..WorkerStats::default() };
        accumulator.add_round(&[Observation { tally, ..seen(total) }]);
    }
    accumulator.measurement()
}

fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 5e-4, "{found} is not {wanted}");
}

/// Values of R's `binom::binom.wilson`.
#[test]
fn wilson_intervals_match_r() {
    for (hits, of, low, high) in
        [(100, 100, 0.9630, 1.0), (71, 100, 0.6146, 0.7899), (0, 10, 0.0, 0.2775)]
    {
        let share = wilson(hits, of);
        close(share.low, low);
        close(share.high, high);
    }
    assert_eq!(wilson(0, 0), Share { fraction: 0.0, low: 0.0, high: 1.0 });
}

#[test]
fn quantiles_interpolate_between_values() {
    let values = [1.0, 2.0, 3.0, 4.0];
    close(quantile(&values, 0.5), 2.5);
    close(quantile(&values, 0.25), 1.75);
    close(quantile(&values, 1.0), 4.0);
    close(quantile(&[], 0.5), 0.0);
}

/// A longest time that no bucket ends with, and more times than 32 bits count.
#[test]
fn longest_times_are_exact_and_all_are_counted() {
    const LONGEST_NS: u64 = 1_000_000;
    let mut times = Durations::default();
    times.record(500);
    (0..33).for_each(|_| times.merge(&times.clone()));
    times.record(LONGEST_NS);
    let strategy = WorkerStats {
        waits: times.clone(),
        hand_overs: times.clone(),
        slices: times.clone(),
        latencies: times.clone(),
        ..WorkerStats::default()
    };
    let mut watched = strategy.clone();
    watched.probe.acquisitions = std::mem::take(&mut watched.waits);
    watched.probe.hand_overs = std::mem::take(&mut watched.hand_overs);
    for tally in [strategy, watched] {
        let mut accumulator = CellAccumulator::new(CELL, 0.0);
        accumulator.add_round(&[Observation { tally, ..seen(100) }, seen(100)]);
        assert_eq!(accumulator.measurement().histograms, None, "at the end only");
        let it = accumulator.final_measurement();
        for summary in [it.waits, it.slices, it.latencies] {
            let counted = (summary.count, summary.p99_ns, summary.max_ns);
            assert_eq!(counted, ((1 << 33) + 1, Some(501), Some(LONGEST_NS)));
        }
        let hand_overs = (it.hand_overs, it.hand_over_ns_p99, it.hand_over_ns_max);
        assert_eq!(hand_overs, ((1 << 33) + 1, Some(501), Some(LONGEST_NS)));
        let encoded = times.to_hdr_deflated();
        let all = Histograms {
            waits: encoded.clone(),
            hand_overs: encoded.clone(),
            slices: encoded.clone(),
            latencies: encoded,
        };
        assert_eq!(it.histograms, Some(Box::new(all)));
    }
}

#[test]
fn lost_updates_and_usage_are_measured() {
    let measurement = measured(Spec::Plain(Plain::Unlocked), &[100, 50, 90, 100]);
    assert_eq!((measurement.attempts, measurement.correct), (4, 2));
    assert_eq!(measurement.observed, (50, 100));
    close(measurement.lost.median, 0.05);
    close(measurement.rate.median, 1e8);
    assert_eq!(measurement.rate_interval, (measurement.rate.median, measurement.rate.median));
    assert_eq!(measurement.cpu, CpuTime { user_ns: 40, system_ns: 4 });
    let departures = ContextSwitches { voluntary: 12, forced: 8 };
    assert_eq!(measurement.context_switches, Some(departures));
}

#[test]
fn rounds_have_separate_shares_of_correct_attempts() {
    let mut accumulator = CellAccumulator::new(CELL, 0.0);
    accumulator.add_round(&[seen(100), seen(99)]);
    accumulator.add_round(&[seen(100), seen(100)]);
    let measurement = accumulator.measurement();
    assert_eq!((measurement.rounds, measurement.round_count), ((0.5, 1.0), 2));
}

#[test]
fn interval_of_median_rate_lies_within_quartiles() {
    let mut accumulator = CellAccumulator::new(CELL, 0.0);
    let took = |it: u64| Observation { duration_ns: 1_000 + it, ..seen(100) };
    (0..100).map(took).for_each(|seen| accumulator.add_round(&[seen]));
    let Measurement { rate, rate_interval: (low, high), .. } = accumulator.measurement();
    assert!(rate.low < low && low < rate.median, "{low} {rate:?}");
    assert!(rate.median < high && high < rate.high, "{high} {rate:?}");
}

#[test]
fn accumulator_memory_is_independent_of_attempts() {
    let mut accumulator = CellAccumulator::new(CELL, 0.0);
    let round = vec![seen(100); 1000];
    let held: Vec<_> = [4, 96]
        .map(|rounds| {
            (0..rounds).for_each(|_| accumulator.add_round(&round));
            accumulator.bytes_held()
        })
        .into();
    assert_eq!((accumulator.len(), held[0]), (100_000, held[1]));
    assert!(held[0] <= CellAccumulator::BYTES_HELD_MAX, "{}", held[0]);
}

#[test]
fn verdict_follows_the_promise() {
    assert_eq!(measured(Spec::Plain(Plain::Unlocked), &[100, 100]).verdict, Verdict::Kept);
    assert_eq!(measured(Spec::Plain(Plain::Unlocked), &[100, 99]).verdict, Verdict::Lost);
    assert_eq!(measured(Spec::Plain(Plain::Atomic), &[100, 99]).verdict, Verdict::Broken);
    assert_eq!(measured(Spec::Plain(Plain::Atomic), &[]).verdict, Verdict::Invalid);
}

/// Where an attempt ends with a time or with requests, it checks as many increments as it happens to
/// do; an attempt of tasks always the same.
#[test]
fn increments_are_the_unit_where_a_time_or_requests_end_an_attempt() {
    let kept = under_load(Spec::Plain(Plain::Atomic), &[(3_000, 3_000), (5_000, 5_000)]);
    let lost = kept.lost_increments.expect("it incremented for a time");
    assert_eq!((kept.verdict, lost.counts.checked, lost.counts.lost), (Verdict::Kept, 8_000, 0));
    close(lost.interval.expect("a bound").1 * 8_000.0, 2.9952);
    let broken = under_load(Spec::Plain(Plain::Broken), &[(3_000, 3_000), (5_000, 4_600)]);
    let lost = broken.lost_increments.expect("it incremented for a time");
    assert_eq!((broken.verdict, lost.counts.lost), (Verdict::Broken, 400));
    close(lost.fraction(), 0.05);
    assert_eq!(
        lost.interval.map(|(low, high)| (low * 5_000.0, high * 5_000.0)),
        Some((0.0, 400.0))
    );
    let request = strategies::program::workload::Request::Echo;
    let service = Some(strategies::program::workload::Service { workers: 1, requests: 2, request });
    let serving = Cell { workload: Workload { service, ..CELL.workload }, ..CELL };
    assert!(serving.is_judged_by_increments());
    assert!(!Cell { workers: 1, ..serving }.is_judged_by_increments(), "no worker increments");
    assert!(!CELL.is_judged_by_increments() && measured_lost(&[100]).is_none(), "it takes tasks");
}

fn measured_lost(totals: &[u64]) -> Option<crate::stats::lost_increments::LostIncrements> {
    measured(Spec::Plain(Plain::Unlocked), totals).lost_increments
}

#[test]
fn observation_that_breaks_the_promise_is_detected_before_adding() {
    let broken = |plain, totals: &[u64]| {
        let cell = Cell { subject: Spec::Plain(plain).into(), ..CELL };
        let seen: Vec<_> = totals.iter().map(|&total| seen(total)).collect();
        CellAccumulator::new(cell, 0.0).is_broken_by(&seen)
    };
    assert!(!broken(Plain::Atomic, &[100, 100]));
    assert!(broken(Plain::Atomic, &[100, 99]));
    assert!(!broken(Plain::Unlocked, &[100, 99]), "it may lose");
    assert!(broken(Plain::Unlocked, &[101]), "but not invent");
    let prediction = crate::measure::model::prediction::predictions(&[CELL], &|| true).remove(0);
    let modelled = CellAccumulator::new(CELL, 0.0).predicted(prediction);
    assert!(modelled.is_broken_by(&[seen(1)]), "two workers keep at least two");
}

#[test]
fn impossible_value_breaks_a_lossy_strategy() {
    assert_eq!(measured(Spec::Plain(Plain::Unlocked), &[101]).verdict, Verdict::Broken);
    assert_eq!(measured(Spec::Plain(Plain::Unlocked), &[0]).verdict, Verdict::Broken);
}

#[test]
fn workers_with_little_overlap_are_sequential() {
    let mut accumulator = CellAccumulator::new(CELL, 0.0);
    accumulator.add_round(&[Observation { overlap: 0.01, ..seen(100) }]);
    assert_eq!(accumulator.measurement().validity, Validity::Sequential);
    assert_eq!(measured(Spec::Plain(Plain::Unlocked), &[100]).validity, Validity::Ok);
    let mut alone = CellAccumulator::new(Cell { workers: 1, ..CELL }, 0.0);
    alone.add_round(&[Observation { overlap: 0.0, ..seen(100) }]);
    assert_eq!(alone.measurement().validity, Validity::Ok);
}

/// With requesting workers, the expected total is the number of increments done.
#[test]
fn expected_total_with_requesting_workers_is_counted() {
    let request = strategies::program::workload::Request::Echo;
    let service = Some(strategies::program::workload::Service { workers: 1, requests: 2, request });
    let workload = Workload { service, ..CELL.workload };
    let mut accumulator = CellAccumulator::new(Cell { workload, ..CELL }, 0.0);
    let attempt = |increments, total| Observation {
        tally: WorkerStats { increments, requests: 2, ..WorkerStats::default() },
        ..seen(total)
    };
    accumulator.add_round(&[attempt(1000, 1000), attempt(500, 499), attempt(0, 0)]);
    let measurement = accumulator.measurement();
    assert_eq!((measurement.correct, measurement.requests), (2, 6));
    assert_eq!(measurement.verdict, Verdict::Broken, "a worker that computes alone loses nothing");
}

/// A sum over only some attempts would be wrong.
#[test]
fn uncounted_context_switches_are_unknown() {
    let mut accumulator = CellAccumulator::new(CELL, 0.0);
    accumulator.add_round(&[seen(100), Observation { context_switches: None, ..seen(100) }]);
    accumulator.add_round(&[seen(100)]);
    assert_eq!(accumulator.measurement().context_switches, None);
}

#[test]
fn strategies_without_lock_have_no_switches() {
    assert_eq!(measured(Spec::Plain(Plain::Atomic), &[100]).switches, None);
    let none = Switches { forced: 0, voluntary: 0 };
    assert_eq!(measured(Spec::Plain(Plain::FairMutex), &[100]).switches, Some(none));
}
