//! Timed attempts of the lab, several subjects interleaved.

use std::time::Duration;

use engine::exec::attempt;
use engine::exec::attempt::Observation;
use engine::exec::worker_pool::WorkerPool;
use engine::plan::cell::Cell;
use engine::plan::subject::Subject;
use engine::stats::two_sample::{Comparison, Sample};
use engine::sys::affinity::Pin;
use engine::sys::interference::UsageSnapshot;
use strategies::catalog::Spec;
use strategies::harness::durations::Durations;
use strategies::harness::rng::SplitMix64;
use strategies::machine::native::abort::Abort;
use strategies::program::workload::Workload;

/// Rounds of each comparison.
pub(crate) const ROUNDS: usize = 11;
/// Times that a noisy round is run again.
const RERUNS_MAX: usize = 3;
/// Length of an attempt.
pub(crate) const ATTEMPT: Duration = Duration::from_millis(300);

/// A lock under a load.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) spec: Spec,
    pub(crate) workers: usize,
    pub(crate) inside_ns: u64,
    pub(crate) outside_ns: u64,
    pub(crate) lasts: Duration,
}

impl Load {
    pub(crate) fn of(spec: Spec, workers: usize) -> Self {
        Self { spec, workers, inside_ns: 0, outside_ns: 0, lasts: ATTEMPT }
    }

    fn cell(self) -> Cell {
        let workload = Workload {
            inside_ns: self.inside_ns,
            outside_ns: self.outside_ns,
            duration_ns: Some(u64::try_from(self.lasts.as_nanos()).expect("short")),
            ..Workload::ONE
        };
        let Self { spec, workers, .. } = self;
        Cell { subject: Subject::Lab(spec), workload, workers, attempts: 1 }
    }
}

/// What came of a load, round by round.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) rates: Vec<f64>,
    jains: Vec<f64>,
    watching: Vec<f64>,
    waits: Durations,
    pub(crate) bypassed: u64,
    pub(crate) ticketed: u64,
    pub(crate) lost: u64,
}

impl Seen {
    fn add(&mut self, seen: &Observation) {
        let timed = seen.timed.as_ref().expect("a timed attempt");
        self.rates.push(timed.rate);
        self.jains.push(timed.jain_whole);
        self.watching.extend(timed.watching);
        self.waits.merge(&seen.tally.probe.acquisitions);
        self.bypassed += seen.tally.probe.bypassed;
        self.ticketed += seen.tally.probe.ticketed;
        self.lost += seen.tally.increments.saturating_sub(seen.total);
    }

    pub(crate) fn sample(&self) -> Sample {
        Sample::new(self.rates.clone())
    }

    pub(crate) fn jain(&self) -> f64 {
        Sample::new(self.jains.clone()).median()
    }

    pub(crate) fn watching(&self) -> Option<Sample> {
        (!self.watching.is_empty()).then(|| Sample::new(self.watching.clone()))
    }

    pub(crate) fn wait_ns(&self, q: f64) -> Option<u64> {
        self.waits.quantile_ns(q)
    }
}

/// Runs loads in turns; how many noisy rounds were run again, and how many counted all the same.
pub(crate) fn interleaved(loads: &[Load]) -> (Vec<Seen>, usize, usize) {
    let mut crew = WorkerPool::default();
    let mut seen: Vec<Seen> = loads.iter().map(|_| Seen::default()).collect();
    let (mut reruns, mut noisy) = (0, 0);
    for round in 0..ROUNDS {
        for step in 0..loads.len() {
            // The second one finds what the first has left behind.
            let at = (round + step) % loads.len();
            let (observation, again, is_noisy) = attempt_of(&mut crew, loads[at], round);
            reruns += again;
            noisy += usize::from(is_noisy);
            seen[at].add(&observation);
        }
    }
    (seen, reruns, noisy)
}

fn attempt_of(crew: &mut WorkerPool, load: Load, round: usize) -> (Observation, usize, bool) {
    let mut reruns = 0;
    loop {
        let before = UsageSnapshot::now(Some(Duration::ZERO));
        let abort = Abort::default();
        let seen = attempt::run(crew, load.spec, &load.cell(), Pin::Auto, round as u64, &abort);
        let seen = seen.expect("the attempt ends in time");
        let noise = UsageSnapshot::now(Some(Duration::ZERO)).interference_since(&before);
        let is_noisy = noise.is_some_and(|noise| noise.is_too_much());
        if !is_noisy || reruns == RERUNS_MAX {
            return (seen, reruns, is_noisy);
        }
        reruns += 1;
    }
}

/// One sample by some rates; `None` without any.
pub(crate) fn ratio_of(one: &Sample, rates: Vec<f64>) -> Option<Comparison> {
    Comparison::of(one, &Sample::new(rates), &mut SplitMix64::of(&[1]))
}

/// The one by the other, with its interval.
pub(crate) fn ratio(one: &Seen, other: &Seen) -> Comparison {
    Comparison::of(&one.sample(), &other.sample(), &mut SplitMix64::of(&[1])).expect("rates")
}

pub(crate) fn rate(seen: &Seen) -> String {
    let sample = seen.sample();
    let (low, high) = sample.median_interval(&mut SplitMix64::of(&[2]));
    let [median, low, high] = [sample.median(), low, high].map(|rate| rate / 1e6);
    format!("{median:.3} [{low:.3}-{high:.3}]")
}

/// A load and something else in turns; the rates of both.
pub(crate) fn interleaved_with(load: Load, other: impl Fn() -> f64) -> (Sample, Sample) {
    let mut crew = WorkerPool::default();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut lab = |round| {
        let (seen, ..) = attempt_of(&mut crew, load, round);
        seen.timed.expect("a timed attempt").rate
    };
    for round in 0..ROUNDS {
        if round % 2 == 0 {
            ours.push(lab(round));
            theirs.push(other());
        } else {
            theirs.push(other());
            ours.push(lab(round));
        }
    }
    (Sample::new(ours), Sample::new(theirs))
}
