//! An attempt on the worker pool: from a cell and a seed to an observation, or to an error.
//!
//! An aborted attempt has no observation, so it is never counted.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use strategies::catalog::{Spec, Visitor};
use strategies::harness::body::compile::Code;
use strategies::harness::counters::WorkerStats;
use strategies::harness::shared::Shared;
use strategies::harness::strategy::{Strategy, WorkerId};
use strategies::harness::worker::run::{Role, Span};
use strategies::harness::worker::site::LockInstance;
use strategies::harness::worker::timeline::Timeline;
use strategies::harness::worker::worker_loop::{WorkerLoop, WorkerOutput, WorkerSetup};
use strategies::machine::native::NativeMachine;
use strategies::machine::native::abort::Abort;
use strategies::machine::{Aborted, Machine};
use strategies::program::step::Sites;
use strategies::program::workload::Workload;

use crate::exec::pool_task::PoolTask;
use crate::exec::timed::{Slices, Timed};
use crate::exec::worker_pool::{BatchEnd, WorkerPool};
use crate::exec::worker_status::WorkerStatuses;
use crate::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX};
use crate::plan::cell::Cell;
use crate::stats::fairness::{WorkerShares, jain, overlap};
use crate::sys::affinity::{CpuScope, Pin};
use crate::sys::rusage::Usage;
use crate::sys::rusage::{ContextSwitches, CpuTime};

/// The results of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The counter's value after all tasks.
    pub total: u64,
    /// Time from the first worker's release at the gate to the last step of any worker, in
    /// nanoseconds; at least 1.
    pub duration_ns: u64,
    /// Share of it in which at least two workers were between their first and last step, in whole
    /// thousandths.
    pub overlap: f64,
    /// Jain's index of the workers' increments.
    pub jain: f64,
    /// Increments of each worker. The first attempt of a turn holds those of all of them; those of a
    /// turn that an earlier version stored are not known.
    pub worker_shares: WorkerShares,
    /// The counts of all workers together.
    pub tally: WorkerStats,
    /// Processor time of all workers.
    pub cpu: CpuTime,
    /// Increments by time window, if workers incremented for a duration.
    pub timed: Option<Box<Timed>>,
    /// Context switches of the workers; `None` where the system does not count them.
    pub context_switches: Option<ContextSwitches>,
}

impl Observation {
    /// The overlap, rounded to thousandths; finer digits carry no information.
    pub fn overlap_in_thousandths(&self) -> f64 {
        (self.overlap * 1000.0).round() / 1000.0
    }
}

/// Why there is no observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// The abort was raised.
    #[error("the attempt was stopped; `resume` goes on with its sweep")]
    Stopped,
    /// The attempt passed its time limit and was aborted; the status of its workers at that time.
    #[error(
        "an attempt took longer than the limit of {ATTEMPT_TIME_MAX:?}{}; \
         ask for fewer increments, tasks, requests or workers, or for shorter steps, sections and \
         calls",
        .0.parenthesized()
    )]
    TooLong(WorkerStatuses),
    /// A worker did not return after the abort; its thread is abandoned.
    #[error(
        "a worker did not return within {ABORT_GRACE:?} of its abort{}; its thread was given up, \
         and as long as it runs the lab is degraded: restart the lab",
        .0.parenthesized()
    )]
    Stuck(WorkerStatuses),
    /// There are not enough threads.
    #[error("the system has no thread for a further worker: {0}; ask for fewer workers")]
    NoThread(String),
    /// A real interpreter failed.
    #[error("{0}")]
    Python(String),
    /// A worker panicked: a bug.
    #[error("a worker panicked: {0}; this is a bug: report it")]
    Panicked(String),
}

/// Runs one attempt of `cell` on `pool`, with workers on cores as `pin` says. Raising `abort` ends
/// it with [`AttemptError::Stopped`].
pub fn run(
    pool: &mut WorkerPool,
    spec: Spec,
    cell: &Cell,
    pin: Pin,
    seed: u64,
    abort: &Abort,
) -> Result<Observation, AttemptError> {
    let Cell { workload, workers, .. } = *cell;
    let machine = machine(pool, abort);
    let setup =
        AttemptBuilder { machine: machine.clone(), sites: spec.sites(), workload, workers, seed };
    let running = spec.build(&machine, workers, setup);
    run_built(pool, &running, pin, workers, abort)
}

/// The same of a strategy that the catalogue does not know: `make` builds one for each lock of the
/// workload.
pub(crate) fn run_strategy<S: Strategy<NativeMachine> + 'static>(
    pool: &mut WorkerPool,
    make: impl Fn(&NativeMachine) -> S,
    (workload, workers): (Workload, usize),
    pin: Pin,
    seed: u64,
) -> Result<Observation, AttemptError> {
    let abort = Abort::default();
    let machine = machine(pool, &abort);
    let sites = Sites::Nowhere;
    let setup = AttemptBuilder { machine: machine.clone(), sites, workload, workers, seed };
    let running = setup.visit(|| make(&machine));
    run_built(pool, &running, pin, workers, &abort)
}

fn machine(pool: &WorkerPool, abort: &Abort) -> NativeMachine {
    let machine = NativeMachine::new(abort.clone());
    match pool.cores().extent() {
        CpuScope::Whole => machine,
        CpuScope::Share => machine.among(pool.cores().count()),
    }
}

fn run_built(
    pool: &mut WorkerPool,
    running: &Arc<dyn RunningAttempt>,
    pin: Pin,
    workers: usize,
    abort: &Abort,
) -> Result<Observation, AttemptError> {
    let job = {
        let running = Arc::clone(running);
        move |index: usize| running.work(index)
    };
    run_batch(pool, pin, workers, Box::new(job), abort)?;
    running.observe().ok_or(AttemptError::Stopped)
}

/// Waits for a batch up to the time limit of an attempt, then aborts it; after the grace time it is
/// abandoned.
fn run_batch(
    pool: &mut WorkerPool,
    pin: Pin,
    workers: usize,
    job: Box<PoolTask>,
    abort: &Abort,
) -> Result<(), AttemptError> {
    let no_thread = |error: io::Error| AttemptError::NoThread(error.to_string());
    let limits = pool.limits_now();
    let batch = pool.dispatch(pin, workers, job).map_err(no_thread)?;
    let begun = Instant::now();
    match batch.wait_until(begun + limits.attempt) {
        BatchEnd::Done => return Ok(()),
        BatchEnd::Panicked(message) => return Err(AttemptError::Panicked(message)),
        BatchEnd::Late => {}
    }
    // Taken before the abort, because workers that see the abort return.
    let statuses = pool.statuses(&batch, begun.elapsed());
    abort.raise();
    match batch.wait_until(Instant::now() + limits.grace) {
        BatchEnd::Done => Err(AttemptError::TooLong(statuses)),
        BatchEnd::Panicked(message) => Err(AttemptError::Panicked(message)),
        BatchEnd::Late => {
            let statuses = pool.statuses(&batch, begun.elapsed());
            pool.abandon(&batch, &statuses);
            Err(AttemptError::Stuck(statuses))
        }
    }
}

/// An attempt with its strategy's type erased: one virtual call per worker.
trait RunningAttempt: Send + Sync {
    fn work(&self, index: usize);
    /// `None` if it was aborted.
    fn observe(&self) -> Option<Observation>;
}

struct AttemptBuilder {
    machine: NativeMachine,
    sites: Sites,
    workload: Workload,
    workers: usize,
    seed: u64,
}

impl Visitor<NativeMachine> for AttemptBuilder {
    type Output = Arc<dyn RunningAttempt>;

    fn visit<S>(self, make: impl Fn() -> S) -> Arc<dyn RunningAttempt>
    where
        S: Strategy<NativeMachine> + 'static,
    {
        let Self { machine, sites, workload, workers, seed } = self;
        let code = Code::compile(&workload, sites, &machine);
        let site = |_| LockInstance {
            strategy: make(),
            shared: Shared::new(&machine, code.requesting_workers()),
        };
        let sites: Vec<_> = (0..workload.locks).map(site).collect();
        let slot = |index| {
            let setup =
                WorkerSetup::new(&machine, &sites, &code, WorkerId { index, seed }, workers);
            Mutex::new(WorkerSlot::Waiting(setup))
        };
        let slots = (0..workers).map(slot).collect();
        Arc::new(Experiment { machine, sites, code, slots })
    }
}

struct Experiment<S: Strategy<NativeMachine>> {
    machine: NativeMachine,
    sites: Vec<LockInstance<NativeMachine, S>>,
    code: Code,
    slots: Vec<Mutex<WorkerSlot<S::Local>>>,
}

/// A worker's input, then its output. Only the worker accesses it until it has returned.
enum WorkerSlot<L> {
    Waiting(WorkerSetup<L>),
    Working,
    Done(Box<Result<WorkerReport, Aborted>>),
}

/// The output of one worker.
#[derive(Debug)]
struct WorkerReport {
    released_ns: u64,
    span: Span,
    output: WorkerOutput,
    /// `None` where the system does not tell.
    used: Option<Usage>,
}

impl<S: Strategy<NativeMachine>> RunningAttempt for Experiment<S> {
    fn work(&self, index: usize) {
        // Reading the thread's times takes a microsecond: before the clock starts.
        let used_before = Usage::of_this_thread();
        let released_ns = self.machine.now_ns();
        let slot = std::mem::replace(&mut *self.slot(index), WorkerSlot::Working);
        let WorkerSlot::Waiting(setup) = slot else { unreachable!("a slot is taken once") };
        let mut worker = WorkerLoop::new(&self.machine, &self.sites, setup);
        let role = Role::of(index, self.slots.len(), &self.code);
        let span = worker.run(&self.code, role);
        let used = Usage::of_this_thread().zip(used_before).map(|(now, before)| now.since(before));
        let output = worker.into_output();
        let report = |span| WorkerReport { released_ns, span, output, used };
        *self.slot(index) = WorkerSlot::Done(Box::new(span.map(report)));
    }

    fn observe(&self) -> Option<Observation> {
        let reports: Option<Vec<WorkerReport>> = (0..self.slots.len())
            .map(|index| match std::mem::replace(&mut *self.slot(index), WorkerSlot::Working) {
                WorkerSlot::Done(report) => report.ok(),
                WorkerSlot::Waiting(_) | WorkerSlot::Working => None,
            })
            .collect();
        let requesting = self.code.service.map_or(0, |service| service.workers);
        let total = self.sites.iter().map(LockInstance::total).sum();
        Some(observation(total, reports?, requesting, self.code.arrivals_per_s))
    }
}

impl<S: Strategy<NativeMachine>> Experiment<S> {
    fn slot(&self, index: usize) -> std::sync::MutexGuard<'_, WorkerSlot<S::Local>> {
        self.slots[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last `requesting` workers do not increment, so they have no share in it.
fn observation(
    total: u64,
    reports: Vec<WorkerReport>,
    requesting: usize,
    arrivals_per_s: Option<u64>,
) -> Observation {
    let spans: Vec<_> = reports.iter().filter_map(|report| report.span).collect();
    let start_ns = reports.iter().map(|report| report.released_ns).min().unwrap_or(0);
    let end_ns = spans.iter().map(|&(_, last_ns)| last_ns).max().unwrap_or(start_ns);
    let duration_ns = end_ns.saturating_sub(start_ns).max(1);
    let incrementing = reports.len().saturating_sub(requesting);
    let increments: Vec<_> =
        reports[..incrementing].iter().map(|report| report.output.stats.increments).collect();
    let used = reports.iter().map(|report| report.used).reduce(|sum, used| Some(sum?.plus(used?)));
    let used = used.flatten();
    let (tallies, timelines): (Vec<_>, Vec<_>) = reports
        .into_iter()
        .map(|WorkerReport { output, .. }| (output.stats, output.timeline))
        .unzip();
    let timelines: Option<Vec<Timeline>> = timelines.into_iter().collect();
    let add = |mut sum: WorkerStats, tally: WorkerStats| {
        sum.merge(&tally);
        sum
    };
    let tally = tallies.into_iter().reduce(add).unwrap_or_default();
    let slices = match arrivals_per_s {
        None if tally.probe.acquisitions.count() > 0 => Slices::InTurns,
        None | Some(_) => Slices::Alike,
    };
    Observation {
        total,
        duration_ns,
        overlap: overlap(&spans, duration_ns),
        jain: jain(&increments),
        worker_shares: WorkerShares::of(&increments),
        tally,
        timed: timelines.map(|all| Box::new(Timed::of(&all, slices))),
        cpu: used.map(|used| used.cpu).unwrap_or_default(),
        context_switches: used.map(|used| used.context_switches),
    }
}
#[cfg(test)]
#[path = "tests/attempt.rs"]
mod tests;
