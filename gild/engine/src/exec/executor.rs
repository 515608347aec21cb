//! The executor of attempts: the lab's strategies run on the worker pool, real interpreters in
//! child processes, one attempt at a time.

use std::collections::HashMap;
use std::time::Duration;

use strategies::harness::counters::WorkerStats;
use strategies::machine::native::abort::Abort;
use strategies::program::body_spec::Increment;
use strategies::program::workload::{Io, Request, Service, Workload};

use crate::exec::attempt;
use crate::exec::attempt::{AttemptError, Observation};
use crate::exec::lost_workers::LostWorkers;
use crate::exec::worker_pool::WorkerPool;
use crate::exec::worker_status::WorkerStatuses;
use crate::limits::ATTEMPT_TIME_MAX;
use crate::plan::cell::Cell;
use crate::plan::subject::{Python, Subject};
use crate::python;
use crate::python::child::Child;
use crate::python::error::PythonError;
use crate::python::job::{ExperimentJob, ExperimentOutcome, Pause, Rule, Work};
use crate::python::registry::Interpreters;
use crate::stats::fairness::{WorkerShares, jain, overlap};
use crate::sys::affinity::{CpuScope, CpuSet, Pin};
use crate::sys::interference::UsageSnapshot;
use crate::sys::rusage::Usage;
use strategies::program::era::SwitchRule;

/// A worker pool and the running interpreters.
#[derive(Debug, Default)]
pub struct Executor {
    pub(crate) pool: WorkerPool,
    interpreters: Interpreters,
    children: HashMap<usize, Child>,
}

impl Executor {
    /// An executor on `cores` that may run `interpreters`; abandoned workers are added to
    /// `degraded`.
    pub fn on(cores: CpuSet, degraded: LostWorkers, interpreters: Interpreters) -> Self {
        Self { pool: WorkerPool::on(cores, degraded), interpreters, children: HashMap::new() }
    }

    /// Confines the calling thread, which drives the executor and starts interpreters, to its
    /// cores.
    pub fn confine(&self) {
        self.pool.cores().confine();
    }

    /// Sets the job that the next attempts belong to, e.g. `sweep 0abc`.
    pub fn set_label(&mut self, work: String) {
        self.pool.set_label(work);
    }

    /// Whether an abandoned worker may still run.
    pub fn is_degraded(&self) -> bool {
        self.pool.is_degraded()
    }

    /// A note for readers of any figures from this executor, if needed.
    pub fn note(&self) -> Option<String> {
        match self.pool.cores().extent() {
            CpuScope::Whole => None,
            CpuScope::Share => Some(format!(
                "Other sweeps may have been measured at the same time, on other cores than these \
                 ({}): caches, memory bandwidth and the processor's clock are common to all.",
                self.pool
                    .cores()
                    .numbers()
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        }
    }

    /// A snapshot of the kernel's usage counters; called by the thread that drives the executor.
    pub fn snapshot(&self) -> UsageSnapshot {
        let own = match self.pool.cores().extent() {
            CpuScope::Whole => self.process_used().map(|used| used.cpu.total()),
            // Threads of other lanes should not use these cores: if they do, it counts as noise.
            CpuScope::Share => Usage::of_this_thread()
                .zip(self.pool.used())
                .map(|(driver, pool)| driver.cpu.total() + pool),
        };
        let own = own.zip(self.interpreters_used()).map(|(own, theirs)| own + theirs);
        UsageSnapshot::at(self.pool.cores().numbers(), own)
    }

    /// Usage of the whole process; `None` where other lanes are measured in it too, or the system
    /// does not report it.
    pub fn process_used(&self) -> Option<Usage> {
        match self.pool.cores().extent() {
            CpuScope::Whole => Usage::of_this_process(),
            CpuScope::Share => None,
        }
    }

    /// Runs one attempt, with workers on cores as `pin` says. Raising `abort` ends it with
    /// [`AttemptError::Stopped`].
    pub fn attempt(
        &mut self,
        cell: &Cell,
        pin: Pin,
        seed: u64,
        abort: &Abort,
    ) -> Result<Observation, AttemptError> {
        match cell.subject {
            Subject::Lab(spec) => attempt::run(&mut self.pool, spec, cell, pin, seed, abort),
            Subject::Python(python) => self.in_python(python, cell, pin, abort),
        }
    }

    /// Processor time of the running interpreters; `None` if the system does not report it.
    fn interpreters_used(&self) -> Option<Duration> {
        self.children.values().map(Child::used).sum()
    }

    /// Ends the interpreters, which would otherwise wait for the next sweep.
    pub fn clear(&mut self) {
        self.children.clear();
    }

    fn in_python(
        &mut self,
        python: Python,
        cell: &Cell,
        pin: Pin,
        abort: &Abort,
    ) -> Result<Observation, AttemptError> {
        let job = job(python, cell, self.pool.cores().worker_cores(pin, cell.workers))?;
        let mut child = match self.children.remove(&python.place) {
            Some(child) => child,
            None => Child::start(self.interpreters.at(python.place)?)?,
        };
        // After an error the child has ended and is not put back.
        let outcome = child.run(&job, abort, ATTEMPT_TIME_MAX)?;
        self.children.insert(python.place, child);
        Ok(observation(outcome, &cell.workload))
    }
}

impl From<PythonError> for AttemptError {
    fn from(error: PythonError) -> Self {
        match error {
            PythonError::Stopped => Self::Stopped,
            // Its threads belong to another process, which has ended.
            PythonError::TooLong { .. } => Self::TooLong(WorkerStatuses::default()),
            other => Self::Python(other.to_string()),
        }
    }
}

fn job(python: Python, cell: &Cell, cores: Vec<usize>) -> Result<ExperimentJob, AttemptError> {
    let Workload { tasks, increments, body, io, service, .. } = cell.workload;
    let work = match service {
        None => Work::Tasks { workers: cell.workers, tasks, increments, io: io.and_then(pause) },
        Some(Service { workers, requests, request }) => Work::Requests {
            cpu: cell.workers - workers,
            io: workers,
            requests,
            call: match request {
                Request::Sleep { duration_ns } => python::job::Request::Sleep { ns: duration_ns },
                Request::Echo => python::job::Request::Echo,
                Request::Write => python::job::Request::Write,
            },
        },
    };
    let body = match body {
        Increment::Named(name) => name.name(),
        // Refused when the cell was planned.
        Increment::Custom(_) => {
            return Err(AttemptError::Python(format!("no interpreter has a body {body}")));
        }
    };
    let rule = match python.rule {
        SwitchRule::Ticks(ticks) => Rule::Ticks(ticks),
        SwitchRule::Interval(interval) => Rule::Interval { picoseconds: interval.picoseconds() },
        SwitchRule::Free => Rule::Own,
    };
    Ok(ExperimentJob { body, rule, work, cores })
}

fn pause(Io { every, request }: Io) -> Option<Pause> {
    match request {
        Request::Sleep { duration_ns } => Some(Pause { every, duration_ns }),
        // Refused when the cell was planned.
        Request::Echo | Request::Write => None,
    }
}

fn observation(outcome: ExperimentOutcome, workload: &Workload) -> Observation {
    let ExperimentOutcome {
        total,
        duration_ns,
        workers,
        switches: _,
        latencies_ns,
        cpu,
        context_switches,
    } = outcome;
    let requesting = workload.service.map_or(0, |service| service.workers);
    let spans: Vec<_> = workers.iter().filter_map(|worker| worker.span_ns).collect();
    let increments: Vec<_> = workers.iter().map(|worker| worker.increments).collect();
    let mut tally = WorkerStats {
        tasks: if requesting > 0 { 0 } else { workload.tasks },
        increments: increments.iter().sum(),
        requests: latencies_ns.len() as u64,
        ..WorkerStats::default()
    };
    for latency_ns in latencies_ns {
        tally.latencies.record(latency_ns);
    }
    let incrementing = increments.len().saturating_sub(requesting);
    Observation {
        total,
        duration_ns,
        overlap: overlap(&spans, duration_ns),
        jain: jain(&increments[..incrementing]),
        worker_shares: WorkerShares::of(&increments[..incrementing]),
        tally,
        cpu,
        timed: None,
        context_switches: Some(context_switches),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::measurement::tests::CELL;
    use crate::sys::affinity::allowed;

    #[test]
    fn single_lane_has_no_note_about_others() {
        let executor = Executor::default();
        assert_eq!(executor.note(), None);
        assert!(executor.process_used().is_some());
    }

    #[test]
    fn lane_among_others_counts_only_its_own_usage() {
        let last = *allowed().last().expect("at least one");
        let on = move || {
            Executor::on(CpuSet::share(&[last]), LostWorkers::default(), Interpreters::default())
        };
        let lane = std::thread::spawn(move || {
            let mut executor = on();
            executor.confine();
            let seen = executor.attempt(&CELL, Pin::Auto, 1, &Abort::default()).expect("it runs");
            (seen.total, executor.pool.used().is_some(), executor.process_used())
        });
        let (total, own, whole) = lane.join().expect("it runs");
        assert_eq!((total, own, whole), (CELL.workload.expected(), true, None));
        let remark = on().note().expect("there may be others");
        assert!(
            remark.contains(&format!("({last})")) && remark.contains("memory bandwidth"),
            "{remark}"
        );
    }
}
