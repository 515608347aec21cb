//! The lab: the use cases over history and scheduler. Its types are the engine's; the conversion to
//! the wire is in [`crate::rpc`].

pub mod access;
pub mod error;
pub mod explorations;
pub mod history;
mod recovery;
pub mod rounds;
pub mod rounds_cache;

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashSet;
use parking_lot::Mutex;
use strategies::machine::native::abort::Abort;
use strategies::program::limit::LimitError;
use uuid::Uuid;

use crate::lab::rounds_cache::RoundsCache;
use crate::store::Store;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::live_log::LogEnd;
use crate::store::record::{CellEvents, Kind, NewJob, Record, Since};
use crate::store::subscription::Subscription;
use engine::jobs::counters::{Counters, CountingSink};
use engine::jobs::event::sink::EventSink;
use engine::jobs::job::{Job, JobKind};
use engine::jobs::owner::Owner;
use engine::jobs::registry::{Registry, new_id};
use engine::jobs::scheduler::Scheduler;
use engine::jobs::scheduler::config::SchedulerConfig;
use engine::jobs::state::{State, StopReason, Transition};
use engine::jobs::sweep::job::Sweep;
use engine::plan::spec::SweepSpec;
use engine::plan::sweep_plan::{EqualIntervals, Plan};
use engine::python;
use engine::python::calibrate::Calibration;
use engine::python::interpreter::Interpreter;
use engine::python::registry::Interpreters;
use engine::sys::clock::unix_time_ns;
use strategies::harness::rng::SplitMix64;

use crate::lab::error::{LabError, StartError};

/// A running lab; cheap to clone.
#[derive(Clone)]
pub struct Lab(Arc<LabInner>);

struct LabInner {
    jobs: Registry,
    scheduler: Scheduler,
    /// The history, counted.
    sink: Arc<dyn EventSink>,
    history: Store,
    rounds: RoundsCache,
    /// Ids of jobs that are queued in the history but not in the scheduler, which had no place when
    /// the lab started.
    unqueued: DashSet<String>,
    /// Held while a job is created or resumed, so that a retried request cannot do it twice.
    create_lock: Mutex<()>,
    interpreters: Interpreters,
    counters: Arc<Counters>,
    /// Raised when the lab stops; ends a calibration and a replay on threads.
    stopping: Abort,
    start_time_ns: u64,
}

/// What a lab does at its start with jobs that were queued when an earlier lab ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueuedJobs {
    /// They are queued again.
    Requeue,
    /// They stay in the history, for a lab that lives long enough to run them.
    Leave,
}

/// What another process does that has the history open to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsElsewhere {
    /// Resource name of the job that runs, or of one of them.
    pub running: Option<String>,
    /// How many jobs are queued.
    pub queued: usize,
}

impl Lab {
    /// Starts the scheduler on a history: jobs that were running when an earlier lab ended are
    /// interrupted, those that were queued are queued again. No other interpreters than these are
    /// ever run.
    pub fn start(history: Store, interpreters: Interpreters) -> Result<Self, StartError> {
        Self::open(history, SchedulerConfig::default(), interpreters, QueuedJobs::Requeue)
    }

    /// The same with another configuration and policy for queued jobs.
    pub fn open(
        history: Store,
        config: SchedulerConfig,
        interpreters: Interpreters,
        queued: QueuedJobs,
    ) -> Result<Self, StartError> {
        let counters = Arc::new(Counters::default());
        let counting = CountingSink::new(Arc::new(history.clone()), Arc::clone(&counters));
        let sink: Arc<dyn EventSink> = Arc::new(counting);
        let scheduler = Scheduler::open(config, &sink, interpreters.clone())?;
        let inner = LabInner {
            jobs: Registry::default(),
            scheduler,
            sink,
            history,
            rounds: RoundsCache::default(),
            unqueued: DashSet::new(),
            create_lock: Mutex::default(),
            interpreters,
            counters,
            stopping: Abort::default(),
            start_time_ns: unix_time_ns(),
        };
        let lab = Self(Arc::new(inner));
        if lab.history().is_writable() {
            lab.recover(queued)?;
        }
        Ok(lab)
    }

    /// A lab whose history is deleted with it.
    pub fn temporary(interpreters: Interpreters) -> Result<Self, StartError> {
        Self::start(Store::temporary()?, interpreters)
    }

    /// Its history.
    pub fn history(&self) -> &Store {
        &self.0.history
    }

    /// Plans a sweep without running it. May take seconds where interpreters have to be identified.
    pub fn plan(&self, spec: &SweepSpec) -> Result<Plan, LabError> {
        self.plan_with(spec, EqualIntervals::default())
    }

    /// The same with equal intervals as an earlier version may have planned them.
    fn plan_with(&self, spec: &SweepSpec, equal: EqualIntervals) -> Result<Plan, LabError> {
        // A fresh UUIDv7 is a good source of a seed: 74 of its bits are random.
        let (high, low) = Uuid::now_v7().as_u64_pair();
        let seed = SplitMix64::of(&[high, low]).draw();
        Ok(Plan::among(self.0.scheduler.cores(), spec, &self.0.interpreters, seed, equal)?)
    }

    /// Plans and queues a sweep, or returns the one that the same request created before; durable
    /// when this returns.
    pub fn create(
        &self,
        spec: &SweepSpec,
        request_id: &str,
        owner: Owner,
    ) -> Result<Record, LabError> {
        self.create_job(request_id, owner.clone(), || {
            let plan = self.plan(spec)?;
            let interpreters = &self.0.interpreters;
            let new = codec::new_sweep(new_id(), owner, request_id, spec, &plan, interpreters);
            Ok((new, Arc::new(Sweep::new(plan)) as Arc<dyn JobKind>))
        })
    }

    /// Stores and queues a new job, or returns the one that the same request created before.
    fn create_job(
        &self,
        request_id: &str,
        owner: Owner,
        make: impl FnOnce() -> Result<(NewJob, Arc<dyn JobKind>), LabError>,
    ) -> Result<Record, LabError> {
        let _creating = self.0.create_lock.lock();
        if let Some(known) = self.find_by_request_id(&owner, request_id)? {
            return Ok(known);
        }
        let (new, kind) = make()?;
        let record = self.0.history.create(new)?;
        let job = Job::new(record.id.clone(), owner, kind);
        self.0.jobs.add(Arc::clone(&job));
        self.queue(&job)?;
        Ok(record)
    }

    fn find_by_request_id(
        &self,
        owner: &Owner,
        request_id: &str,
    ) -> Result<Option<Record>, LabError> {
        if request_id.is_empty() {
            return Ok(None);
        }
        let known = self.0.history.of_request(&owner.to_string(), request_id)?;
        Ok(known.map(|id| self.0.history.record(&id)).transpose()?)
    }

    /// Queues a new job; withdraws it from the history if the scheduler refuses it.
    fn queue(&self, job: &Arc<Job>) -> Result<(), LabError> {
        let Err(refused) = self.0.scheduler.push(Arc::clone(job)) else {
            // A cancel of a moment ago did not find it in the queue.
            if job.state() == State::Cancelling {
                self.end_if_queued(job.id());
            }
            return Ok(());
        };
        self.0.jobs.remove(job.id());
        self.0.history.withdraw(job.id())?;
        Err(refused.into())
    }

    /// The interpreters that may be run here.
    pub fn interpreters(&self) -> &Interpreters {
        &self.0.interpreters
    }

    /// Measures the cost of a step and a task in an interpreter; an empty path stands for the only
    /// interpreter. Takes a few seconds, in which no job starts.
    pub fn calibrate(&self, path: &str) -> Result<(Interpreter, Calibration), LabError> {
        let wanted: Vec<_> =
            Some(path.to_owned()).filter(|path| !path.is_empty()).into_iter().collect();
        if wanted.is_empty() && self.0.interpreters.paths().count() > 1 {
            let known: Vec<_> =
                self.0.interpreters.paths().map(|path| path.display().to_string()).collect();
            return Err(LabError::Limit(LimitError {
                field: "python",
                value: "nothing".into(),
                reason: "names none of several interpreters".into(),
                way_out: format!("choose one of {}", known.join(", ")).into(),
            }));
        }
        let (_, interpreter) = self.0.interpreters.choose(&wanted)?.swap_remove(0);
        let measured = self
            .0
            .scheduler
            .exclusively(|| python::calibrate::calibrate(&interpreter, &self.0.stopping));
        let calibration = measured.ok_or(LabError::Busy)??;
        Ok((interpreter, calibration))
    }

    /// The job with that id; a sweep has all its cells.
    pub fn record(&self, kind: Kind, id: &str) -> Result<Record, LabError> {
        let not_found = || LabError::NotFound { kind: kind.word(), id: id.to_owned() };
        match self.0.history.record(id) {
            Ok(record) if record.kind == kind => Ok(record),
            Ok(_) | Err(HistoryError::NotFound(_)) => Err(not_found()),
            Err(error) => Err(error.into()),
        }
    }

    /// Jobs of a kind in brief, newest first: at most `most`, only those in `state` and
    /// of `owner` if they are given.
    pub fn list(
        &self,
        kind: Kind,
        since: Since<'_>,
        state: Option<State>,
        owner: Option<&Owner>,
        most: usize,
    ) -> Result<Vec<Record>, LabError> {
        Ok(self.0.history.list(kind, since, state, owner, most)?)
    }

    /// The results of a sweep, as far as they are stored.
    pub fn results(&self, record: &Record) -> Result<CellEvents, LabError> {
        Ok(self.0.history.cell_events(record)?)
    }

    /// How many jobs are before it in the queue; 0 if it is not queued.
    pub fn position(&self, id: &str) -> usize {
        self.0.scheduler.position(id).unwrap_or(0)
    }

    /// The scheduler, to read its state.
    pub fn scheduler(&self) -> &Scheduler {
        &self.0.scheduler
    }

    /// How many jobs are queued.
    pub fn queued(&self) -> usize {
        self.0.scheduler.len()
    }

    /// The jobs of the process that has the history open to write, of which none runs if there is no
    /// such process; `None` if it is this one.
    pub fn elsewhere(&self) -> Result<Option<JobsElsewhere>, LabError> {
        if self.0.history.is_writable() {
            return Ok(None);
        }
        let unended = self.0.history.unended()?;
        let is_queued = |record: &&Record| record.state == State::Queued;
        let is_run = |record: &&Record| self.0.history.holder().is_some() && !is_queued(record);
        let running = unended.iter().find(is_run).map(Record::name);
        Ok(Some(JobsElsewhere { running, queued: unended.iter().filter(is_queued).count() }))
    }

    /// The counters since the start.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.0.counters
    }

    /// Resource name of a job that runs, if any does.
    pub fn running(&self) -> Option<String> {
        let running = self.0.scheduler.running();
        running.iter().find(|job| !job.state().is_terminal()).map(|job| job.name())
    }

    /// How many sweeps the history has.
    pub fn stored_sweeps(&self) -> Result<usize, LabError> {
        Ok(self.0.history.count(Kind::Sweep)?)
    }

    /// When the lab started, in nanoseconds since the Unix epoch.
    pub fn start_time_ns(&self) -> u64 {
        self.0.start_time_ns
    }

    /// Asks a job to stop; its results so far are kept.
    pub fn cancel(&self, kind: Kind, id: &str) -> Result<Record, LabError> {
        let record = self.record(kind, id)?;
        self.0.history.check_writable()?;
        let Some(job) = self.live_job(&record) else {
            return self.cancel_unqueued(&record);
        };
        let ended = |why| LabError::Ended { kind: kind.word(), why };
        job.lifecycle().apply(Transition::Cancel).map_err(ended)?;
        self.0.history.cancelling(id)?;
        job.lifecycle().stop(StopReason::Cancelled);
        self.end_if_queued(id);
        self.record(kind, id)
    }

    /// Ends a cancelled job if it is still queued; otherwise the lane that took it does.
    fn end_if_queued(&self, id: &str) {
        let Some(job) = self.0.scheduler.remove(id) else { return };
        if let Err(problem) = job.end_unstarted(&*self.0.sink, StopReason::Cancelled) {
            tracing::error!(%job, %problem, "could not be cancelled");
        }
    }

    /// Follows the events of a job after a sequence number.
    pub fn follow(&self, kind: Kind, id: &str, after: u64) -> Result<Subscription, LabError> {
        self.record(kind, id)?;
        let head = self.0.history.head(id)?;
        if head.end == LogEnd::Closed && after > head.sequence {
            return Err(LabError::BeyondEnd { after, last: head.sequence });
        }
        Ok(self.0.history.follow(kind, id, after)?)
    }

    /// Ends the running jobs, and the queued ones unless the configuration keeps them; `false` if
    /// the threads of the lanes did not end within `patience`.
    pub fn stop(&self, patience: Duration) -> bool {
        self.0.stopping.raise();
        let ended = self.0.scheduler.stop(patience);
        self.0.history.suspend();
        if let Err(problem) = self.0.history.checkpoint() {
            tracing::warn!(%problem, "the write-ahead log could not be folded into the database");
        }
        ended
    }
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("history", &self.0.history).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "lab_tests.rs"]
pub(crate) mod tests;
