//! The lab's side: cells run on the crew, and figures taken from what was observed.

use std::time::Duration;

use engine::exec::attempt;
use engine::exec::attempt::Observation;
use engine::exec::worker_pool::WorkerPool;
use engine::plan::cell::Cell;
use engine::plan::subject::Subject;
use engine::sys::affinity::Pin;
use strategies::catalog::Spec;
use strategies::harness::counters::WorkerStats;
use strategies::machine::native::abort::Abort;
use strategies::program::bodies::BodyName;
use strategies::program::era::{Era, SwitchInterval, SwitchRule};
use strategies::program::workload::{Request, Service, Workload};

use crate::foreign::{Foreign, RETRIES};
use crate::statistics::Median;

/// Attempts behind each median.
pub(crate) const ATTEMPTS: usize = 9;
/// About a `CPython` bytecode, in nanoseconds.
pub(crate) const STEP_NS: u64 = 15;
/// Increments of a long attempt, all workers together: about 0.3 s.
pub(crate) const LONG: u64 = 3_000_000;
/// Picoseconds of a microsecond.
const US: u64 = 1_000_000;

/// The crew, and how many attempts it has made.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    crew: WorkerPool,
    made: u64,
}

/// A GIL with a workload on so many workers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) spec: Spec,
    pub(crate) workload: Workload,
    pub(crate) workers: usize,
}

/// A GIL of that era that switches by interval.
pub(crate) fn interval(era: Era, picoseconds: u64) -> Spec {
    Spec::Gil { era, rule: SwitchRule::Interval(SwitchInterval::from_picoseconds(picoseconds)) }
}

/// The same, in microseconds.
pub(crate) fn interval_us(era: Era, microseconds: u64) -> Spec {
    interval(era, microseconds * US)
}

/// The GIL of 2.7 with that check interval.
pub(crate) fn ticks(budget: u32) -> Spec {
    Spec::Gil { era: Era::V2_7, rule: SwitchRule::Ticks(budget) }
}

/// So many increments in all, in one task a worker.
pub(crate) fn long(spec: Spec, body: BodyName, workers: usize, increments: u64) -> Setting {
    let tasks = workers as u64;
    let workload = Workload {
        tasks,
        increments: increments / tasks,
        body: body.into(),
        step_cost_ns: STEP_NS,
        ..Workload::ONE
    };
    Setting { spec, workload, workers }
}

/// The chapter's experiment: a hundred tasks of one increment on two workers.
pub(crate) fn chapter(spec: Spec) -> Setting {
    let workload = Workload { tasks: 100, task_steps: 600, step_cost_ns: STEP_NS, ..Workload::ONE };
    Setting { spec, workload, workers: 2 }
}

/// One worker that makes requests beside so many that compute.
pub(crate) fn convoy(spec: Spec, request: Request, requests: u64, computing: usize) -> Setting {
    let service = Some(Service { workers: 1, requests, request });
    let workload = Workload { service, step_cost_ns: STEP_NS, ..Workload::ONE };
    Setting { spec, workload, workers: computing + 1 }
}

impl Bench {
    /// One attempt.
    pub(crate) fn attempt(&mut self, setting: Setting) -> Seen {
        let Setting { spec, workload, workers } = setting;
        let cell = Cell { subject: Subject::Lab(spec), workload, workers, attempts: 1 };
        self.made += 1;
        let seed = self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let observed =
            attempt::run(&mut self.crew, spec, &cell, Pin::Auto, seed, &Abort::default());
        Seen(observed.expect("a setting of this benchmark ends in time"))
    }

    /// So many attempts.
    pub(crate) fn attempts(&mut self, setting: Setting, count: usize) -> Vec<Seen> {
        (0..count).map(|_| self.attempt(setting)).collect()
    }

    /// So many attempts in which others left the machine alone, or as many as came of four times
    /// that.
    pub(crate) fn undisturbed(&mut self, setting: Setting, count: usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        for _ in 0..count * RETRIES {
            let foreign = Foreign::watch();
            let attempt = self.attempt(setting);
            if foreign.left_us_alone(Duration::ZERO) {
                seen.push(attempt);
            }
            if seen.len() == count {
                break;
            }
        }
        seen
    }

    /// Attempts of several settings, in turns: whatever else the machine does, it does to all.
    pub(crate) fn interleaved(&mut self, settings: &[Setting], rounds: usize) -> Vec<Vec<Seen>> {
        let mut seen: Vec<Vec<Seen>> = settings.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (setting, seen) in settings.iter().zip(&mut seen) {
                seen.push(self.attempt(*setting));
            }
        }
        seen
    }
}

/// What was observed in one attempt.
#[derive(Debug)]
pub(crate) struct Seen(pub(crate) Observation);

impl Seen {
    /// Share of the increments that is missing.
    pub(crate) fn lost(&self) -> f64 {
        let done = self.0.tally.increments as f64;
        (done - self.0.total as f64) / done.max(1.0)
    }

    /// Increments that are missing.
    pub(crate) fn missing(&self) -> u64 {
        self.0.tally.increments - self.0.total
    }

    pub(crate) fn per_second(&self, count: u64) -> f64 {
        count as f64 * 1e9 / self.0.duration_ns as f64
    }

    /// Switches in a second of the time in which at least two were at work.
    pub(crate) fn switches_per_second(&self) -> f64 {
        self.per_second(self.0.tally.switches()) / self.0.overlap.max(f64::MIN_POSITIVE)
    }

    pub(crate) fn increments_per_second(&self) -> f64 {
        self.per_second(self.0.tally.increments)
    }

    pub(crate) fn requests_per_second(&self) -> f64 {
        self.per_second(self.0.tally.requests)
    }

    /// The median latency in milliseconds.
    pub(crate) fn latency_ms(&self) -> f64 {
        self.0.tally.latencies.quantile_ns(0.5).unwrap_or(0) as f64 / 1e6
    }
}

/// A figure of several attempts.
pub(crate) fn median(seen: &[Seen], of: impl Fn(&Seen) -> f64) -> Median {
    Median::of(&seen.iter().map(of).collect::<Vec<_>>())
}

/// Processor time in the kernel over all of several attempts, as a share of one core: the kernel
/// counts it by its tick, so a single attempt says nothing.
pub(crate) fn kernel_cores(seen: &[Seen]) -> f64 {
    let sum = |of: fn(&Seen) -> u64| seen.iter().map(of).sum::<u64>() as f64;
    sum(|seen| seen.0.cpu.system_ns) / sum(|seen| seen.0.duration_ns).max(1.0)
}

/// All counts of several attempts.
pub(crate) fn tally(seen: &[Seen]) -> WorkerStats {
    let mut sum = WorkerStats::default();
    for seen in seen {
        sum.merge(&seen.0.tally);
    }
    sum
}
