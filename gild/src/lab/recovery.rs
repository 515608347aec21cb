//! Crash recovery at start-up: jobs that were running when an earlier lab ended become INTERRUPTED,
//! because the result of their last attempt is unknown; queued jobs are queued again. Measures
//! nothing.

use std::ops::ControlFlow;
use std::sync::Arc;

use tracing::{info, warn};

use crate::lab::error::{LabError, StartError};
use crate::lab::{Lab, QueuedJobs};
use crate::store::Store;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::record::{Kind, Record};
use engine::jobs::event::exploration::{ExplorationEnd, ExplorationEvent, ExplorationResult};
use engine::jobs::event::sink::{AppendError, EventSink, JobEvent};
use engine::jobs::event::sweep::SweepEvent;
use engine::jobs::exploration::job::Exploration;
use engine::jobs::job::{Job, JobKind};
use engine::jobs::state::{IllegalTransition, State, Transition};
use engine::jobs::sweep::job::{PreviousRun, Sweep};
use engine::measure::turn::StoredTurn;
use engine::plan::sweep_plan::{EqualIntervals, Plan};
use engine::sys::clock::unix_time_ns;

impl Lab {
    /// Ends or queues each job that has not ended.
    pub(crate) fn recover(&self, queued: QueuedJobs) -> Result<(), StartError> {
        self.warn_of_a_clock_set_back()?;
        for record in self.0.history.unended()? {
            let recovered = match record.state {
                State::Queued if queued == QueuedJobs::Leave => {
                    self.0.unqueued.insert(record.id.clone());
                    Ok(())
                }
                State::Queued => self.requeue(&record),
                _ => self.interrupt(&record),
            };
            match recovered {
                Ok(()) => {}
                // The queue is shorter than before: the job is left for the next start.
                Err(error @ LabError::Queue(_)) => {
                    warn!(id = record.id, %error, "stays queued until the lab is started again");
                    self.0.jobs.remove(&record.id);
                    self.0.unqueued.insert(record.id);
                }
                Err(error) => self.refuse(&record, &error.to_string())?,
            }
        }
        Ok(())
    }

    /// The job of a record, if it has not ended.
    pub(crate) fn live_job(&self, record: &Record) -> Option<Arc<Job>> {
        self.0.jobs.get(&record.id).or_else(|| {
            let is_queued = record.state == State::Queued && !self.0.unqueued.contains(&record.id);
            // It may be stored and not queued yet, while the lock is held.
            is_queued.then(|| drop(self.0.create_lock.lock()))?;
            self.0.jobs.get(&record.id)
        })
    }

    /// Cancels a job that is queued in the history and not in the scheduler; refuses any other.
    pub(crate) fn cancel_unqueued(&self, record: &Record) -> Result<Record, LabError> {
        let kind = record.kind.word();
        if self.0.unqueued.remove(&record.id).is_none() {
            let record = self.record(record.kind, &record.id)?;
            let (state, transition) = (record.state, Transition::Cancel);
            return Err(if state.is_terminal() {
                LabError::Ended { kind, why: IllegalTransition { state, transition } }
            } else {
                LabError::Ending { kind }
            });
        }
        let reason = match (record.kind, record.attempts) {
            (Kind::Exploration, _) => String::new(),
            (Kind::Sweep, 0) => "cancelled before it began".to_owned(),
            (Kind::Sweep, kept) => {
                let all = record.attempts_requested;
                format!("cancelled before it went on; {kept} of {all} attempts are kept")
            }
        };
        self.append_end(record, State::Cancelled, reason)?;
        self.record(record.kind, &record.id)
    }

    /// The order of jobs does not depend on clocks, but times that people read do.
    fn warn_of_a_clock_set_back(&self) -> Result<(), StartError> {
        let newest = self.0.history.latest_time_ns()?;
        let behind_s = newest.saturating_sub(unix_time_ns()) / 1_000_000_000;
        if behind_s > 0 {
            warn!(
                behind_s,
                "the clock is behind the newest entry of the history: was it set back? the order \
                 of entries is kept, their times are not comparable"
            );
        }
        Ok(())
    }

    fn interrupt(&self, record: &Record) -> Result<(), LabError> {
        let kind = record.kind.word();
        info!(id = record.id, kind, "was running when the lab ended: interrupted");
        let reason = match record.kind {
            Kind::Sweep => format!(
                "interrupted after {} of {} attempts, when the lab ended without warning; `gilctl \
                 resume` runs the others",
                record.attempts, record.attempts_requested
            ),
            Kind::Exploration => "the lab ended while it explored this; ask again".to_owned(),
        };
        self.append_end(record, State::Interrupted, reason)
    }

    /// Ends a job that this lab cannot run. A sweep may be resumed by a lab that can, e.g. once a
    /// setting is as before.
    fn refuse(&self, record: &Record, reason: &str) -> Result<(), StartError> {
        warn!(
            id = record.id,
            reason, "was queued when the lab ended, and cannot be run by this one"
        );
        let appended = match record.kind {
            Kind::Sweep => {
                let verdict = format!(
                    "interrupted after {} of {} attempts: this lab cannot go on with it ({reason})",
                    record.attempts, record.attempts_requested
                );
                self.append_end(record, State::Interrupted, verdict)
            }
            Kind::Exploration => self.append_end(record, State::Failed, reason.to_owned()),
        };
        match appended {
            Ok(()) => Ok(()),
            Err(LabError::History(error)) => Err(error.into()),
            Err(other) => Err(std::io::Error::other(other.to_string()).into()),
        }
    }

    /// Stores the end of a job that does not run: `reason` is the verdict of a sweep, and the error
    /// of an exploration.
    fn append_end(&self, record: &Record, state: State, reason: String) -> Result<(), LabError> {
        let event: JobEvent = match record.kind {
            Kind::Sweep => {
                let (notes, error) = (Vec::new(), String::new());
                SweepEvent::Ended { state, verdict: reason, notes, error }.into()
            }
            Kind::Exploration => {
                let (time_ns, found) = (unix_time_ns(), ExplorationResult::default());
                let end = ExplorationEnd { state, time_ns, found, error: reason };
                ExplorationEvent::Ended(Box::new(end)).into()
            }
        };
        self.0.history.append(&record.id, event).map(drop).map_err(|error| LabError::NotResumable {
            id: record.id.clone(),
            reason: error.to_string(),
        })
    }

    fn requeue(&self, record: &Record) -> Result<(), LabError> {
        let job = self.rebuild(record)?;
        self.0.jobs.add(Arc::clone(&job));
        self.0.scheduler.push(job)?;
        Ok(())
    }

    /// A stored job, ready to run: a sweep is planned as before and goes on from its attempts, an
    /// exploration starts again.
    pub(crate) fn rebuild(&self, record: &Record) -> Result<Arc<Job>, LabError> {
        let kind: Arc<dyn JobKind> = match record.kind {
            Kind::Sweep => Arc::new(self.rebuild_sweep(record)?),
            Kind::Exploration => {
                let spec = codec::exploration_spec(&record.resource)?;
                let estimate = self.estimate(&spec)?;
                Arc::new(Exploration { spec, estimate })
            }
        };
        Ok(Job::new(record.id.clone(), record.owner.clone(), kind))
    }

    fn rebuild_sweep(&self, record: &Record) -> Result<Sweep, LabError> {
        let spec = codec::sweep_spec(&record.resource)?;
        let is_stored_plan =
            |plan: &Plan| codec::is_planned_so(&record.resource, &spec, plan, &self.0.interpreters);
        let mut plan = self.plan(&spec)?;
        if !is_stored_plan(&plan) {
            plan = self.plan_with(&spec, EqualIntervals::Separate)?;
        }
        if !is_stored_plan(&plan) {
            return Err(LabError::NotResumable {
                id: record.id.clone(),
                reason: format!(
                    "gild {} planned it, and this one, {}, would plan other cells (or other \
                     interpreters are there now); `gilctl rerun` runs it anew",
                    record.version,
                    env!("CARGO_PKG_VERSION")
                ),
            });
        }
        let previous_run = StoredRun { history: self.0.history.clone(), job: record.number };
        let moved = codec::move_note(&record.resource).filter(|_| record.attempts > 0);
        Ok(Sweep::resumed(plan, record.attempts, Box::new(previous_run)).with_move(moved))
    }
}

/// The stored turns of a sweep.
#[derive(Debug)]
struct StoredRun {
    history: Store,
    /// The number of the job in the history.
    job: i64,
}

impl PreviousRun for StoredRun {
    fn replay_turns(
        &self,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError> {
        let broken = |error: HistoryError| AppendError::Broken(error.to_string());
        if self.history.each_turn(self.job, take).map_err(broken)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let ended = self.history.ended_cells(self.job).map_err(broken)?;
        let is_complete = |body: &[u8]| codec::is_complete(body).unwrap_or(false);
        let complete = ended.into_iter().filter(|(_, body)| is_complete(body));
        Ok(ControlFlow::Continue(complete.map(|(cell, _)| cell).collect()))
    }
}
