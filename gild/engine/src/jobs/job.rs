//! A job: something to do that was requested, queued and gets an end. [`Job`] is what all kinds
//! have in common; a [`JobKind`] says how one of them runs and ends.

use std::fmt;
use std::sync::Arc;

use crate::exec::executor::Executor;
use crate::jobs::event::sink::{AppendError, EventSink, JobEvent};
use crate::jobs::owner::Owner;
use crate::jobs::state::{IllegalTransition, Lifecycle, State, StopReason, Transition};

/// A job that has not been deleted since this process queued it.
#[derive(Debug)]
pub struct Job {
    id: String,
    owner: Owner,
    lifecycle: Lifecycle,
    kind: Arc<dyn JobKind>,
}

/// A kind of job, with what was requested of one.
pub trait JobKind: fmt::Debug + Send + Sync {
    /// What the kind is called, in one word; its resource names begin with the plural.
    fn name(&self) -> &'static str;

    /// Attempts done, and attempts of the whole job; `None` if it has no attempts.
    fn attempts(&self) -> Option<(u64, u64)>;

    /// Runs a queued job to its end.
    fn run(&self, job: &Job, executor: &mut Executor, sink: &dyn EventSink)
    -> Result<(), RunError>;

    /// Ends a job that has not run since it was queued.
    fn end_unstarted(
        &self,
        job: &Job,
        sink: &dyn EventSink,
        reason: StopReason,
    ) -> Result<(), RunError>;

    /// Ends a job whose run panicked: a bug, which must not leave its watchers waiting.
    fn end_panicked(&self, job: &Job, sink: &dyn EventSink) -> Result<(), RunError>;
}

/// Why the log of a job could not be kept: a bug, or a job that was deleted while it ran.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state machine refused.
    #[error(transparent)]
    Transition(#[from] IllegalTransition),
    /// The event sink refused.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl Job {
    /// A job in the queue.
    pub fn new(id: String, owner: Owner, kind: Arc<dyn JobKind>) -> Arc<Self> {
        Arc::new(Self { id, owner, lifecycle: Lifecycle::default(), kind })
    }

    /// Its time-sortable id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its resource name, e.g. `sweeps/0abc`.
    pub fn name(&self) -> String {
        format!("{}s/{}", self.kind.name(), self.id)
    }

    /// The client that requested it.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Its state machine.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// Its state; never waits for a disk.
    pub fn state(&self) -> State {
        self.lifecycle.state()
    }

    /// Attempts done, and attempts of the whole job; `None` if it has no attempts.
    pub fn attempts(&self) -> Option<(u64, u64)> {
        self.kind.attempts()
    }

    /// Runs the job to its end.
    pub fn run(&self, executor: &mut Executor, sink: &dyn EventSink) -> Result<(), RunError> {
        self.kind.run(self, executor, sink)
    }

    /// Ends the job before it has run.
    pub fn end_unstarted(&self, sink: &dyn EventSink, reason: StopReason) -> Result<(), RunError> {
        self.kind.end_unstarted(self, sink, reason)
    }

    /// Ends the job after its run panicked.
    pub fn end_panicked(&self, sink: &dyn EventSink) -> Result<(), RunError> {
        self.kind.end_panicked(self, sink)
    }

    /// Ends the job with its last event, which gets the final state and the time of the end in
    /// nanoseconds since the Unix epoch.
    pub(crate) fn end(
        &self,
        sink: &dyn EventSink,
        transition: Transition,
        error: &str,
        event: impl FnOnce(State, u64) -> JobEvent,
    ) -> Result<(), RunError> {
        self.lifecycle.end(transition, error, |state, time_ns| {
            sink.append(&self.id, event(state, time_ns))?;
            Ok(())
        })
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.id)
    }
}
