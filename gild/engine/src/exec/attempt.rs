//! One attempt on the crew: from a cell and a seed to an observation, or to the reason there is
//! none.
//!
//! Nothing an attempt was told to stop for is ever counted: an aborted attempt has no observation.

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

use crate::exec::pool_task::PoolTask;
use crate::exec::timed::{Slices, Timed};
use crate::exec::worker_pool::{BatchEnd, WorkerPool};
use crate::exec::worker_status::WorkerStatuses;
use crate::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX};
use crate::plan::sweep_spec::Cell;
use crate::stats::fairness::{jain, overlap};
use crate::sys::affinity::{CpuScope, Pin};
use crate::sys::rusage::Usage;
use crate::sys::rusage::{ContextSwitches, CpuTime};

/// What was seen in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The counter's value after all tasks.
    pub total: u64,
    /// From the first worker behind the gate to the last step of the last, in nanoseconds; at least 1.
    pub duration_ns: u64,
    /// Share of it in which at least two workers were between their first and last step, in whole
    /// thousandths.
    pub overlap: f64,
    /// Jain's index of the workers' increments.
    pub jain: f64,
    /// All workers' counts.
    pub tally: WorkerStats,
    /// All workers' time on a processor.
    pub cpu: CpuTime,
    /// What was done when, if workers incremented for a time.
    pub timed: Option<Box<Timed>>,
    /// How often they left it; `None` where it is not counted.
    pub context_switches: Option<ContextSwitches>,
}

impl Observation {
    /// The overlap, rounded to thousandths: finer it means nothing.
    pub fn overlap_in_thousandths(&self) -> f64 {
        (self.overlap * 1000.0).round() / 1000.0
    }
}

/// Why there is no observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// Somebody raised the abort.
    #[error("the attempt was stopped")]
    Stopped,
    /// It did not end in time and was aborted; where its workers were then.
    #[error(
        "an attempt took longer than the limit of {ATTEMPT_TIME_MAX:?}{}; \
         ask for fewer increments, tasks, requests or workers, or for shorter steps, sections and \
         calls",
        .0.aside()
    )]
    TooLong(WorkerStatuses),
    /// A worker did not come back even then; its thread is given up.
    #[error(
        "a worker did not return within {ABORT_GRACE:?} of its abort{}; its thread was given up, \
         and as \
         long as it runs the lab is degraded",
        .0.aside()
    )]
    Stuck(WorkerStatuses),
    /// There are not enough threads.
    #[error("the system has no thread for a further worker: {0}; ask for fewer workers")]
    NoThread(String),
    /// A real interpreter failed.
    #[error("{0}")]
    Python(String),
    /// A worker panicked: a bug.
    #[error("a worker panicked: {0}")]
    Panicked(String),
}

/// Runs one attempt of `cell` on `crew`, with workers on cores as `pin` says. Raising `abort` ends
/// it with [`AttemptError::Stopped`].
pub fn run(
    crew: &mut WorkerPool,
    spec: Spec,
    cell: &Cell,
    pin: Pin,
    seed: u64,
    abort: &Abort,
) -> Result<Observation, AttemptError> {
    let machine = NativeMachine::new(abort.clone());
    let machine = match crew.cores().extent() {
        CpuScope::Whole => machine,
        CpuScope::Share => machine.among(crew.cores().count()),
    };
    let setup = AttemptBuilder { machine: machine.clone(), sites: spec.sites(), cell: *cell, seed };
    let running = spec.build(&machine, cell.workers, setup);
    let job = {
        let running = Arc::clone(&running);
        move |index: usize| running.work(index)
    };
    run_batch(crew, pin, cell.workers, Box::new(job), abort)?;
    running.observe().ok_or(AttemptError::Stopped)
}

/// Waits for a batch for as long as an attempt may take, then aborts it, and at last gives it up.
fn run_batch(
    crew: &mut WorkerPool,
    pin: Pin,
    workers: usize,
    job: Box<PoolTask>,
    abort: &Abort,
) -> Result<(), AttemptError> {
    let no_thread = |error: io::Error| AttemptError::NoThread(error.to_string());
    let batch = crew.dispatch(pin, workers, job).map_err(no_thread)?;
    let begun = Instant::now();
    match batch.wait_until(begun + crew.limits.attempt) {
        BatchEnd::Done => return Ok(()),
        BatchEnd::Panicked(message) => return Err(AttemptError::Panicked(message)),
        BatchEnd::Late => {}
    }
    // Before the abort, which sends everybody home who still hears it.
    let roll = crew.roll(&batch, begun.elapsed());
    abort.raise();
    match batch.wait_until(Instant::now() + crew.limits.grace) {
        BatchEnd::Done => Err(AttemptError::TooLong(roll)),
        BatchEnd::Panicked(message) => Err(AttemptError::Panicked(message)),
        BatchEnd::Late => {
            let roll = crew.roll(&batch, begun.elapsed());
            crew.give_up(&batch, &roll);
            Err(AttemptError::Stuck(roll))
        }
    }
}

/// An attempt whose strategy's type is forgotten: one virtual call per worker.
trait Running: Send + Sync {
    fn work(&self, index: usize);
    /// `None` if it was aborted.
    fn observe(&self) -> Option<Observation>;
}

struct AttemptBuilder {
    machine: NativeMachine,
    sites: Sites,
    cell: Cell,
    seed: u64,
}

impl Visitor<NativeMachine> for AttemptBuilder {
    type Output = Arc<dyn Running>;

    fn visit<S>(self, make: impl Fn() -> S) -> Arc<dyn Running>
    where
        S: Strategy<NativeMachine> + 'static,
    {
        let Self { machine, sites, cell, seed } = self;
        let code = Code::compile(&cell.workload, sites, &machine);
        let site = |_| LockInstance {
            strategy: make(),
            shared: Shared::new(&machine, code.requesting_workers()),
        };
        let sites: Vec<_> = (0..cell.workload.locks).map(site).collect();
        let desk = |index| {
            let kit =
                WorkerSetup::new(&machine, &sites, &code, WorkerId { index, seed }, cell.workers);
            Mutex::new(WorkerSlot::Waiting(kit))
        };
        let desks = (0..cell.workers).map(desk).collect();
        Arc::new(Experiment { machine, sites, code, desks })
    }
}

struct Experiment<S: Strategy<NativeMachine>> {
    machine: NativeMachine,
    sites: Vec<LockInstance<NativeMachine, S>>,
    code: Code,
    desks: Vec<Mutex<WorkerSlot<S::Local>>>,
}

/// Where a worker finds what it needs and leaves what it has; nobody else looks before it is back.
enum WorkerSlot<L> {
    Waiting(WorkerSetup<L>),
    Working,
    Done(Box<Result<Report, Aborted>>),
}

/// What one worker brings back.
#[derive(Debug)]
struct Report {
    released_ns: u64,
    span: Span,
    brought: WorkerOutput,
    /// `None` where the system does not tell.
    used: Option<Usage>,
}

impl<S: Strategy<NativeMachine>> Running for Experiment<S> {
    fn work(&self, index: usize) {
        // Reading the thread's times takes a microsecond: before the clock starts.
        let used_before = Usage::of_this_thread();
        let released_ns = self.machine.now_ns();
        let desk = std::mem::replace(&mut *self.desk(index), WorkerSlot::Working);
        let WorkerSlot::Waiting(kit) = desk else { unreachable!("a desk is taken once") };
        let mut hand = WorkerLoop::new(&self.machine, &self.sites, kit);
        let role = Role::of(index, self.desks.len(), &self.code);
        let span = hand.run(&self.code, role);
        let used = Usage::of_this_thread().zip(used_before).map(|(now, before)| now.since(before));
        let brought = hand.into_yield();
        let report = |span| Report { released_ns, span, brought, used };
        *self.desk(index) = WorkerSlot::Done(Box::new(span.map(report)));
    }

    fn observe(&self) -> Option<Observation> {
        let reports: Option<Vec<Report>> = (0..self.desks.len())
            .map(|index| match std::mem::replace(&mut *self.desk(index), WorkerSlot::Working) {
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
    fn desk(&self, index: usize) -> std::sync::MutexGuard<'_, WorkerSlot<S::Local>> {
        self.desks[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last `requesting` workers do not increment, so they have no share in it.
fn observation(
    total: u64,
    reports: Vec<Report>,
    requesting: usize,
    arrivals_per_s: Option<u64>,
) -> Observation {
    let spans: Vec<_> = reports.iter().filter_map(|report| report.span).collect();
    let start_ns = reports.iter().map(|report| report.released_ns).min().unwrap_or(0);
    let end_ns = spans.iter().map(|&(_, last_ns)| last_ns).max().unwrap_or(start_ns);
    let duration_ns = end_ns.saturating_sub(start_ns).max(1);
    let incrementing = reports.len().saturating_sub(requesting);
    let increments: Vec<_> =
        reports[..incrementing].iter().map(|report| report.brought.tally.increments).collect();
    let used = reports.iter().map(|report| report.used).reduce(|sum, used| Some(sum?.plus(used?)));
    let used = used.flatten();
    let (tallies, timelines): (Vec<_>, Vec<_>) =
        reports.into_iter().map(|Report { brought, .. }| (brought.tally, brought.timeline)).unzip();
    let timelines: Option<Vec<Timeline>> = timelines.into_iter().collect();
    let add = |mut sum: WorkerStats, tally: WorkerStats| {
        sum.merge(&tally);
        sum
    };
    let tally = tallies.into_iter().reduce(add).unwrap_or_default();
    let slices = match arrivals_per_s {
        None if tally.seen.acquisitions.count() > 0 => Slices::InTurns,
        None | Some(_) => Slices::Alike,
    };
    Observation {
        total,
        duration_ns,
        overlap: overlap(&spans, duration_ns),
        jain: jain(&increments),
        tally,
        timed: timelines.map(|all| Box::new(Timed::of(&all, slices))),
        cpu: used.map(|used| used.cpu).unwrap_or_default(),
        context_switches: used.map(|used| used.context_switches),
    }
}
#[cfg(test)]
#[path = "tests/attempt.rs"]
mod tests;
