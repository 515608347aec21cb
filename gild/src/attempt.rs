//! One attempt on the crew: from a cell and a seed to an observation, or to the reason there is none.
//!
//! Nothing an attempt was told to stop for is ever counted: an aborted attempt has no observation.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use strategies::body::Code;
use strategies::catalog::{Spec, Visitor};
use strategies::machine::{Aborted, Machine};
use strategies::native::{Abort, NativeMachine};
use strategies::step::Sites;
use strategies::strategy::{Role, Seat, Shared, Span, Strategy, Worker, run_worker};
use strategies::tally::Tally;

use crate::config::{ABORT_GRACE, ATTEMPT_TIME_MAX};
use crate::crew::{BatchEnd, Crew, Job};
use crate::plan::Cell;

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
    pub tally: Tally,
    /// All workers' time on a processor.
    pub cpu: CpuTime,
}

impl Observation {
    /// The overlap in thousandths.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    pub fn overlap_milli(&self) -> u64 {
        (self.overlap * 1000.0).round() as u64
    }
}

/// Time on a processor, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuTime {
    /// In the program.
    pub user_ns: u64,
    /// In the kernel on its behalf.
    pub system_ns: u64,
}

/// Why there is no observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// Somebody raised the abort.
    #[error("the attempt was stopped")]
    Stopped,
    /// It did not end in time and was aborted.
    #[error(
        "an attempt took longer than the limit of {ATTEMPT_TIME_MAX:?}; \
         ask for fewer increments, tasks or requests, or for shorter steps and calls"
    )]
    TooLong,
    /// A worker did not come back even then; its thread is given up.
    #[error("a worker did not return within {ABORT_GRACE:?} of its abort; its thread was given up")]
    Stuck,
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

/// Runs one attempt of `cell` on `crew`. Raising `abort` ends it with [`AttemptError::Stopped`].
pub fn run(
    crew: &mut Crew,
    spec: Spec,
    cell: &Cell,
    seed: u64,
    abort: &Abort,
) -> Result<Observation, AttemptError> {
    let machine = NativeMachine::new(abort.clone());
    let setup = Setup { machine: machine.clone(), sites: spec.sites(), cell: *cell, seed };
    let running = spec.build(&machine, cell.workers, setup);
    let job = {
        let running = Arc::clone(&running);
        move |index: usize| running.work(index)
    };
    let ended = run_batch(crew, cell.workers, Box::new(job), abort, ATTEMPT_TIME_MAX);
    match ended {
        Ok(()) => running.observe().ok_or(AttemptError::Stopped),
        Err(AttemptError::Stuck) => {
            *crew = Crew::default();
            Err(AttemptError::Stuck)
        }
        Err(error) => Err(error),
    }
}

/// Waits for a batch for as long as an attempt may take, then aborts it.
fn run_batch(
    crew: &mut Crew,
    workers: usize,
    job: Box<Job>,
    abort: &Abort,
    limit: Duration,
) -> Result<(), AttemptError> {
    let no_thread = |error: io::Error| AttemptError::NoThread(error.to_string());
    let batch = crew.dispatch(workers, job).map_err(no_thread)?;
    match batch.wait_until(Instant::now() + limit) {
        BatchEnd::Done => return Ok(()),
        BatchEnd::Panicked(message) => return Err(AttemptError::Panicked(message)),
        BatchEnd::Late => abort.raise(),
    }
    match batch.wait_until(Instant::now() + ABORT_GRACE) {
        BatchEnd::Done => Err(AttemptError::TooLong),
        BatchEnd::Panicked(message) => Err(AttemptError::Panicked(message)),
        BatchEnd::Late => Err(AttemptError::Stuck),
    }
}

/// An attempt whose strategy's type is forgotten: one virtual call per worker.
trait Running: Send + Sync {
    fn work(&self, index: usize);
    /// `None` if it was aborted.
    fn observe(&self) -> Option<Observation>;
}

struct Setup {
    machine: NativeMachine,
    sites: Sites,
    cell: Cell,
    seed: u64,
}

impl Visitor<NativeMachine> for Setup {
    type Output = Arc<dyn Running>;

    fn visit<S: Strategy<NativeMachine> + 'static>(self, strategy: S) -> Arc<dyn Running> {
        let Self { machine, sites, cell, seed } = self;
        let seats = (0..cell.workers).map(|index| {
            let local = strategy.local(Seat { index, seed });
            Mutex::new(Desk::Waiting { local, tally: Tally::default() })
        });
        let desks = seats.collect();
        let code = Code::compile(&cell.workload, sites, &machine);
        let shared = Shared::new(&machine, &code);
        Arc::new(Experiment { machine, strategy, shared, code, desks })
    }
}

struct Experiment<S: Strategy<NativeMachine>> {
    machine: NativeMachine,
    strategy: S,
    shared: Shared<NativeMachine>,
    code: Code,
    desks: Vec<Mutex<Desk<S::Local>>>,
}

/// Where a worker finds what it needs and leaves what it has; nobody else looks before it is back.
enum Desk<L> {
    Waiting { local: L, tally: Tally },
    Working,
    Done(Result<Report, Aborted>),
}

/// What one worker brings back.
#[derive(Debug)]
struct Report {
    released_ns: u64,
    span: Span,
    tally: Tally,
    cpu: CpuTime,
}

impl<S: Strategy<NativeMachine>> Running for Experiment<S> {
    fn work(&self, index: usize) {
        // Reading the thread's times takes a microsecond: before the clock starts.
        let cpu_before = CpuTime::of_this_thread();
        let released_ns = self.machine.now_ns();
        let desk = std::mem::replace(&mut *self.desk(index), Desk::Working);
        let Desk::Waiting { local, tally } = desk else { unreachable!("a desk is taken once") };
        let mut worker = Worker { machine: &self.machine, local, tally };
        let role = Role::of(index, self.desks.len(), &self.code);
        let span = run_worker(&self.strategy, &mut worker, &self.shared, &self.code, role);
        let cpu = CpuTime::of_this_thread().since(cpu_before);
        let tally = worker.tally;
        *self.desk(index) = Desk::Done(span.map(|span| Report { released_ns, span, tally, cpu }));
    }

    fn observe(&self) -> Option<Observation> {
        let reports: Option<Vec<Report>> = (0..self.desks.len())
            .map(|index| match std::mem::replace(&mut *self.desk(index), Desk::Working) {
                Desk::Done(Ok(report)) => Some(report),
                Desk::Done(Err(Aborted)) | Desk::Waiting { .. } | Desk::Working => None,
            })
            .collect();
        let requesting = self.code.service.map_or(0, |service| service.workers);
        Some(observation(self.strategy.total(&self.shared), reports?, requesting))
    }
}

impl<S: Strategy<NativeMachine>> Experiment<S> {
    fn desk(&self, index: usize) -> std::sync::MutexGuard<'_, Desk<S::Local>> {
        self.desks[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CpuTime {
    fn of_this_thread() -> Self {
        Self::of(UsageWho::RUSAGE_THREAD)
    }

    /// Of all threads of the process so far, those that have ended too.
    pub fn of_this_process() -> Self {
        Self::of(UsageWho::RUSAGE_SELF)
    }

    fn of(who: UsageWho) -> Self {
        let Ok(usage) = getrusage(who) else {
            return Self::default();
        };
        let ns = |time: nix::sys::time::TimeVal| u64::try_from(time.num_nanoseconds()).unwrap_or(0);
        Self { user_ns: ns(usage.user_time()), system_ns: ns(usage.system_time()) }
    }

    /// What was added since.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            user_ns: self.user_ns.saturating_sub(before.user_ns),
            system_ns: self.system_ns.saturating_sub(before.system_ns),
        }
    }

    /// In the program and in the kernel.
    pub fn total_ns(self) -> u64 {
        self.user_ns + self.system_ns
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { user_ns: self.user_ns + other.user_ns, system_ns: self.system_ns + other.system_ns }
    }
}

/// The last `requesting` workers do not increment, so they have no share in it.
fn observation(total: u64, reports: Vec<Report>, requesting: usize) -> Observation {
    let spans: Vec<_> = reports.iter().filter_map(|report| report.span).collect();
    let start_ns = reports.iter().map(|report| report.released_ns).min().unwrap_or(0);
    let end_ns = spans.iter().map(|&(_, last_ns)| last_ns).max().unwrap_or(start_ns);
    let duration_ns = end_ns.saturating_sub(start_ns).max(1);
    let incrementing = reports.len().saturating_sub(requesting);
    let increments: Vec<_> =
        reports[..incrementing].iter().map(|report| report.tally.increments).collect();
    let cpu = reports.iter().fold(CpuTime::default(), |sum, report| sum.plus(report.cpu));
    let tallies = reports.into_iter().map(|report| report.tally);
    let add = |mut sum: Tally, tally: Tally| {
        sum.merge(&tally);
        sum
    };
    Observation {
        total,
        duration_ns,
        overlap: overlap(&spans, duration_ns),
        jain: jain(&increments),
        tally: tallies.reduce(add).unwrap_or_default(),
        cpu,
    }
}

/// Share of the time in which at least two of the spans lie. In whole thousandths from the first, so that
/// what is shown and what the log keeps is what was judged.
pub(crate) fn overlap(spans: &[(u64, u64)], duration_ns: u64) -> f64 {
    (overlap_ns(spans) as f64 / duration_ns.max(1) as f64 * 1000.0).round() / 1000.0
}

/// Nanoseconds in which at least two of the spans lie.
fn overlap_ns(spans: &[(u64, u64)]) -> u64 {
    // Ends sort before beginnings at the same instant, so that touching spans do not overlap.
    let mut edges: Vec<(u64, i32)> =
        spans.iter().flat_map(|&(first, last)| [(first, 1), (last, -1)]).collect();
    edges.sort_unstable();
    let (mut inside, mut since, mut sum) = (0, 0, 0);
    for (at, change) in edges {
        if inside >= 2 {
            sum += at - since;
        }
        since = at;
        inside += change;
    }
    sum
}

/// Jain's fairness index: (sum x)^2 / (n sum x^2), from 1/n (one has all) to 1 (all the same).
/// Jain, Chiu and Hawe 1984, DEC-TR-301.
pub(crate) fn jain(shares: &[u64]) -> f64 {
    let sum: f64 = shares.iter().map(|&x| x as f64).sum();
    let squares: f64 = shares.iter().map(|&x| (x as f64).powi(2)).sum();
    if squares > 0.0 { sum * sum / (shares.len() as f64 * squares) } else { 1.0 }
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
